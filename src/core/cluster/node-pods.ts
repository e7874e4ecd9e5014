import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import type { Family, FamilyList } from '../net/addresses.ts';
import { isBefore } from './pod-history.ts';

type Counts = Record<Family, number>;

/** The addressed, running pods of the pod network on one node. */
export interface NodePods {
  readonly total: number;
  readonly having: Readonly<Counts>;
  /** Whether they show that new pods on the node get a family of which it has no podCIDR, although pods elsewhere have it from podCIDRs. */
  shows(family: Family): boolean;
}

/** What the counts of a pod depend on beside its families. */
export interface Origin {
  /** Whether its first address lies in a podCIDR of its node. */
  readonly isInside: boolean;
  /** Whether it is older than the Node object, and so may have addresses of podCIDRs that the node no longer has. */
  readonly isOlder: boolean;
}

/** The counts of the pods on one node as these come and go. */
export class CountedPods implements NodePods {
  total = 0;
  readonly having = newCounts();
  /** Those in a podCIDR of the node, and the families that the newer ones of them and of the others have. */
  #inside = 0;
  readonly #havingInside = newCounts();
  readonly #havingOutside = newCounts();

  /** Counts a pod, or counts it no more. */
  add(families: FamilyList, { isInside, isOlder }: Origin, by: 1 | -1): void {
    this.total += by;
    if (isInside) this.#inside += by;
    const newer = isInside ? this.#havingInside : this.#havingOutside;
    for (const family of families) {
      this.having[family] += by;
      if (!isOlder) newer[family] += by;
    }
  }

  /** Where some pods are in a podCIDR of the node, those beside it are from another network, or from before (rules.md#pod-cidrs-in-use). */
  shows(family: Family): boolean {
    return (this.#inside > 0 ? this.#havingInside : this.#havingOutside)[family] > 0;
  }
}

/** Whether a pod started before its Node object was created: it outlived the previous one. */
export function isOlderThanNode({ startedAt }: PodFacts, node: NodeFacts): boolean {
  return startedAt > 0 && isBefore(startedAt, node.createdAt);
}

function newCounts(): Counts {
  return { IPv4: 0, IPv6: 0 };
}
