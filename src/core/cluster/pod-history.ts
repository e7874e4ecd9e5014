import { isDual, type Family } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';

/** What the evaluated pods of the pod network on one node, or in the cluster, show of their families over time. */
export interface PodHistory {
  readonly isEmpty: boolean;
  /** When the first pod with both families started; Infinity where none has both. */
  readonly firstDual: number;
  /** When the last such pod started; -Infinity where none has both. */
  readonly lastDual: number;
  /** When the last pod with one family started; -Infinity where none has one. */
  readonly lastSingle: number;
  /** Workloads of which a pod has a family; two are enough to say that there are several. */
  readonly workloads: Readonly<Record<Family, readonly string[]>>;
}

/** Pods start one after the other when a cluster or a node does; one that started earlier by less than this is no evidence, in milliseconds. */
const SETTLING_MS = 600_000;

const SEVERAL = 2;

/** The workload of a pod in its namespace; a pod without a controller is one of its own. */
export function workloadOf({ namespace, owner, name }: PodFacts): string {
  return `${namespace}/${owner === '' ? name : owner}`;
}

/** The history of these pods. */
export function historyOf(pods: Iterable<PodFacts>): PodHistory {
  let firstDual = Infinity;
  let lastDual = -Infinity;
  let lastSingle = -Infinity;
  const workloads: Record<Family, string[]> = { IPv4: [], IPv6: [] };
  for (const pod of pods) {
    if (isDual(pod.families)) {
      firstDual = Math.min(firstDual, pod.startedAt);
      lastDual = Math.max(lastDual, pod.startedAt);
    } else {
      lastSingle = Math.max(lastSingle, pod.startedAt);
    }
    for (const family of pod.families) if (workloads[family].length < SEVERAL) addWorkload(workloads[family], workloadOf(pod));
  }
  return { isEmpty: firstDual === Infinity && lastSingle === -Infinity, firstDual, lastDual, lastSingle, workloads };
}

function addWorkload(workloads: string[], workload: string): void {
  if (workloads.length < SEVERAL && !workloads.includes(workload)) workloads.push(workload);
}

/** Whether pods of several workloads on several nodes have a family, so that no single one can be why. */
export function isWidespread(family: Family, histories: Iterable<PodHistory>): boolean {
  const workloads: string[] = [];
  let nodes = 0;
  for (const history of histories) {
    if (history.workloads[family].length > 0) nodes += 1;
    for (const workload of history.workloads[family]) addWorkload(workloads, workload);
    if (nodes >= SEVERAL && workloads.length >= SEVERAL) return true;
  }
  return false;
}

/** Whether something started so long before the first pod with both families that the pod network did not give both then. */
export function isBefore(startedAt: number, firstDual: number): boolean {
  return firstDual < Infinity && startedAt < firstDual - SETTLING_MS;
}
