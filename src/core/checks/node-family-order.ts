import { DUAL_IPV4_FIRST, isDual, listOf, missingFrom } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { recreateNode } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type Violation } from './check.ts';

const REPLACE = "Give the node's podCIDRs the order of its peers: drain the node, delete its Node object and restart its kubelet.";

/** rules.md#pod-cidrs-of-a-node, #pod-cidrs-are-immutable. */
export const nodeFamilyOrder: NodeCheck = {
  name: 'NodeFamilyOrder',
  kind: 'Node',
  severity: 'Warning',
  description: 'The podCIDRs of a dual-stack node begin with another family than those of most dual-stack nodes.',
  rationale:
    'The first podCIDR is what single-family software takes for the whole (`spec.podCIDR`), so such a node behaves unlike its peers (k0sproject/k0s#1443). ' +
    'Where as many nodes begin with one family as with the other, the first family of the ServiceCIDR decides.',
  remediation: REPLACE,
  needs: ['Node', 'Pod', 'ServiceCIDR'],
  evaluate,
  describe,
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  if (!view.stack.podCIDRs.inUse || !isDual(node.podCIDRFamilies) || view.podCIDRPrimary === undefined) return undefined;
  const [first] = node.podCIDRFamilies;
  return first === view.podCIDRPrimary ? undefined : violation(listOf([first]));
}

function describe(node: NodeFacts, { families }: Violation): Description {
  return {
    message: `The podCIDRs of node ${node.name} begin with ${families.join()} (${node.podCIDRs.join(', ')}), those of its peers with ${missingFrom(families, DUAL_IPV4_FIRST).join()}`,
    remediation: {
      summary: 'Register the node again, so that its podCIDRs get the order of its peers.',
      steps: recreateNode(node),
    },
  };
}
