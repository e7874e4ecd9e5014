import { familyOfCIDR, familyWords, listOf, NO_FAMILY, overlap, union, type FamilyList } from '../net/addresses.ts';
import { CIDRIndex } from '../cluster/cidr-index.ts';
import type { NodeFacts, NodeRole } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { firstOf } from '../words.ts';
import { replaceMachine, setsNoFlags } from './platform-fixes.ts';
import { recreateNode, recreateNodes } from './recreate-node.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type NodeCheck, type Remediation, type RemediationStep, type Violation } from './check.ts';

/** So many nodes and podCIDRs are named. */
const MOST_NAMED = 4;

const FIND_OUT: RemediationStep = {
  description:
    "Find out who gave the range twice: two allocators, or Node objects that were restored or made by hand. A node's podCIDRs cannot be changed once set.",
  command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
  disruption: 'None',
};

/** rules.md#pod-cidrs-of-a-node, #pod-cidrs-in-use. */
export const nodePodCIDRConflict: NodeCheck = {
  name: 'NodePodCIDRConflict',
  kind: 'Node',
  severity: 'Critical',
  description: 'The podCIDRs of nodes overlap, or a node has two podCIDRs of one family.',
  rationale:
    'Pods on two nodes can get the same address, and traffic for one pod goes to the other. A node has at most one podCIDR per ' +
    'family, and no two nodes share a range. The cause is two allocators, or Node objects that were restored or made by hand. The ' +
    'overlap has no effect, and is not reported, unless pods show that the pod network takes addresses from podCIDRs: most nodes ' +
    'have most of their pods in them, and no plugin with pools of its own runs.',
  remediation:
    'Keep one of the nodes that share the range: one of the control plane, else the oldest that has pods in it. Drain the others, delete their Node objects and ' +
    'restart the machines, so that each node gets its own podCIDR.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  rollUp: { over: 'all', describe: (families, _share, view) => describeAll(families, view) },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const { used } = view.stack.podCIDRs;
  if (used.length === 0) return undefined;
  const families = union(repeatedFamiliesOf(node), view.podCIDRConflictFamilies(node));
  const found = violation(listOf(families.filter((family) => used.includes(family))));
  // One range is one fault, however many nodes have it.
  return found && { ...found, together: true };
}

function repeatedFamiliesOf({ podCIDRs, podCIDRFamilies }: NodeFacts): FamilyList {
  if (podCIDRs.length <= podCIDRFamilies.length) return NO_FAMILY;
  const families = podCIDRs.map(familyOfCIDR);
  return listOf(podCIDRFamilies.filter((family) => families.indexOf(family) !== families.lastIndexOf(family)));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const conflict = view.podCIDRConflicts(node).find(({ cidr }) => isOf(cidr, families));
  return {
    message: conflict
      ? `podCIDR ${conflict.cidr} of node ${node.name} overlaps one of node ${conflict.node}`
      : `Node ${node.name} has two podCIDRs of ${familyWords(families)}: ${node.podCIDRs.join(', ')}`,
    remediation: {
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, ...renew(node, view)],
    },
  };
}

function describeAll(families: FamilyList, view: ClusterView): Description {
  const nodes = [...view.nodes()].filter((node) => !nodeSkipReason(node)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const cidrs = (node: NodeFacts): readonly string[] =>
    view
      .podCIDRConflicts(node)
      .map(({ cidr }) => cidr)
      .filter((cidr) => isOf(cidr, families));
  const sharing = nodes.filter((node) => cidrs(node).length > 0);
  const repeating = nodes.filter((node) => overlap(repeatedFamiliesOf(node), families));
  const shared = [...new Set(sharing.flatMap(cidrs))];
  return {
    message:
      shared.length > 0
        ? `The podCIDRs of nodes ${namesOf(sharing)} overlap: ${firstOf(shared, MOST_NAMED)}`
        : `Nodes ${namesOf(repeating)} have two podCIDRs of ${familyWords(families)}`,
    remediation: keepSome(new Set([...sharing, ...repeating]), families, view),
  };
}

/** Keeps as many of the nodes as have podCIDRs beside each other. */
function keepSome(nodes: ReadonlySet<NodeFacts>, families: FamilyList, view: ClusterView): Remediation {
  const kept = new CIDRIndex();
  const others = [...nodes]
    .sort((a, b) => compareClaims(a, b, view))
    .filter((node) => {
      const cidrs = node.podCIDRs.filter((cidr) => isOf(cidr, families));
      kept.set(node.name, cidrs);
      const goes = kept.conflictFamiliesOf(node.name).length > 0 || overlap(repeatedFamiliesOf(node), families);
      if (goes) kept.set(node.name, []);
      return goes;
    });
  const keepers = [...nodes].filter((node) => !others.includes(node));
  const keep = keepers.length > 0 ? `Keep ${namesOf(keepers)}, and register` : 'Register';
  return {
    summary: `${keep} ${namesOf(others)} again, so that each node gets a podCIDR of its own.`,
    steps: [FIND_OUT, ...renewAll(others, view)],
  };
}

/** A server with a member of etcd comes before the rest of the control plane, then other nodes: registering it again loses that member. */
const CLAIMS: Readonly<Record<NodeRole, number>> = { Etcd: 0, ControlPlane: 1, Worker: 2 };

/** Of nodes with one role, one with pods in its podCIDR comes before one without, and an older one before a newer. */
function compareClaims(a: NodeFacts, b: NodeFacts, view: ClusterView): number {
  const isUnused = (node: NodeFacts): number => (Object.values(view.rangesOn(node).inside).some((pods) => pods > 0) ? 0 : 1);
  return CLAIMS[a.role] - CLAIMS[b.role] || isUnused(a) - isUnused(b) || a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1);
}

function renewAll(nodes: readonly NodeFacts[], view: ClusterView): readonly RemediationStep[] {
  const [first, ...others] = nodes;
  if (!first) return [];
  if (others.length === 0) return renew(first, view);
  if (!setsNoFlags(view)) return recreateNodes(nodes, { platform: view.platform.name });
  return [
    ...renew(first, view),
    { description: `Then do the same for ${namesOf(others)}, if they are still there.`, disruption: 'RecreatesNode' },
  ];
}

function renew(node: NodeFacts, view: ClusterView): readonly RemediationStep[] {
  return setsNoFlags(view) ? replaceMachine(node, view) : recreateNode(node, { platform: view.platform.name });
}

function isOf(cidr: string, families: FamilyList): boolean {
  return families.some((family) => family === familyOfCIDR(cidr));
}

function namesOf(nodes: readonly NodeFacts[]): string {
  return firstOf(
    nodes.map(({ name }) => name),
    MOST_NAMED,
  );
}
