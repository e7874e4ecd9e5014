import { joinWithOr, familyWords, isDual, listOf, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NETWORK, PODS_OF_NODE_ADDRESSES } from '../cluster/reach.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { neededAddressesSettledAt } from '../cluster/pod-grace.ts';
import type { Parameter } from '../cluster/parameters.ts';
import type { ClusterView } from '../cluster/view.ts';
import { familiesAtPlatform, setsNoFlags } from './platform-fixes.ts';
import { podExposure } from './remedies.ts';
import { runtimeFix } from './runtime-fix.ts';
import { violation, type Description, type NodeCheck, type RemediationStep, type Share, type Violation } from './check.ts';

/** One pod may be an accident; that all of several lack a family is the node's doing. */
const MINIMUM_PODS: Parameter = {
  name: 'minimumPods',
  type: 'integer',
  default: 2,
  minimum: 1,
  maximum: 100,
  description: 'How many pods on a node must lack a family before the finding is on the node.',
};

/** rules.md#families-a-node-gives. */
export const nodePodNetworkFamilyMissing: NodeCheck = {
  name: 'NodePodNetworkFamilyMissing',
  kind: 'Node',
  severity: 'Critical',
  description: 'All pods of the pod network on a node lack a family that the node can give.',
  rationale:
    'The node has what it needs, so the CNI plugin on it does not use the family (projectcalico/calico#9312, cilium/cilium#15789). ' +
    "If the plugin's annotation on the pods names the family, the container runtime or the kubelet does not report it " +
    '(Mirantis/cri-dockerd#504). The families that a node can give are those of its podCIDRs, if pods take their ' +
    'addresses from them, and otherwise those of pods on other nodes. A family that pods have although no node has a podCIDR of it counts too. ' +
    "The node's own addresses never count, but if no pod has the family on the nodes without an address of it, while pods on most other nodes " +
    'have it, NodeAddressMissing is the cause on the former. While such nodes are still to be converted, NodeAddressMissing alone says so. It ' +
    'does the same of several such nodes beside a node that has an address and gives the family to no pod, because that is another fault.',
  remediation:
    'Check that the CNI plugin on the node is configured for both families (its configuration in /etc/cni/net.d, the log of its ' +
    'agent, IPv6 forwarding). Then restart the pods.',
  needs: ['Node', 'Pod'],
  parameters: [MINIMUM_PODS],
  evaluate,
  describe,
  explains: PODS_OF_NETWORK,
  // Some CNI plugins give no family that their node has no address of.
  causedThrough: {
    kind: 'Node',
    objects: (node) => [node],
    missing: ({ addressFamilies }: NodeFacts, families, view) =>
      listOf(families.filter((family) => !addressFamilies.includes(family) && view.podsFollowAddresses(family))),
    explaining: PODS_OF_NODE_ADDRESSES,
    counts: () => true,
  },
  migration: { stage: 'PodNetwork' },
  metrics: ['node_families'],
  rollUp: { over: 'most', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const pods = view.podsOn(node);
  if (pods.total < view.valueOf(MINIMUM_PODS)) return undefined;
  const given = view.familiesGivenBy(node) ?? NO_FAMILY;
  const missing = listOf(given.filter((family) => pods.having[family] === 0 && !view.conversion.isAwaitedOn(node, family)));
  if (missing.length === 0 || !isToBlame(node, missing, view)) return undefined;
  return violation(missing, Math.max(graceEnd(node, view), neededAddressesSettledAt(node, missing, view)));
}

/** Pods that are older than the second family, or of a workload of one family, or newer than a loss everywhere, say nothing about the node. */
function isToBlame(node: NodeFacts, missing: FamilyList, view: ClusterView): boolean {
  const { singleFamilyPods } = view;
  const evidence = view.networkPodsOn(node).filter((pod) => !singleFamilyPods.isExplained(pod));
  return evidence.filter((pod) => missing.some((family) => !pod.families.includes(family))).length >= view.valueOf(MINIMUM_PODS);
}

/** A pod may still get its second address, so those in grace are no evidence: it takes as many others. */
function graceEnd(node: NodeFacts, view: ClusterView): number {
  const start = view.startsOn(node)[view.valueOf(MINIMUM_PODS) - 1];
  return start === undefined ? 0 : start + view.grace.pod;
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  return {
    message: `None of the ${view.podsOn(node).total} pods of the pod network on node ${node.name} has ${joinWithOr(families)}, which the node can give`,
    remediation: runtimeFix(view.networkPodsOn(node), families, view) ?? {
      summary: `Make the CNI plugin on the node give pods ${joinWithOr(families)}, then restart the pods.`,
      steps: [
        {
          description: 'See which addresses the pods on the node have.',
          command: `kubectl get pods --all-namespaces --field-selector spec.nodeName=${node.name} -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip`,
          disruption: 'None',
        },
        checkPlugin(node, families, view),
        restartPods('on the node', families),
      ],
    },
  };
}

function checkPlugin(node: NodeFacts, families: FamilyList, view: ClusterView): RemediationStep {
  const { name } = node;
  if (view.isMadeUp(node)) {
    return {
      description: `Have the machine behind this node checked in the host cluster, which has the CNI plugin: whether pods of other namespaces there get ${familyWords(families)}, and whether the plugin on it is configured for that.`,
      disruption: 'None',
    };
  }
  if (setsNoFlags(view)) {
    return {
      description: `Compare the pod of the CNI plugin on the node, its version and its log, with those on nodes whose pods have ${familyWords(families)}. If they are the same, replace the node.`,
      command: `kubectl get pods --all-namespaces --field-selector spec.nodeName=${name} -o wide`,
      disruption: 'None',
    };
  }
  return {
    description: `Check that the CNI plugin on the node is configured for ${familyWords(families)}: its configuration in /etc/cni/net.d, the log of its agent${families.includes('IPv6') ? ', and IPv6 forwarding (sysctl net.ipv6.conf.all.forwarding)' : ''}.`,
    disruption: 'None',
  };
}

function describeAll(families: FamilyList, { nodes, of }: Share, view: ClusterView): Description {
  return {
    message: `On ${nodes} of ${of} nodes no pod of the pod network has ${isDual(families) ? 'both families' : joinWithOr(families)}, which the nodes can give`,
    remediation: runtimeFix(view.singleFamilyPods.all(), families, view) ?? {
      summary: `Configure the CNI plugin for ${familyWords(families)} too, then restart the pods.`,
      steps: [
        familiesAtPlatform(families, view) ?? {
          description: `Give the CNI plugin an ${joinWithOr(families)} pool, and switch its dual-stack setting on.`,
          disruption: 'None',
        },
        restartPods('on these nodes', families),
      ],
    },
  };
}

function restartPods(where: string, families: FamilyList): RemediationStep {
  return {
    description: `Restart the pods ${where}, workload by workload (kubectl rollout restart). A pod gets its addresses when it starts.`,
    disruption: 'RestartsPods',
    exposes: podExposure(families),
  };
}
