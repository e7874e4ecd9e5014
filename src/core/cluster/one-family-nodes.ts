import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from './view.ts';
import { counted } from '../words.ts';

const MOST_NAMES = 2;

const SIMULATED = 'simulated node';
const VIRTUAL = 'virtual node';

/** Why a node may give its pods one family only, in words that go before its name; undefined where it should give what the others do. */
function reasonOf(node: NodeFacts): string | undefined {
  const skipped = nodeSkipReason(node);
  if (skipped === 'virtual') return node.simulated ? SIMULATED : VIRTUAL;
  if (skipped === 'deleting') return 'node being deleted';
  return node.windows ? 'Windows node' : undefined;
}

/** Why the node of a pod may give one family only, so that what the pod lacks says nothing of the cluster; undefined where it should give what the others do. */
export function oneFamilyReason(pod: PodFacts, view: ClusterView): string | undefined {
  const node = view.node(pod.nodeName);
  return node && reasonOf(node);
}

/** Whether all of some pods are on virtual nodes, so that nothing in the cluster gives them their addresses. */
export function areAllVirtual(pods: readonly PodFacts[], view: ClusterView): boolean {
  const reasons = pods.map((pod) => oneFamilyReason(pod, view));
  return reasons.length > 0 && reasons.every((reason) => reason === VIRTUAL || reason === SIMULATED);
}

/** Whether all of some pods are on nodes that KWOK simulates: they answer nobody in any family. */
export function areAllSimulated(pods: readonly PodFacts[], view: ClusterView): boolean {
  return pods.length > 0 && pods.every((pod) => oneFamilyReason(pod, view) === SIMULATED);
}

/** The nodes of some pods in words, such as `Windows node win0`; empty unless each is one that may give one family only. */
export function oneFamilyNodes(pods: readonly PodFacts[], view: ClusterView): string {
  const names = [...new Set(pods.map(({ nodeName }) => nodeName))].sort();
  const reasons = names
    .map((name) => ({ name, node: view.node(name) }))
    .map(({ name, node }) => ({ name, reason: node && reasonOf(node) }));
  const words = reasons.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${reason} ${name}`]));
  if (words.length === 0 || words.length < reasons.length) return '';
  const more = words.length - MOST_NAMES;
  return more > 0 ? `${words.slice(0, MOST_NAMES).join(', ')} and ${counted(more, 'more node')}` : words.join(' and ');
}
