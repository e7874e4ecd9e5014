import { familyWords, listOf, NO_FAMILY, type Family, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { settledAt } from '../cluster/grace.ts';
import type { ClusterView, Stray } from '../cluster/view.ts';
import { setsNoFlags } from './platform-fixes.ts';
import { violation, type Description, type NodeCheck, type RemediationStep, type Share, type Violation } from './check.ts';

/** One pod may have an address that it requested. */
const FEWEST_PODS = 2;

/** rules.md#pod-cidrs-in-use. */
export const nodePodCIDRUnused: NodeCheck = {
  name: 'NodePodCIDRUnused',
  kind: 'Node',
  severity: 'Warning',
  description: 'No pod on a node has its address of a family from the podCIDR of the node, while pods on other nodes do.',
  rationale:
    'Routes, masquerading and kube-proxy with --cluster-cidr go by podCIDRs, so pods with addresses from elsewhere are treated as if ' +
    'they were outside of the cluster (cilium/cilium#9214, cilium/cilium#14152, cilium/cilium#15500). The CNI plugin on these nodes has another IPAM mode or pool ' +
    'than on the others. The finding needs evidence that the pod network uses podCIDRs: most nodes have most of their pods in them, ' +
    'for the family or for the other family of the same pods, and no plugin with pools of its own runs (projectcalico/calico#2900). ' +
    'It is Info where all these pods are older than the Node object, which was registered again, and where Cilium runs, because ' +
    'Cilium can have ranges of its own that are the same as some podCIDRs.',
  remediation: 'Configure the CNI plugin on the node as on the others, then restart the pods.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  rollUp: { over: 'most', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const families = view.hasStrays(node) ? familiesUnusedOn(node, view) : NO_FAMILY;
  if (families.length === 0) return undefined;
  const strays = view.straysOn(node).filter(({ family }) => families.includes(family));
  const others = listOf(families.filter((family) => !strays.some((stray) => stray.family === family && stray.holder !== undefined)));
  const counted = strays.filter(({ family }) => others.includes(family));
  const isInfo = view.stack.podCIDRs.mayCoincide || counted.every(({ pod }) => pod.startedAt < node.createdAt);
  const found = violation(others, graceEnd(node, counted, view), isInfo ? 'Info' : undefined);
  return found && { ...found, together: true };
}

/** The families in which no pod on a node uses its podCIDR, though pods on other nodes use theirs. */
function familiesUnusedOn(node: NodeFacts, view: ClusterView): FamilyList {
  const { inside, outside } = view.rangesOn(node);
  const isUnused = (family: Family): boolean => inside[family] === 0 && outside[family] >= FEWEST_PODS;
  return listOf(view.podCIDRFamiliesUsedOn(node).filter(isUnused));
}

/** A node may still be set up, and so may the plugin on it when its first pods start. */
function graceEnd(node: NodeFacts, strays: readonly Stray[], view: ClusterView): number {
  const starts = strays.map(({ pod }) => pod.startedAt).sort((a, b) => a - b);
  const second = starts[FEWEST_PODS - 1] ?? 0;
  return Math.max(second + view.grace.pod, node.createdAt + view.grace.node, settledAt(node, view.grace));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const words = familyWords(families);
  const [first] = view
    .straysOn(node)
    .filter(({ family }) => families.includes(family))
    .map(({ address }) => address)
    .sort();
  return {
    message: `No pod on node ${node.name} has ${words} from its podCIDRs (${node.podCIDRs.join(', ')}) but from elsewhere${first === undefined ? '' : `, such as ${first}`}, while pods on other nodes do`,
    remediation: {
      summary: `Make the CNI plugin on the node take ${words} from its podCIDRs, as on the other nodes, then restart the pods.`,
      steps: [
        {
          description: 'Compare the addresses of the pods with the podCIDRs of the node.',
          command: `kubectl get pods --all-namespaces --field-selector spec.nodeName=${node.name} -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip`,
          disruption: 'None',
        },
        ...fix('the node', families, view),
      ],
    },
  };
}

function describeAll(families: FamilyList, { nodes, of }: Share, view: ClusterView): Description {
  const words = familyWords(families);
  return {
    message: `On ${nodes} of ${of} nodes no pod has ${words} from the podCIDRs of its node, while pods on other nodes do`,
    remediation: {
      summary: `Make the CNI plugin take ${words} from podCIDRs on all nodes, then restart the pods on these.`,
      steps: fix('these nodes', families, view),
    },
  };
}

function fix(nodes: string, families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  const folder = setsNoFlags(view) ? '' : ', and /etc/cni/net.d';
  return [
    {
      description: `Compare the configuration of the CNI plugin on ${nodes} with that on the others: its IPAM mode, its ${familyWords(families)} pool${folder}. Where the Node object was registered again, only its old pods have other addresses.`,
      disruption: 'None',
    },
    {
      description: `Restart the pods on ${nodes}, workload by workload. A pod gets its addresses when it starts.`,
      disruption: 'RestartsPods',
    },
  ];
}
