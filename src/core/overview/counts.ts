import { familyLabel, listOf, type FamilyLabel } from '../net/addresses.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { familiesOfLabel } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';

/** Whether what is in a namespace counts. */
export type Scope = (namespace: string) => boolean;

export type CountsByLabel = Readonly<Record<FamilyLabel, number>>;

const NONE: CountsByLabel = { dual: 0, ipv4: 0, ipv6: 0, none: 0 };

/** Evaluated nodes by the families that both their addresses and, where the pod network uses them, their podCIDRs have. */
export function nodeCounts(store: ClusterStore, { stack }: ClusterView): CountsByLabel {
  const { inUse } = stack.podCIDRs;
  const counts = { ...NONE };
  for (const [key, count] of store.nodeTally.entries()) {
    const [addresses = '', podCIDRs = ''] = key.split('/');
    const inPodCIDRs = familiesOfLabel(podCIDRs);
    const families = familiesOfLabel(addresses).filter((family) => !inUse || inPodCIDRs.includes(family));
    counts[familyLabel(listOf(families))] += count;
  }
  return counts;
}

/** Evaluated nodes by the families of their addresses. */
export function addressCounts(store: ClusterStore): CountsByLabel {
  const counts = { ...NONE };
  for (const [key, count] of store.nodeTally.entries()) counts[key.slice(0, key.indexOf('/')) as FamilyLabel] += count;
  return counts;
}

/** The counts of a tally by label. */
export function labelCounts(tally: { get(label: FamilyLabel): number }): CountsByLabel {
  return { dual: tally.get('dual'), ipv4: tally.get('ipv4'), ipv6: tally.get('ipv6'), none: tally.get('none') };
}

/** The counts of a tally whose keys are `namespace/…/families`, by namespace. */
export function countsByNamespace(entries: Iterable<readonly [string, number]>): Map<string, CountsByLabel> {
  const counts = new Map<string, Record<FamilyLabel, number>>();
  for (const [key, count] of entries) {
    const namespace = key.slice(0, key.indexOf('/'));
    const ofNamespace = counts.get(namespace) ?? { ...NONE };
    counts.set(namespace, ofNamespace);
    ofNamespace[key.slice(key.lastIndexOf('/') + 1) as FamilyLabel] += count;
  }
  return counts;
}

/** The sum over the namespaces of a scope. */
export function countsIn(entries: Iterable<readonly [string, number]>, scope: Scope): CountsByLabel {
  const sum = { ...NONE };
  for (const [namespace, counts] of countsByNamespace(entries)) {
    if (!scope(namespace)) continue;
    for (const label of ['dual', 'ipv4', 'ipv6', 'none'] as const) sum[label] += counts[label];
  }
  return sum;
}

/** What is skipped in a scope, by reason, from a tally whose keys are `namespace/reason`. */
export function skippedIn(entries: Iterable<readonly [string, number]>, scope: Scope): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, count] of entries) {
    const slash = key.indexOf('/');
    const reason = key.slice(slash + 1);
    if (scope(key.slice(0, slash))) sum[reason] = (sum[reason] ?? 0) + count;
  }
  return sum;
}

/** How far the families are from balance: 0 where as many have one as the other, 1 where all have the same one only. */
export function imbalance({ dual, ipv4, ipv6 }: CountsByLabel): number {
  const addressed = dual + ipv4 + ipv6;
  return addressed === 0 ? 0 : Math.abs(ipv4 - ipv6) / addressed;
}

export function totalOf({ dual, ipv4, ipv6, none }: CountsByLabel): number {
  return dual + ipv4 + ipv6 + none;
}
