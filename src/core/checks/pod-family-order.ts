import { isDual, listOf, type Family } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { nodeSkipReason, podSkipReason } from '../kinds/skipped.ts';
import { setsNoFlags } from './platform-fixes.ts';
import { PREFER_IPV6, setNodeIPOrder } from './self-managed-fixes.ts';
import { restartPod } from './restart-pod.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type PodCheck, type Remediation, type Violation } from './check.ts';

/** Without `--node-ip`, pods begin with IPv4 whatever the cloud lists first. */
function putPreferredFirst(pod: PodFacts, view: ClusterView): Remediation {
  const { steps } = restartPod(pod, view);
  const takesOne = view.node(pod.nodeName)?.takesDualNodeIP === false;
  return {
    summary: 'Give the kubelet of its node --node-ip with the preferred family first, then replace the pod.',
    steps: [takesOne ? PREFER_IPV6 : setNodeIPOrder(view.platform.name), ...steps],
  };
}

/** rules.md#order-of-pod-addresses. */
export const podFamilyOrder: PodCheck = {
  name: 'PodFamilyOrder',
  kind: 'Pod',
  severity: 'Info',
  description: 'The first address of a dual-stack pod has another family than the first address of its node.',
  rationale:
    "Software that reads only `status.podIP`, and the kubelet's probes, use the first address. The kubelet puts the family of its " +
    "node's first address first (kubernetes/kubernetes#95251, #103263). So this pod started under another order, or its kubelet " +
    'has no `--node-ip` and puts IPv4 first although the cloud lists IPv6 first. The check compares the pod with its own node, ' +
    'not with the cluster.',
  remediation: 'Replace the pod. If the new pod has the same order, set --node-ip of the kubelet with the preferred family first.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
};

function evaluate(pod: PodFacts, view: ClusterView): Violation | undefined {
  if (podSkipReason(pod) || !isDual(pod.families)) return undefined;
  const first = firstOfNode(pod, view);
  return first === undefined || pod.families[0] === first ? undefined : violation(listOf([pod.families[0]]));
}

function firstOfNode(pod: PodFacts, view: ClusterView): Family | undefined {
  const node = view.node(pod.nodeName);
  if (!node || nodeSkipReason(node)) return undefined;
  return pod.hostFamilies[0] ?? node.addressFamilies[0];
}

function describe(pod: PodFacts, { families }: Violation, view: ClusterView): Description {
  return {
    message: `The addresses of pod ${pod.namespace}/${pod.name} begin with ${families.join()} (${pod.addresses.join(', ')}), those of its node ${pod.nodeName} with the other family`,
    remediation: families[0] === 'IPv4' && !setsNoFlags(view) ? putPreferredFirst(pod, view) : restartPod(pod, view),
  };
}
