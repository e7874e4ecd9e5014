import { DUAL_IPV4_FIRST, isDual, listOf, missingFrom } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { replaceMachine, setsNoFlags } from './platform-fixes.ts';
import { recreateNode } from './recreate-node.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type Violation } from './check.ts';

/** rules.md#pod-cidrs-of-a-node, #pod-cidrs-are-immutable. */
export const nodeFamilyOrder: NodeCheck = {
  name: 'NodeFamilyOrder',
  kind: 'Node',
  severity: 'Warning',
  description: 'The podCIDRs of a dual-stack node start with another family than those of most dual-stack nodes.',
  rationale:
    'Single-family software uses only the first podCIDR (`spec.podCIDR`), so this node behaves differently from its peers ' +
    '(k0sproject/k0s#1443). If as many nodes start with one family as with the other, the first family of the ServiceCIDR decides.',
  remediation: "Give the node's podCIDRs the order of its peers: drain the node, delete its Node object and restart the machine.",
  needs: ['Node', 'Pod', 'ServiceCIDR'],
  evaluate,
  describe,
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  if (!view.stack.podCIDRs.inUse || !isDual(node.podCIDRFamilies) || view.podCIDRPrimary === undefined) return undefined;
  const [first] = node.podCIDRFamilies;
  return first === view.podCIDRPrimary ? undefined : violation(listOf([first]));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  return {
    message: `The podCIDRs of node ${node.name} begin with ${families.join()} (${node.podCIDRs.join(', ')}), those of its peers with ${missingFrom(families, DUAL_IPV4_FIRST).join()}`,
    remediation: {
      summary: 'Register the node again, so that its podCIDRs get the order of its peers.',
      steps: setsNoFlags(view) ? replaceMachine(node, view) : recreateNode(node, { platform: view.platform.name }),
    },
  };
}
