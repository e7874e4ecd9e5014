import { listOf, missingFrom, NO_FAMILY, type Family, type FamilyList } from './addresses.ts';
import type { NodeCheck, Verdict } from './checks/check.ts';

/** A verdict that counts, with its check. */
export interface Judgement<C> {
  readonly check: C;
  readonly verdict: Verdict;
}

/** Below this, a cluster-wide finding would say no more than the findings of its nodes. */
const FEWEST_NODES = 2;

/** The verdicts on nodes, and which of them are so common that one finding on the cluster stands for them. */
export class NodeJudgements {
  readonly #ofNode = new Map<string, readonly Judgement<NodeCheck>[]>();
  readonly #counts = new Map<NodeCheck, Record<Family, number>>();
  #rolledUp: ReadonlyMap<NodeCheck, FamilyList> = new Map();

  /** Sets what is said of a node; returns whether that is something else than before. */
  set(name: string, judgements: readonly Judgement<NodeCheck>[]): boolean {
    const previous = this.of(name);
    if (sameJudgements(previous, judgements)) return false;
    this.#count(previous, -1);
    this.#count(judgements, 1);
    if (judgements.length > 0) this.#ofNode.set(name, judgements);
    else this.#ofNode.delete(name);
    return true;
  }

  of(name: string): readonly Judgement<NodeCheck>[] {
    return this.#ofNode.get(name) ?? [];
  }

  names(): Iterable<string> {
    return this.#ofNode.keys();
  }

  /** Works out anew what is rolled up; returns whether that changed. */
  update(judgedNodes: number): boolean {
    const rolledUp = new Map<NodeCheck, FamilyList>();
    for (const [check, counts] of this.#counts) {
      const families = (['IPv4', 'IPv6'] as const).filter((family) => isCommon(check, counts[family], judgedNodes));
      if (families.length > 0) rolledUp.set(check, listOf(families));
    }
    const changed = rolledUp.size !== this.#rolledUp.size || [...rolledUp].some(([check, families]) => this.rolledUp(check) !== families);
    this.#rolledUp = rolledUp;
    return changed;
  }

  /** The families of a check that a finding on the cluster stands for. */
  rolledUp(check: NodeCheck): FamilyList {
    return this.#rolledUp.get(check) ?? NO_FAMILY;
  }

  /** What is left of a node's verdict when what is rolled up is taken out. */
  ownFamilies({ check, verdict }: Judgement<NodeCheck>): FamilyList {
    return missingFrom(this.rolledUp(check), verdict.families);
  }

  /** On how many nodes a check found one of these families. */
  nodesWith(check: NodeCheck, families: FamilyList): string[] {
    const found = (judgement: Judgement<NodeCheck>): boolean =>
      judgement.check === check && judgement.verdict.families.some((family) => families.includes(family));
    return [...this.#ofNode].filter(([, judgements]) => judgements.some(found)).map(([name]) => name);
  }

  #count(judgements: readonly Judgement<NodeCheck>[], by: 1 | -1): void {
    for (const { check, verdict } of judgements) {
      const counts = this.#counts.get(check) ?? { IPv4: 0, IPv6: 0 };
      this.#counts.set(check, counts);
      for (const family of verdict.families) counts[family] += by;
    }
  }
}

function isCommon({ rollUp }: NodeCheck, count: number, judgedNodes: number): boolean {
  if (!rollUp || count < FEWEST_NODES) return false;
  return rollUp.over === 'all' ? count >= judgedNodes : count * 2 > judgedNodes;
}

export function sameJudgements<C>(one: readonly Judgement<C>[], other: readonly Judgement<C>[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ check, verdict }, index) => {
      const that = other[index];
      return that?.check === check && that.verdict.families === verdict.families && that.verdict.severity === verdict.severity;
    })
  );
}
