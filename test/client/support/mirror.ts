import type { Change, Facts, FactsKind } from '../../../src/core/kinds/facts.ts';
import { keyOf } from '../../../src/core/kinds/facts.ts';

/** The facts that changes amount to, kept in the plainest way. */
export class Mirror {
  readonly synced = new Set<FactsKind>();
  readonly unavailable = new Map<FactsKind, string>();
  readonly #facts = new Map<FactsKind, Map<string, Facts>>();
  readonly #listing = new Map<FactsKind, Set<string>>();

  apply(change: Change): void {
    switch (change.type) {
      case 'listing':
        this.unavailable.delete(change.kind);
        this.#listing.set(change.kind, new Set());
        break;
      case 'upsert':
        this.#of(change.facts.kind).set(keyOf(change.facts), change.facts);
        this.#listing.get(change.facts.kind)?.add(keyOf(change.facts));
        break;
      case 'delete':
        this.#of(change.kind).delete(change.key);
        break;
      case 'listed':
        this.#forgetUnlisted(change.kind);
        this.synced.add(change.kind);
        break;
      case 'unavailable':
        this.synced.delete(change.kind);
        this.unavailable.set(change.kind, change.reason.reason);
    }
  }

  /** The facts of a kind, by key. */
  all(kind: FactsKind): Readonly<Record<string, Facts>> {
    return Object.fromEntries(this.#of(kind));
  }

  #forgetUnlisted(kind: FactsKind): void {
    const listed = this.#listing.get(kind);
    for (const key of this.#of(kind).keys()) if (!listed?.has(key)) this.#of(kind).delete(key);
    this.#listing.delete(kind);
  }

  #of(kind: FactsKind): Map<string, Facts> {
    const known = this.#facts.get(kind) ?? new Map<string, Facts>();
    this.#facts.set(kind, known);
    return known;
  }
}
