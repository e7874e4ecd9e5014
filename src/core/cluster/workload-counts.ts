import { DUAL_IPV4_FIRST, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { isBefore, type PodHistory } from './pod-history.ts';

/** When the first and the last pod with both families started on a node. */
export type Window = Pick<PodHistory, 'firstDual' | 'lastDual'>;

/**
 * When the pods of a workload of one family started. `among`: one between two pods with both families on its node, so the network gave both then.
 * `later`: one after the first of them. `unordered`: none after it, as far as is known.
 */
export type Order = 'among' | 'later' | 'unordered';

/** Below this a pattern may be an accident. */
const FEWEST = 2;

/** How the pods with one family of one workload lie as to the windows of their nodes. */
export class WorkloadCounts {
  #ipv4 = 0;
  #ipv6 = 0;
  #onDualNodes = 0;
  #among = 0;
  #later = 0;
  #earlier = 0;

  /** Counts a pod with one family, or counts it no more. */
  add({ families, startedAt }: PodFacts, { firstDual, lastDual }: Window, by: 1 | -1): void {
    if (families[0] === 'IPv4') this.#ipv4 += by;
    else this.#ipv6 += by;
    if (firstDual < Infinity) this.#onDualNodes += by;
    if (startedAt > firstDual) this.#later += by;
    if (startedAt > firstDual && startedAt <= lastDual) this.#among += by;
    if (isBefore(startedAt, firstDual)) this.#earlier += by;
  }

  /** Whether there are several, all with the same one family on several nodes, or on one that gives others both: no single node is why. */
  get areOfOneFamily(): boolean {
    if (this.#pods < FEWEST || this.#onDualNodes === 0) return false;
    return this.#ipv4 === 0 || this.#ipv6 === 0;
  }

  get areSomeAmong(): boolean {
    return this.#among > 0;
  }

  get areSomeLater(): boolean {
    return this.#later > 0;
  }

  get #pods(): number {
    return this.#ipv4 + this.#ipv6;
  }

  /** Whether all started well before the first pod with both families on their nodes. */
  get areAllEarlier(): boolean {
    return this.#earlier === this.#pods;
  }

  /** The families that all lack, where all have the same one family. */
  get lacks(): FamilyList {
    const has = listOf([this.#ipv4 > 0 ? 'IPv4' : undefined, this.#ipv6 > 0 ? 'IPv6' : undefined]);
    return has === NO_FAMILY ? NO_FAMILY : missingFrom(has, DUAL_IPV4_FIRST);
  }
}

/** When the pods with one family of a workload started, of which no pod has both; undefined where they have not the same one. */
export function orderOf(counts: WorkloadCounts): Order | undefined {
  if (!counts.areOfOneFamily) return undefined;
  if (counts.areSomeAmong) return 'among';
  return counts.areSomeLater ? 'later' : 'unordered';
}
