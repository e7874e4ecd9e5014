import { counted } from '../words.ts';
import type { AffectedObjects, Condition, Disruption, FamilyCounts, FindingObject } from './types.ts';

const STACK_WORDS: Readonly<Record<string, string>> = { DualStack: 'Dual-stack', IPv4: 'IPv4 only', IPv6: 'IPv6 only' };

/** What a step of a fix does to what runs, at worst. */
export const DISRUPTION_WORDS: Readonly<Record<Disruption, string>> = {
  None: 'none',
  RestartsPods: 'restarts pods',
  RecreatesNode: 'recreates a node',
  ChangesAddress: 'changes an address',
};

const HEALTH_WORDS: Readonly<Record<Condition['status'], string>> = { True: 'Healthy: ', False: 'Not healthy: ', Unknown: '' };

/** The first line of a report, from its condition Healthy. */
export function headlineWords(healthy: Pick<Condition, 'status' | 'message'> | undefined): string {
  return healthy ? `${HEALTH_WORDS[healthy.status]}${healthy.message}` : 'Not evaluated yet.';
}

/** The families of a layer or of the cluster in words. */
export function stackWords(families: string): string {
  return STACK_WORDS[families] ?? families;
}

/** What a finding is on: `Pod shop/web-1`, `ServiceCIDR.networking.k8s.io kubernetes`, or `the cluster`. */
export function objectWords({ group, kind, namespace, name }: FindingObject): string {
  if (kind === 'Cluster') return 'the cluster';
  return `${kind}${group === undefined ? '' : `.${group}`} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** What a finding takes its families from: `23 Pods (shop/web-1, shop/web-2, …)`. */
export function affectedWords({ kind, count, examples = [] }: AffectedObjects): string {
  const names = [...examples, ...(count > examples.length ? ['…'] : [])].join(', ');
  return `${counted(count, kind)} (${names})`;
}

/** What objects are counted by, in words. */
export interface CountedWords {
  readonly countedBy?: string;
  readonly none: string;
}

/** Counts by families, without those that are 0: `4 of 6 dual-stack`, `2 IPv4 only`, `3 not evaluated (2 pending, 1 completed)`. */
export function countWords(counts: FamilyCounts, { countedBy, none }: CountedWords): readonly string[] {
  const { total, dualStack, ipv4Only, ipv6Only } = counts;
  const dual = `${dualStack} of ${total} dual-stack${countedBy === undefined ? '' : ` in ${countedBy}`}`;
  const others: readonly (readonly [number, string])[] = [
    [ipv4Only, 'IPv4 only'],
    [ipv6Only, 'IPv6 only'],
    [counts.none, none],
  ];
  return [
    total === 0 ? 'none to evaluate' : dual,
    ...others.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`),
    ...skippedWords(counts),
  ];
}

/** How many are not evaluated, and why: `3 not evaluated (2 pending, 1 completed)`; empty where all are. */
export function skippedWords({ skipped = {} }: FamilyCounts): readonly string[] {
  const sum = Object.values(skipped).reduce((total, count) => total + count, 0);
  return sum > 0 ? [`${sum} not evaluated (${reasonWords(skipped)})`] : [];
}

/** Counts by reason in words, the most first, in whatever order they were counted: `2 pending, 1 completed`; empty where there are none. */
export function reasonWords(skipped: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0);
  reasons.sort(([one, count], [other, of]) => of - count || (one < other ? -1 : 1));
  return reasons.map(([reason, count]) => `${count} ${wordsOfName(reason)}`).join(', ');
}

/** A camelCase name in words: `host network`. */
function wordsOfName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^api /, 'API ');
}
