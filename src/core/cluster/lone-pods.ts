import { isDual, listOf, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import type { ClusterView } from './view.ts';

/**
 * The families that a node can give and no pod on it has, where one pod alone shows that: others, if there are any, are older than the family or of a
 * workload without it. One pod may be an accident, so the node is not to blame for it.
 */
export function lackedByOnePodOn(node: NodeFacts, view: ClusterView): FamilyList {
  const { having } = view.podsOn(node);
  const missing = listOf((view.familiesGivenBy(node) ?? NO_FAMILY).filter((family) => having[family] === 0));
  if (missing.length === 0) return NO_FAMILY;
  const lacked = view.lackedByOnePod.get(node.name) ?? (showsOnePod(node, view) ? missing : NO_FAMILY);
  view.lackedByOnePod.set(node.name, lacked);
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
