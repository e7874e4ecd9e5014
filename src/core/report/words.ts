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

/** Counts by families, without those that are 0: `4 of 6 dual-stack`, `2 IPv4 only`. */
export function countWords({ total, dualStack, ipv4Only, ipv6Only, none, skipped = {} }: FamilyCounts): readonly string[] {
  const others = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const counts: readonly (readonly [number, string])[] = [
    [ipv4Only, 'IPv4 only'],
    [ipv6Only, 'IPv6 only'],
    [none, 'neither'],
    [others, 'not evaluated'],
  ];
  return [`${dualStack} of ${total} dual-stack`, ...counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`)];
}
