import { DUAL_IPV4_FIRST, isDual, missingFrom, type FamilyList } from '../net/addresses.ts';
import { keyOf, type PodFacts } from '../kinds/facts.ts';
import { countUpTo } from '../store/count-up-to.ts';
import { workloadOf } from './pod-history.ts';

/** A period in which pods got one family, on nodes that gave both before and after it. */
export interface Outage {
  /** When the first and the last of these pods started. */
  readonly from: number;
  readonly to: number;
}

/** A pod with one family on a node that gave an earlier one both. */
interface Single {
  readonly pod: PodFacts;
  readonly lacks: FamilyList;
  /** Between which pods with both families on its node it started. */
  readonly run: string;
  /** Whether its node gave a later pod both families. */
  readonly isOver: boolean;
  /** Whether another pod of its workload has both families, so that no pool of its workload is why it has one. */
  readonly hasDualSibling: boolean;
}

/** Pods of fewer workloads may have causes of their own. */
const FEWEST_WORKLOADS = 3;

/** What pods on one node show is the node's. */
const FEWEST_NODES = 2;

/** A network that gives a family to some pods and not to others, in any order, had no outage: of so many such pods at most one is in none. */
const FEWEST_IN_OUTAGES = 3;

const MINUTE_MS = 60_000;

const NO_OUTAGES: ReadonlyMap<string, Outage> = new Map();

/**
 * The outages of the pod network, kept up to date by the pods that change. Mostly no pod with one family is newer than one with both on its node: then
 * nothing is looked at.
 */
export class OutageIndex {
  readonly #hasDualSibling: (pod: PodFacts) => boolean;
  readonly #nodes = new Map<string, { readonly singles: readonly Single[]; readonly text: string }>();
  /** The nodes of which the pods show an outage by themselves. */
  readonly #withOutage = new Set<string>();
  /** How many pods with both families started in each minute, on any node. */
  readonly #duals = new Map<number, number>();
  #outages: ReadonlyMap<string, Outage> = NO_OUTAGES;
  #isCurrent = true;
  /** The minute in which the last pod with one family started. */
  #lastMinute = -Infinity;

  /** @param hasDualSibling whether another pod of a pod's workload has both families */
  constructor(hasDualSibling: (pod: PodFacts) => boolean) {
    this.#hasDualSibling = hasDualSibling;
  }

  /** Whether there is no outage. */
  get isEmpty(): boolean {
    return this.#outages.size === 0;
  }

  /** The outage in which a pod started, if it did. */
  of(pod: PodFacts): Outage | undefined {
    return this.isEmpty ? undefined : this.#outages.get(keyOf(pod));
  }

