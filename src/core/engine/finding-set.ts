import type { Finding, FindingId } from './finding.ts';
import { addTo, removeFrom, setAt } from '../store/tally.ts';

/** Findings by their ids, with what each explains. */
export class FindingSet {
  readonly #findings = new Map<FindingId, Finding>();
  readonly #effects = new Map<FindingId, Set<FindingId>>();

  get all(): ReadonlyMap<FindingId, Finding> {
    return this.#findings;
  }

  /** The findings that a finding explains. */
  effectsOf(id: FindingId): ReadonlySet<FindingId> {
    return setAt(this.#effects, id);
  }

  /** Puts findings in the place of others, and returns their ids. */
  exchange(known: readonly FindingId[], findings: readonly Finding[]): readonly FindingId[] {
    for (const id of known) this.#drop(id);
    for (const finding of findings) this.#put(finding);
    return findings.map(({ id }) => id);
  }

  #put(finding: Finding): void {
    this.#findings.set(finding.id, finding);
    if (finding.causedBy) addTo(this.#effects, finding.causedBy, finding.id);
  }

  #drop(id: FindingId): void {
    const finding = this.#findings.get(id);
    this.#findings.delete(id);
    if (finding?.causedBy) removeFrom(this.#effects, finding.causedBy, id);
  }
}
