import { isDual, listOf, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import type { ClusterView } from './view.ts';

/** What is known of the nodes in one evaluation, since each pod on a node asks the same. */
const KNOWN = new WeakMap<ClusterView, Map<string, FamilyList>>();

/**
 * The families that a node can give and no pod on it has, where one pod alone shows that: others, if there are any, are older than the family or of a
 * workload without it. One pod may be an accident, so the node is not to blame for it.
 */
export function lackedByOnePodOn(node: NodeFacts, view: ClusterView): FamilyList {
  const { having } = view.podsOn(node);
  const missing = listOf((view.familiesGivenBy(node) ?? NO_FAMILY).filter((family) => having[family] === 0));
  if (missing.length === 0) return NO_FAMILY;
  const known = KNOWN.get(view) ?? new Map<string, FamilyList>();
  KNOWN.set(view, known);
  const lacked = known.get(node.name) ?? (showsOnePod(node, view) ? missing : NO_FAMILY);
  known.set(node.name, lacked);
  return lacked;
}

function showsOnePod(node: NodeFacts, view: ClusterView): boolean {
  const { singleFamilyPods } = view;
  let pods = 0;
  for (const pod of view.networkPodsOn(node)) {
    if (isDual(pod.families) || singleFamilyPods.isExplained(pod)) continue;
    pods += 1;
    if (pods > 1) return false;
  }
  return pods === 1;
}
