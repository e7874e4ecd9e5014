import { deniedWords, missingFrom } from '../addresses.ts';
import type { PodFacts } from '../facts.ts';
import { nodeLeftOut } from '../judged.ts';
import type { ClusterView } from '../view.ts';
import { restartPod } from '../remedies.ts';
import { lacking, type Description, type PodCheck, type Verdict } from './check.ts';

/** Rule P3. */
export const podHostNetworkStale: PodCheck = {
  name: 'PodHostNetworkStale',
  kind: 'Pod',
  severity: 'Info',
  description: 'A host-network pod lacks a family that its node has.',
  rationale:
    "A host-network pod has its node's addresses. The kubelet appends the second family when the node becomes dual-stack and never replaces an address " +
    '(k/k#105320, #106715, #116879), so a pod that started before may keep one.',
  remediation: 'Restart the pod; a static pod by moving its manifest out of the manifest folder of its node and back.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
};

function evaluate(pod: PodFacts, view: ClusterView): Verdict | undefined {
  if (!pod.hostNetwork || pod.state !== 'Running') return undefined;
  const node = view.node(pod.nodeName);
  // The second family of a Windows node is not judged (N7).
  if (!node || nodeLeftOut(node) || node.windows) return undefined;
  return lacking(missingFrom(pod.families, node.addressFamilies), pod.startedAt + view.grace.pod);
}

function describe(pod: PodFacts, { families }: Verdict): Description {
  return {
    message: `Host-network pod ${pod.namespace}/${pod.name} has no ${deniedWords(families)} address, which its node ${pod.nodeName} has`,
    remediation: restartPod(pod, `The pod, at the ${deniedWords(families)} addresses of its node.`),
  };
}
