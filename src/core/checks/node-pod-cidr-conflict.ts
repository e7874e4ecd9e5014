import { familyOfCIDR, familyWords, listOf, NO_FAMILY, union, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { recreateNode } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type Violation } from './check.ts';

const REPLACE = 'Delete all but one of the nodes that share the range and restart their kubelets, so that each gets a podCIDR of its own.';

/** rules.md#pod-cidrs-of-a-node. */
export const nodePodCIDRConflict: NodeCheck = {
  name: 'NodePodCIDRConflict',
  kind: 'Node',
  severity: 'Critical',
  description: 'The podCIDRs of two nodes overlap, or a node has two of one family.',
  rationale:
    'Pods of two nodes can then be given the same address, and traffic for one goes to the other. podCIDRs hold at most one range a family, and no two ' +
    'nodes share one; it comes of two allocators, or of Node objects that were restored or made by hand. Where the pod network does not take addresses from podCIDRs, nothing comes ' +
    'of it.',
  remediation: REPLACE,
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  if (!view.stack.podCIDRs.inUse) return undefined;
  return violation(union(repeatedFamiliesOf(node), view.podCIDRConflictFamilies(node)));
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
        ...recreateNode(node),
      ],
    },
  };
}
