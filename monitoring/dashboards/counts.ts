import { IN_NAMESPACES, latest, OF_REPORT, orZero, share, sum } from './queries.ts';

/** Evaluated nodes by their families. */
export function countNodes(...matchers: readonly string[]): string {
  return latest('dualstack_nodes', ['families'], ...matchers);
}

/** Pods of the chosen namespaces by their families. */
export function countPods(...matchers: readonly string[]): string {
  return latest('dualstack_pods', ['namespace', 'families'], IN_NAMESPACES, ...matchers);
}

/** Services of the chosen namespaces by their families. */
export function countServices(...matchers: readonly string[]): string {
  return latest('dualstack_services', ['namespace', 'policy', 'families'], IN_NAMESPACES, ...matchers);
}

/** Counts a layer; with matchers, those of its series only that they pick. */
export type Counts = typeof countNodes;

/** Which part of a layer is dual-stack. Services have no dual-stack series where none of them is. */
export function dualShare(counts: Counts): string {
  return share(`(${orZero(sum(counts('families="dual"')), sum(counts()))})`, sum(counts()));
}

/** Root causes in all namespaces: what explains a finding in one may be a node, or in another. */
export const ROOT_CAUSES = latest('dualstack_root_causes', ['check', 'severity', 'namespace'], OF_REPORT);
