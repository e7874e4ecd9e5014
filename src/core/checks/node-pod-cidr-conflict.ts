import { familyOfCIDR, familyWords, listOf, NO_FAMILY, union, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { replaceMachine, setsNoFlags } from './platform-fixes.ts';
import { recreateNode } from './recreate-node.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type Violation } from './check.ts';

/** rules.md#pod-cidrs-of-a-node, #pod-cidrs-in-use. */
export const nodePodCIDRConflict: NodeCheck = {
  name: 'NodePodCIDRConflict',
  kind: 'Node',
  severity: 'Critical',
  description: 'The podCIDRs of two nodes overlap, or a node has two podCIDRs of one family.',
  rationale:
    'Pods on two nodes can get the same address, and traffic for one pod goes to the other. A node has at most one podCIDR per ' +
    'family, and no two nodes share a range. The cause is two allocators, or Node objects that were restored or made by hand. The ' +
    'overlap has no effect, and is not reported, unless pods show that the pod network takes addresses from podCIDRs: most nodes ' +
    'have most of their pods in them, and no plugin with pools of its own runs.',
  remediation:
    'Drain all but one of the nodes that share the range, delete their Node objects and restart the machines, so that each node gets its own podCIDR.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const { used } = view.stack.podCIDRs;
  if (used.length === 0) return undefined;
  const families = union(repeatedFamiliesOf(node), view.podCIDRConflictFamilies(node));
  return violation(listOf(families.filter((family) => used.includes(family))));
}

function repeatedFamiliesOf({ podCIDRs, podCIDRFamilies }: NodeFacts): FamilyList {
  if (podCIDRs.length === podCIDRFamilies.length) return NO_FAMILY;
  const families = podCIDRs.map(familyOfCIDR);
  return listOf(families.filter((family, index) => families.indexOf(family) !== index));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const conflict = view.podCIDRConflicts(node).find(({ cidr }) => families.some((family) => family === familyOfCIDR(cidr)));
  return {
    message: conflict
      ? `podCIDR ${conflict.cidr} of node ${node.name} overlaps one of node ${conflict.node}`
      : `Node ${node.name} has two podCIDRs of ${familyWords(families)}: ${node.podCIDRs.join(', ')}`,
    remediation: {
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [
        {
          description:
            "Find out who gave the range twice: two allocators, or Node objects that were restored or made by hand. A node's podCIDRs cannot be changed once set.",
          command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
          disruption: 'None',
        },
        ...(setsNoFlags(view) ? replaceMachine(node, view) : recreateNode(node, { platform: view.platform.name })),
      ],
    },
  };
}
