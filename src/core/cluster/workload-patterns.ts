import { familiesWhere, isDual, NO_FAMILY, type Family, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { Tally } from '../store/tally.ts';
import { workloadOf } from './pod-history.ts';
import { orderOf, WorkloadCounts, type Order, type Window } from './workload-counts.ts';

/**
 * Why all pods of a workload have one family. `ofOneFamily`: some started while the network of their nodes gave both.
 * `unchanged`: none is known to have started later than the first pod with both.
 */
type Pattern = 'ofOneFamily' | 'unchanged';

/** Below this a pattern may be an accident. */
export const FEWEST_PODS = 2;

/** A workload of which some pod has one family: most have none, and are not kept. */
interface Workload {
  /** Those with one family: a pod with both follows no pattern. */
  readonly singles: Set<PodFacts>;
  readonly counts: WorkloadCounts;
  order: Order | undefined;
  pattern: Pattern | undefined;
  /** What its pods lack, where it has a pattern. */
  lacks: FamilyList;
  /** Whether some pod of it has both families. */
  hasDual: boolean;
}

/** Which workloads have pods of one family only, and why: kept up to date by the pods that change. A pod without a controller is of no workload. */
export class WorkloadPatterns {
  readonly #workloads = new Map<string, Workload>();
  /** The pods with both families, by workload. */
  readonly #duals = new Tally();
  /** Workloads whose pods changed since the last update. */
  readonly #changed = new Set<string>();
  /** Workloads of one family by what is known of their order; those among pods with both families need no company. */
  readonly #later = new Set<string>();
  readonly #unordered = new Set<string>();
  /** Workloads of one family, by the family that they lack. */
  readonly #ofOneFamily = new Tally<Family>();

  /** The families that some workload of one family lacks. */
  get lacked(): FamilyList {
    return familiesWhere((family) => this.#ofOneFamily.get(family) > 0);
  }

  /** Why all pods of a pod's workload have one family, as of the last update. */
  patternOf(pod: PodFacts): Pattern | undefined {
    return this.#workloads.size === 0 ? undefined : this.#workloads.get(workloadOf(pod))?.pattern;
  }

  /** Whether another pod of the workload of a pod with one family had both as of the last update. */
  hasDualSibling(pod: PodFacts): boolean {
    return !isDual(pod.families) && this.#workloads.get(workloadOf(pod))?.hasDual === true;
  }

  /** Counts a pod with both families, or counts it no more: when it started is of no use. */
  countDual(pod: PodFacts, by: 1 | -1): void {
    if (pod.owner === '') return;
    const key = workloadOf(pod);
    this.#duals.add(key, by);
    if (this.#workloads.has(key)) this.#changed.add(key);
  }

  /** Takes in a pod with one family. */
  addSingle(pod: PodFacts): void {
    this.#changedWorkloadOf(pod)?.singles.add(pod);
  }

  /** Takes out a pod with one family, which is counted no more. */
  removeSingle(pod: PodFacts): void {
    this.#changedWorkloadOf(pod)?.singles.delete(pod);
  }

  /** Counts a pod with one family by the window of its node, or counts it no more. */
  countSingle(pod: PodFacts, window: Window, by: 1 | -1): void {
    this.#changedWorkloadOf(pod)?.counts.add(pod, window, by);
  }

  /** Finds the patterns of workloads again; returns the pods with one family of those that have another one. */
  update(): readonly PodFacts[] {
    const lone = this.#later.size === 1 ? [...this.#later] : [];
    const wereFew = this.#unordered.size < FEWEST_PODS;
    for (const key of this.#changed) this.#order(key);
    const affected = new Set([...this.#changed, ...lone, ...(this.#later.size === 1 ? this.#later : [])]);
    // With the second of them all are unchanged, and without it none is.
    if (wereFew || this.#unordered.size < FEWEST_PODS) for (const key of this.#unordered) affected.add(key);
    this.#changed.clear();
    return [...affected].flatMap((key) => this.#findPattern(key));
  }

  #changedWorkloadOf(pod: PodFacts): Workload | undefined {
    if (pod.owner === '') return undefined;
    const key = workloadOf(pod);
    this.#changed.add(key);
    const known = this.#workloads.get(key);
    if (known) return known;
    const workload: Workload = {
      singles: new Set(),
      counts: new WorkloadCounts(),
      order: undefined,
      pattern: undefined,
      lacks: NO_FAMILY,
      hasDual: false,
    };
    this.#workloads.set(key, workload);
    return workload;
  }

  #order(key: string): void {
    const workload = this.#workloads.get(key);
    if (!workload) return;
    workload.order = this.#duals.get(key) > 0 ? undefined : orderOf(workload.counts);
    for (const [order, keys] of [
      ['later', this.#later],
      ['unordered', this.#unordered],
    ] as const) {
      if (workload.order === order) keys.add(key);
      else keys.delete(key);
    }
  }

  #findPattern(key: string): readonly PodFacts[] {
    const workload = this.#workloads.get(key);
    if (!workload) return [];
    const pattern = this.#patternFrom(workload);
    const hasDual = this.#duals.get(key) > 0;
    const isOther = pattern !== workload.pattern || hasDual !== workload.hasDual;
    const lacks = pattern ? workload.counts.lacks : NO_FAMILY;
    if (workload.pattern === 'ofOneFamily') for (const family of workload.lacks) this.#ofOneFamily.add(family, -1);
    if (pattern === 'ofOneFamily') for (const family of lacks) this.#ofOneFamily.add(family);
    Object.assign(workload, { pattern, lacks, hasDual });
    if (workload.singles.size === 0) this.#workloads.delete(key);
    return isOther ? [...workload.singles] : [];
  }

  /** A pod network that broke, or was not dual-stack yet, gave one family to all workloads and not to a single one. */
  #patternFrom({ order, counts }: Workload): Pattern | undefined {
    if (order === 'among') return 'ofOneFamily';
    if (order === 'later') return this.#later.size === 1 ? 'ofOneFamily' : undefined;
    if (order !== 'unordered') return undefined;
    if (this.#unordered.size >= FEWEST_PODS) return 'unchanged';
    return counts.areAllEarlier ? undefined : 'ofOneFamily';
  }
}
