import { familyWords, listOf, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { settledAt } from '../cluster/grace.ts';
import type { ClusterView, Stray } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { violation, type Description, type NodeCheck, type RemediationStep, type Share, type Violation } from './check.ts';

/** rules.md#pod-cidrs-in-use, #pod-cidrs-are-immutable. */
export const nodePodsInForeignRange: NodeCheck = {
  name: 'NodePodsInForeignRange',
  kind: 'Node',
  severity: 'Critical',
  description: 'Pods on a node have addresses in the podCIDR of another node.',
  rationale:
    'Traffic for these pods goes to the other node, and that node can give the same address to a pod of its own. It happens when a ' +
    'Node object is deleted and registered again while its pods keep running: the new object gets another podCIDR, and the old one ' +
    'goes to the next node that registers. The finding needs evidence that the pod network uses podCIDRs: most nodes have most of ' +
    'their pods in them, and no plugin with pools of its own runs (projectcalico/calico#2900, projectcalico/calico#2592). Where ' +
    'Cilium runs it is Info, because Cilium can have ranges of its own that are the same as podCIDRs.',
  remediation: 'Restart the pods, so that they get addresses in the podCIDR of their own node.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  rollUp: { over: 'most', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  if (!view.hasStrays(node)) return undefined;
  const families = listOf(foreign(node, view.podCIDRFamiliesUsedOn(node), view).map(({ family }) => family));
  // Pods that outlive their Node object may be about to go, as when the machine restarts.
  const due = Math.max(node.createdAt + view.grace.node, settledAt(node, view.grace));
  return violation(families, due, view.stack.podCIDRs.mayCoincide ? 'Info' : undefined);
}

/** The pods on a node with an address in a podCIDR of another one, by name. */
function foreign(node: NodeFacts, families: FamilyList, view: ClusterView): readonly Stray[] {
  if (families.length === 0) return [];
  return view
    .straysOn(node)
    .filter(({ family, holder }) => holder !== undefined && families.includes(family))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ pod, address }: Stray): string {
  return `${pod.namespace}/${pod.name} ${address}`;
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const strays = foreign(node, families, view);
  const pods = new Set(strays.map(({ pod }) => pod)).size;
  const [first] = strays;
  const example = first ? `, such as ${first.pod.namespace}/${first.pod.name} with ${first.address} of node ${first.holder}` : '';
  return {
    message: `${counted(pods, 'pod')} on node ${node.name} ${pods === 1 ? 'has an address' : 'have addresses'} in the podCIDR of another node${example}`,
    remediation: {
      summary: 'Restart these pods, so that they get addresses in the podCIDR of their own node.',
      steps: [
        {
          description: 'Compare the addresses of the pods on the node with the podCIDRs of the nodes.',
          command: `kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs; kubectl get pods --all-namespaces --field-selector spec.nodeName=${node.name} -o wide`,
          disruption: 'None',
        },
        restartPods(`on node ${node.name}`),
      ],
    },
  };
}

function describeAll(families: FamilyList, { nodes, of }: Share): Description {
  return {
    message: `On ${nodes} of ${of} nodes pods have ${familyWords(families)} addresses in the podCIDRs of other nodes`,
    remediation: {
      summary: 'Restart these pods, so that they get addresses in the podCIDRs of their own nodes.',
      steps: [restartPods('on these nodes')],
    },
  };
}

function restartPods(where: string): RemediationStep {
  return {
    description: `Restart the pods ${where}, or the machine: a pod gets its addresses when it starts. If new pods get such addresses too, the CNI plugin still has the range from before, so restart its agent first. Pods lose their emptyDir volumes.`,
    disruption: 'RestartsPods',
  };
}
