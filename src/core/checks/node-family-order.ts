import { DUAL_IPV4_FIRST, isDual, listOf, missingFrom } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { replaceMachine, setsNoFlags } from './platform-fixes.ts';
import { recreateNode } from './recreate-node.ts';
import { hasMachineTool } from './replace-by-tool.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type RemediationStep, type Violation } from './check.ts';

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
  const { name } = view.platform;
  return {
    message: `The podCIDRs of node ${node.name} begin with ${families.join()} (${node.podCIDRs.join(', ')}), those of its peers with ${missingFrom(families, DUAL_IPV4_FIRST).join()}`,
    remediation: {
      summary: `${setsNoFlags(view) || hasMachineTool([node], name) ? 'Replace the node' : 'Register the node again'}, so that its podCIDRs get the order of its peers.`,
      steps: [
        ...(name === 'k0s' ? [ORDER_OF_K0S] : []),
        ...(setsNoFlags(view) ? replaceMachine(node, view) : recreateNode(node, { platform: name })),
      ],
    },
  };
}

/** A node that registers again gets the order that kube-controller-manager has, which the version of k0s decides. */
const ORDER_OF_K0S: RemediationStep = {
  description:
    'Verify that kube-controller-manager has the order of the peers: --cluster-cidr begins with IPv6 before k0s 1.36, and with the primary address family from 1.36 on, unless spec.controllerManager.extraArgs of the configuration sets cluster-cidr. It does not start while nodes have podCIDRs of the other order (k0sproject/k0s#7927).',
  disruption: 'None',
};