  /** Counts a pod with both families, or counts it no more. */
  countDual({ startedAt }: PodFacts, by: 1 | -1): void {
    const minute = minuteOf(startedAt);
    const count = this.#duals.get(minute) ?? 0;
    if (count + by === 0) this.#duals.delete(minute);
    else this.#duals.set(minute, count + by);
    const isOther = count === 0 || count + by === 0;
    if (isOther && minute <= this.#lastMinute) this.#isCurrent = false;
  }

  /**
   * Sets the pods on a node.
   * @param singles those with one family that started after the first with both, the first ones first
   * @param pods all, which are looked at only where there are such
   */
  set(nodeName: string, singles: readonly PodFacts[], pods: () => Iterable<PodFacts>): void {
    const previous = this.#nodes.get(nodeName);
    if (singles.length === 0 && !previous) return;
    const next = singles.length > 0 ? this.#singlesOf(nodeName, singles, startsOfDual(pods())) : [];
    const text = JSON.stringify(next.map(({ pod, ...rest }) => [keyOf(pod), pod.startedAt, workloadOf(pod), rest]));
    if (text !== previous?.text) this.#isCurrent = false;
    if (next.length > 0) this.#nodes.set(nodeName, { singles: next, text });
    else this.#nodes.delete(nodeName);
    if (byRun(next).some((group) => isOutage(group, 1))) this.#withOutage.add(nodeName);
    else this.#withOutage.delete(nodeName);
  }

  /** Finds the outages again, where something changed; returns the pods that are in one and were not, or the reverse. */
  update(): readonly PodFacts[] {
    if (this.#isCurrent) return [];
    this.#isCurrent = true;
    const singles = [...this.#nodes.values()].flatMap((node) => node.singles);
    this.#lastMinute = singles.reduce((last, { pod }) => Math.max(last, minuteOf(pod.startedAt)), -Infinity);
    const previous = this.#outages;
    this.#outages = this.#maybeSome(singles) ? this.#find(singles) : NO_OUTAGES;
    if (previous.size === 0 && this.#outages.size === 0) return [];
    return singles.map(({ pod }) => pod).filter((pod) => previous.has(keyOf(pod)) !== this.#outages.has(keyOf(pod)));
  }

  #singlesOf(nodeName: string, pods: readonly PodFacts[], duals: readonly number[]): readonly Single[] {
    return pods.map((pod) => {
      const earlier = countUpTo(duals, Number, pod.startedAt);
      const lacks = missingFrom(pod.families, DUAL_IPV4_FIRST);
      return {
        pod,
        lacks,
        run: `${nodeName}/${earlier}/${lacks.join()}`,
        isOver: earlier < duals.length,
        hasDualSibling: this.#hasDualSibling(pod),
      };
    });
  }

  /** Mostly a pod with both families started in the same minute somewhere, and no node shows an outage by itself. */
  #maybeSome(singles: readonly Single[]): boolean {
    if (this.#withOutage.size > 0) return true;
    let alone = 0;
    for (const { pod } of singles) if (!this.#duals.has(minuteOf(pod.startedAt))) alone += 1;
    return alone >= FEWEST_WORKLOADS;
  }

  #find(singles: readonly Single[]): ReadonlyMap<string, Outage> {
    const found = new Map<string, Outage>();
    for (const [groups, fewestNodes] of [
      [byRun(singles), 1],
      [this.#betweenDuals(singles), FEWEST_NODES],
    ] as const) {
      for (const group of groups) {
        if (!isOutage(group, fewestNodes)) continue;
        const outage = periodOf(group);
        for (const { pod } of group) found.set(keyOf(pod), outage);
      }
    }
    const others = singles.filter(({ pod, isOver }) => isOver && !found.has(keyOf(pod)));
    return others.length * FEWEST_IN_OUTAGES > found.size ? NO_OUTAGES : found;
  }

  /** The pods between which none with both families started anywhere. One that started in the same minute as such a pod shows nothing. */
  #betweenDuals(singles: readonly Single[]): readonly (readonly Single[])[] {
    const first = singles.reduce((least, { pod }) => Math.min(least, minuteOf(pod.startedAt)), Infinity);
    const minutes = [...this.#duals.keys()].filter((minute) => minute >= first && minute <= this.#lastMinute).sort((a, b) => a - b);
    const earlier = ({ pod }: Single): number => countUpTo(minutes, Number, minuteOf(pod.startedAt));
    const alone = singles.filter(({ pod }) => !this.#duals.has(minuteOf(pod.startedAt)));
    return [...Map.groupBy(alone, (single) => `${earlier(single)}/${single.lacks.join()}`).values()];
  }
}

/** The pods between which none with both families started on their node. */
function byRun(singles: readonly Single[]): readonly (readonly Single[])[] {
  return singles.length < FEWEST_WORKLOADS ? [] : [...Map.groupBy(singles, ({ run }) => run).values()];
}

/** Whether so many workloads and nodes show it that no single one is why, and the nodes give both families again. */
function isOutage(group: readonly Single[], fewestNodes: number): boolean {
  if (group.length < FEWEST_WORKLOADS) return false;
  const workloads = new Set(group.filter(({ hasDualSibling }) => hasDualSibling).map(({ pod }) => workloadOf(pod)));
  const nodes = new Set(group.filter(({ isOver }) => isOver).map(({ pod }) => pod.nodeName));
  return workloads.size >= FEWEST_WORKLOADS && nodes.size >= fewestNodes;
}

function periodOf(group: readonly Single[]): Outage {
  const starts = group.map(({ pod }) => pod.startedAt);
  return starts.reduce(({ from, to }, start) => ({ from: Math.min(from, start), to: Math.max(to, start) }), {
    from: Infinity,
    to: -Infinity,
  });
}

function startsOfDual(pods: Iterable<PodFacts>): readonly number[] {
  return [...pods]
    .filter(({ families }) => isDual(families))
    .map(({ startedAt }) => startedAt)
    .sort((a, b) => a - b);
}

function minuteOf(moment: number): number {
  return Math.floor(moment / MINUTE_MS);
}
