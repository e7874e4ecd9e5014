import { overlap, type FamilyList } from '../net/addresses.ts';
import type { ClusterCheck, ObjectCheck } from '../checks/check.ts';
import { CLUSTER_CHECKS } from '../checks/registry.ts';
import { ALL_KINDS } from '../kinds/registry.ts';
import type { Origin, Reach } from '../cluster/reach.ts';
import { keyOf, type Facts, type FactsKind } from '../kinds/facts.ts';
import { CLUSTER, findingId, type Finding, type FindingId } from './finding.ts';
import type { FindingSet } from './finding-set.ts';
import type { Inventory } from '../cluster/cluster-store.ts';
import type { Judgement } from './rollups.ts';
import type { Shelf } from './kind-index.ts';
import { Tally } from '../store/tally.ts';
import type { ClusterView } from '../cluster/view.ts';

/** What explains findings: other findings, as the checks declare which reach what. */
export class Causes {
  readonly #inventory: Inventory;
  readonly #shelves: readonly Shelf[];
  readonly #findings: FindingSet;
  /** By the kind of an object: what it names that has findings, and how. */
  readonly #named: ReadonlyMap<FactsKind, readonly { readonly shelf: Shelf; readonly keys: (facts: Facts) => readonly string[] }[]>;

  constructor(inventory: Inventory, shelves: readonly Shelf[], findings: FindingSet) {
    this.#inventory = inventory;
    this.#shelves = shelves;
    this.#findings = findings;
    this.#named = new Map(
      ALL_KINDS.map(({ name, links }) => [
        name,
        links.flatMap((link) => {
          const shelf = shelves.find(({ kind }) => kind === link.to);
          return shelf && link.type === 'names' ? [{ shelf, keys: (facts: Facts) => link.keys(facts) }] : [];
        }),
      ]),
    );
  }

  /**
   * What explains that an object lacks families: of the findings behind the objects that its check names as the origin, the one behind the most that count,
   * or where none is, behind the most.
   * @returns undefined where these have the families, or nothing explains that they have not
   */
  of({ causedThrough }: ObjectCheck, facts: Facts, families: FamilyList, view: ClusterView): FindingId | undefined {
    if (!causedThrough) return undefined;
    const causes = new Tally();
    const causesThatCount = new Tally();
    for (const object of causedThrough.objects(facts, view)) {
      const cause = this.#behind(object, causedThrough, families, view);
      if (cause) causes.add(cause);
      if (cause && causedThrough.counts(object)) causesThatCount.add(cause);
    }
    return mostFrequent(causesThatCount) ?? mostFrequent(causes);
  }

  /**
   * What explains that the cluster lacks families: a finding that stands for many objects and keeps the families from others, else the findings that
   * together reach all there are.
   * @param rolledUp the findings that stand for many objects
   */
  ofCluster({ causedThrough }: ClusterCheck, families: FamilyList, rolledUp: readonly Finding[]): FindingId | undefined {
    if (!causedThrough) return undefined;
    const common = rolledUp.find(({ check, families: those }) => check.explains && overlap(those, families));
    return common?.id ?? this.#behindAll(causedThrough, families);
  }

  /** What explains that an object lacks families: a finding on it, on what it names, or on the cluster. */
  #behind(object: Facts, origin: Origin, families: FamilyList, view: ClusterView): FindingId | undefined {
    const missing = origin.missing(object, families, view);
    if (missing.length === 0) return undefined;
    return this.#onObject(object, origin, missing) ?? this.#onNamed(object, missing, view) ?? this.#onCluster(object, missing, view);
  }

  #onObject(object: Facts, { kind, explaining }: Origin, families: FamilyList): FindingId | undefined {
    const key = keyOf(object);
    const shelf = this.#shelves.find((one) => one.kind === kind);
    const found = shelf?.judgements
      .of(key)
      .find(({ check, verdict }) => (!explaining || check.explains === explaining) && overlap(verdict.families, families));
    return shelf && found && idOf(shelf, key, found, families);
  }

  #onNamed(object: Facts, families: FamilyList, view: ClusterView): FindingId | undefined {
    for (const { shelf, keys } of this.#named.get(object.kind) ?? []) {
      for (const key of keys(object)) {
        const found = shelf.judgements
          .of(key)
          .find(({ check, verdict }) => reaches(check, object, view) && overlap(verdict.families, families));
        if (found) return idOf(shelf, key, found, families);
      }
    }
    return undefined;
  }

  /** What is nobody's fault in particular: pods from before the family came, say, or a cluster without it. */
  #onCluster(object: Facts, families: FamilyList, view: ClusterView): FindingId | undefined {
    for (const check of CLUSTER_CHECKS) {
      const id = findingId(check, CLUSTER.kind, CLUSTER.name);
      const finding = reaches(check, object, view) ? this.#findings.all.get(id) : undefined;
      if (finding && overlap(finding.families, families)) return id;
    }
    return undefined;
  }

  /** Where all objects of a reach are behind such as keep a family from them: of these the one with the most. */
  #behindAll(reach: Reach, families: FamilyList): FindingId | undefined {
    const { count } = reach;
    if (!count) return undefined;
    const reached = new Tally();
    for (const { kind, judgements } of this.#shelves) {
      for (const key of judgements.keys()) {
        const found = judgements.of(key).find(({ check, verdict }) => check.explains === reach && overlap(verdict.families, families));
        if (found) reached.add(findingId(found.check, kind, key), count.from(key, this.#inventory));
      }
    }
    return reached.total > 0 && reached.total === count.of(this.#inventory) ? mostFrequent(reached) : undefined;
  }
}

/** The finding that says what is found on an object: its own, or the one on the cluster that stands for it. */
function idOf({ kind, judgements }: Shelf, key: string, found: Judgement, families: FamilyList): FindingId {
  const isOwn = overlap(judgements.ownFamilies(found), families);
  return isOwn ? findingId(found.check, kind, key) : findingId(found.check, CLUSTER.kind, CLUSTER.name);
}

function reaches({ explains }: ObjectCheck | ClusterCheck, object: Facts, view: ClusterView): boolean {
  return explains !== undefined && explains.kind === object.kind && explains.includes(object, view);
}

/** The one that occurs most; of several the first by name, in whatever order they came. */
function mostFrequent(causes: Tally): FindingId | undefined {
  const [first] = [...causes.entries()].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first?.[0];
}
