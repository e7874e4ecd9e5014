import { listOf, missingFrom, NO_FAMILY, overlap, type Family, type FamilyList } from './addresses.ts';
import type { NodeCheck, Share, Verdict } from './checks/check.ts';

/** A verdict that counts, with its check. */
export interface Judgement<C> {
  readonly check: C;
  readonly verdict: Verdict;
}

/** What is said of one judged node. */
export interface NodeVerdicts {
  readonly found: readonly Judgement<NodeCheck>[];
  /** What will count when the node's grace ends. */
  readonly waiting: readonly Judgement<NodeCheck>[];
  /** Any one family will do on a Windows node (rules N7 and K3). */
  readonly windows: boolean;
}

/** Of one check and family, on how many nodes it was found, and how many more or fewer than those that are not Windows nodes count beside them. */
interface Counts {
  found: number;
  counted: number;
}

/** Below this, a cluster-wide finding would say no more than the findings of its nodes. */
const FEWEST_NODES = 2;

/**
 * The verdicts on nodes, and which of them are so common that one finding on the cluster stands for them. Common means so many of the nodes
 * that the check could find fault with: a node in grace and a Windows node, which may do without the family, say nothing either way.
 */
export class NodeJudgements {
  readonly #ofNode = new Map<string, NodeVerdicts>();
  readonly #counts = new Map<NodeCheck, Readonly<Record<Family, Counts>>>();
  #notWindows = 0;
  #rolledUp: ReadonlyMap<NodeCheck, FamilyList> = new Map();

  /** Sets what is said of a node, undefined where it is not judged; returns whether something else is found than before. */
  set(name: string, verdicts: NodeVerdicts | undefined): boolean {
    const previous = this.#ofNode.get(name);
    if (previous) this.#count(previous, -1);
    if (verdicts) this.#count(verdicts, 1);
    if (verdicts) this.#ofNode.set(name, verdicts);
    else this.#ofNode.delete(name);
    return !sameJudgements(previous?.found ?? [], verdicts?.found ?? []);
  }

  of(name: string): readonly Judgement<NodeCheck>[] {
    return this.#ofNode.get(name)?.found ?? [];
  }

  /** The nodes on which something was found. */
  *names(): Generator<string> {
    for (const [name, { found }] of this.#ofNode) if (found.length > 0) yield name;
  }

  /** Works out anew what is rolled up; returns whether that changed. */
  update(): boolean {
    const rolledUp = new Map<NodeCheck, FamilyList>();
    for (const [check, counts] of this.#counts) {
      const families = (['IPv4', 'IPv6'] as const).filter((family) => this.#isCommon(check, counts[family]));
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

  /** On which nodes a check found one of these families. */
  nodesWith(check: NodeCheck, families: FamilyList): string[] {
    return [...this.#ofNode].filter(([, { found }]) => finds(found, check, families)).map(([name]) => name);
  }

  /** On how many nodes a check found one of these families, and of how many it could have. */
  shareWith(check: NodeCheck, families: FamilyList): Share {
    const verdicts = [...this.#ofNode.values()];
    const found = verdicts.filter((node) => finds(node.found, check, families));
    const others = verdicts.filter((node) => !node.windows && !finds(node.found, check, families) && !finds(node.waiting, check, families));
    return { nodes: found.length, of: found.length + others.length };
  }

  #isCommon({ rollUp }: NodeCheck, { found, counted }: Counts): boolean {
    if (!rollUp || found < FEWEST_NODES) return false;
    const all = this.#notWindows + counted;
    return rollUp.over === 'all' ? found >= all : found * 2 > all;
  }

  #count({ found, waiting, windows }: NodeVerdicts, by: 1 | -1): void {
    if (!windows) this.#notWindows += by;
    for (const { check, verdict } of found) {
      for (const family of verdict.families) {
        const counts = this.#countsOf(check)[family];
        counts.found += by;
        if (windows) counts.counted += by;
      }
    }
    if (windows) return;
    for (const { check, verdict } of waiting) for (const family of verdict.families) this.#countsOf(check)[family].counted -= by;
  }

  #countsOf(check: NodeCheck): Readonly<Record<Family, Counts>> {
    const counts = this.#counts.get(check) ?? { IPv4: { found: 0, counted: 0 }, IPv6: { found: 0, counted: 0 } };
    this.#counts.set(check, counts);
    return counts;
  }
}

function finds(judgements: readonly Judgement<NodeCheck>[], check: NodeCheck, families: FamilyList): boolean {
  return judgements.some((one) => one.check === check && overlap(one.verdict.families, families));
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
