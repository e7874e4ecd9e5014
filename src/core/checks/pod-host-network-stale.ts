import { joinWithOr, familyOfAddress, missingFrom, NO_FAMILY } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from '../cluster/view.ts';
import { restartPod } from './restart-pod.ts';
import { describeStaleHostPods } from './stale-host-pods.ts';
import { restartKubelet } from './restart-static-pod.ts';
import { violation, type Description, type PodCheck, type Remediation, type Violation } from './check.ts';

function renewStatus(pod: PodFacts): Remediation {
  return { summary: `Restart the kubelet of node ${pod.nodeName}, now that the node lists the new address.`, steps: [restartKubelet(pod)] };
}

/** rules.md#host-network-pods. */
export const podHostNetworkStale: PodCheck = {
  name: 'PodHostNetworkStale',
  kind: 'Pod',
  severity: 'Info',
  description: 'A host-network pod lacks a family that its node has, or has an address that its node does not list.',
  rationale:
    'A host-network pod has the addresses that its node had when the pod started. The kubelet appends the second family when the ' +
    'node becomes dual-stack, and updates an address only together with the whole status (kubernetes/kubernetes#105320, #106715, ' +
    '#116879). A pod from before the change can keep its old addresses (kubernetes/kubernetes#93897, tigera/operator#4784). An ' +
    "address is stale, and the finding a Warning, if neither the pod's `hostIPs` nor its node lists it, while the node is Ready " +
    'and lists another address of the family. Endpoints continue to use a stale address. Several such pods are one finding on ' +
    'the cluster, because they all started before their nodes got other addresses or one more family.',
  remediation:
    'Delete the pod. For a static pod, restart the kubelet once the node lists the new address: deleting its mirror pod has no ' +
    'effect.',
  needs: ['Node', 'Pod', 'ServiceCIDR'],
  evaluate,
  describe,
  // Nodes that got a family or other addresses have several such pods: one fault, which each Service of theirs shows.
  rollUp: {
    over: 'together',
    describe: (families, _share, view, pods) => describeStaleHostPods(families, pods, view),
  },
};

function evaluate(pod: PodFacts, view: ClusterView): Violation | undefined {
  if (!pod.hostNetwork || pod.state !== 'Running') return undefined;
  const node = view.node(pod.nodeName);
  if (!node || nodeSkipReason(node)) return undefined;
  // A node that starts again may have other addresses, which its kubelet writes into its pods one after the other.
  const due = Math.max(pod.startedAt, node.readyChangedAt) + view.grace.pod;
  const stale = view.staleFamilies(pod);
  // The second family of a Windows node is not evaluated (rules.md#skipped-nodes).
  const missing = node.windows ? NO_FAMILY : missingFrom(pod.families, node.addressFamilies);
  const found = stale.length > 0 ? violation(stale, due, 'Warning') : violation(missing, due);
  return found && { ...found, together: true };
}

function describe(pod: PodFacts, { families }: Violation, view: ClusterView): Description {
  const stale = view.staleFamilies(pod);
  if (stale.length === 0) {
    return {
      message: `Host-network pod ${pod.namespace}/${pod.name} has no ${joinWithOr(families)} address, which its node ${pod.nodeName} has`,
      remediation: restartPod(pod, view, `The pod, at the ${joinWithOr(families)} addresses of its node.`),
    };
  }
  const addresses = pod.addresses.filter((address) => stale.some((family) => family === familyOfAddress(address)));
  return {
    message: `Host-network pod ${pod.namespace}/${pod.name} has ${addresses.join(' and ')}, not among the addresses that its node ${pod.nodeName} lists`,
    remediation: pod.mirror ? renewStatus(pod) : restartPod(pod, view),
  };
}
