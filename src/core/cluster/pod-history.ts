import { isDual, type Family } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { isUndated, startedBy } from '../kinds/pod-start.ts';

/** What the evaluated pods of the pod network on one node, or in the cluster, show of their families over time. */
export interface PodHistory {
  readonly isEmpty: boolean;
  /** When the first pod with both families started, at the latest; Infinity where none has both. */
  readonly firstDual: number;
  /** When the last such pod started, at the latest; -Infinity where none has both. */
  readonly lastDual: number;
  /** When the first pod with one family started; Infinity where none has one. */
  readonly firstSingle: number;
  /** When the last such pod started; -Infinity where none has one. */
  readonly lastSingle: number;
  /** Workloads of which a pod has a family; two are enough to say that there are several. */
  readonly workloads: Readonly<Record<Family, readonly string[]>>;
}

/** Pods start one after the other when a cluster or a node does; one that started earlier by less than this is no evidence, in milliseconds. */
const SETTLING_MS = 600_000;

/** Later than anything, and not Infinity, which means that there is no pod. */
const AT_NO_TIME = Number.MAX_SAFE_INTEGER;

const SEVERAL = 2;
const FAMILIES = ['IPv4', 'IPv6'] as const;

/** The workload of a pod in its namespace; a pod without a controller is one of its own. */
export function workloadOf({ namespace, owner, name }: PodFacts): string {
  return `${namespace}/${owner === '' ? name : owner}`;
}

/** A history that pods are added to. */
class GrowingHistory implements PodHistory {
  firstDual = Infinity;
  lastDual = -Infinity;
  firstSingle = Infinity;
  lastSingle = -Infinity;
  readonly workloads: Readonly<Record<Family, string[]>> = { IPv4: [], IPv6: [] };

  get isEmpty(): boolean {
    return this.firstDual === Infinity && this.lastSingle === -Infinity;
  }

  /** Takes in a pod. Makes no garbage: a node has more than a hundred pods, and changes often. */
  add(pod: PodFacts): void {
    const { families, startedAt } = pod;
    if (isDual(families)) {
      this.firstDual = Math.min(this.firstDual, provesFrom(pod));
      this.lastDual = Math.max(this.lastDual, startedBy(pod));
    } else {
      this.firstSingle = Math.min(this.firstSingle, startedAt);
      this.lastSingle = Math.max(this.lastSingle, startedAt);
    }
    for (const family of FAMILIES) {
      const workloads = this.workloads[family];
      if (workloads.length < SEVERAL && families.includes(family)) addWorkload(workloads, workloadOf(pod));
    }
  }
}

/** Since when a pod with both families shows that the network gives both: no evidence of a time at which it may have had one. */
function provesFrom(pod: PodFacts): number {
  return isUndated(pod) ? AT_NO_TIME : startedBy(pod);
}

/** The history of these pods. */
export function historyOf(pods: Iterable<PodFacts>): GrowingHistory {
  const history = new GrowingHistory();
  for (const pod of pods) history.add(pod);
  return history;
}

/** The histories of nodes, each of which is kept while no pod changes that may make it another one. */
export class PodHistories {
  readonly #podsOn: (nodeName: string) => Iterable<PodFacts>;
  readonly #known = new Map<string, GrowingHistory>();

  /** @param podsOn the pods on a node that are evidence of what its pod network gives */
  constructor(podsOn: (nodeName: string) => Iterable<PodFacts>) {
    this.#podsOn = podsOn;
  }

  /** The history of a node as it is now: it goes on with the pods that come. */
  of(nodeName: string): PodHistory {
    const known = this.#known.get(nodeName);
    if (known) return known;
    const history = historyOf(this.#podsOn(nodeName));
    // Of a node that is gone nothing is kept.
    if (!history.isEmpty) this.#known.set(nodeName, history);
    return history;
  }

  /** Takes notice of a pod that comes. */
  add(pod: PodFacts): void {
    this.#known.get(pod.nodeName)?.add(pod);
  }

  /** Takes notice of a pod that goes. */
  remove(pod: PodFacts): void {
    const history = this.#known.get(pod.nodeName);
    if (history && mayDepend(history, pod)) this.#known.delete(pod.nodeName);
  }
}

/** Whether a history may be another one without a pod: most are neither the first nor the last, and of a workload that is not named. */
function mayDepend({ firstDual, lastDual, firstSingle, lastSingle, workloads }: PodHistory, pod: PodFacts): boolean {
  const { families, startedAt } = pod;
  const isIn = isDual(families)
    ? provesFrom(pod) > firstDual && startedBy(pod) < lastDual
    : startedAt > firstSingle && startedAt < lastSingle;
  if (!isIn) return true;
  const workload = workloadOf(pod);
  return families.some((family) => workloads[family].includes(workload));
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
