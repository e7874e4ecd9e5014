import { overlap, type FamilyList } from '../net/addresses.ts';
import type { ClusterCheck, ObjectCheck } from '../checks/check.ts';
import { CLUSTER_CHECKS } from '../checks/registry.ts';
import { ALL_KINDS } from '../kinds/registry.ts';
import type { Origin, Reach } from '../cluster/reach.ts';
import { keyOf, type Facts, type FactsKind } from '../kinds/facts.ts';
import { CLUSTER, findingId, type Finding, type FindingId } from './finding.ts';
import type { FindingSet } from './finding-set.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { CheckResult } from './rollups.ts';
import type { KindIndex } from './kind-index.ts';
import { Tally } from '../store/tally.ts';
import type { ClusterView } from '../cluster/view.ts';

/** What explains findings: other findings, as the checks declare which reach what. */
export class Causes {
  readonly #store: ClusterStore;
  readonly #kindIndexes: readonly KindIndex[];
  readonly #findings: FindingSet;
  /** By the kind of an object: what it names that has findings, and how. */
  readonly #named: ReadonlyMap<FactsKind, readonly { readonly kindIndex: KindIndex; readonly keys: (facts: Facts) => readonly string[] }[]>;

  constructor(store: ClusterStore, kindIndexes: readonly KindIndex[], findings: FindingSet) {
    this.#store = store;
    this.#kindIndexes = kindIndexes;
    this.#findings = findings;
    this.#named = new Map(
      ALL_KINDS.map(({ name, links }) => [
        name,
        links.flatMap((link) => {
          const kindIndex = kindIndexes.find(({ kind }) => kind === link.to);
          return kindIndex && link.type === 'names' ? [{ kindIndex, keys: (facts: Facts) => link.keys(facts) }] : [];
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
   * What explains a finding that represents many objects: what does on most of them.
   * @param keys of the objects
   * @returns undefined where nothing does on one of them
   */
  ofMany(check: ObjectCheck, keys: readonly string[], families: FamilyList, view: ClusterView): FindingId | undefined {
    const objects = this.#store.objects(check.kind);
    const causes = new Tally();
    for (const key of keys) {
      const facts = objects.get(key);
      const cause = facts && this.of(check, facts, families, view);
      if (!cause) return undefined;
      causes.add(cause);
    }
    return mostFrequent(causes);
  }

  /**
   * What explains that the cluster lacks families: a finding that comes first, which represents many objects or is on the last one of them; one that
   * represents many and keeps the families from others; else the findings that together reach all there are.
   * @param rolledUp the findings that represent many objects
   */
  ofCluster(check: ClusterCheck, families: FamilyList, rolledUp: readonly Finding[], view: ClusterView): FindingId | undefined {
    const { causedThrough } = check;
    const first = rolledUp.find((finding) => isFirst(check, finding, view) && overlap(finding.families, families));
    const firstId = first?.id ?? this.#firstOnObject(check, families, view);
    if (firstId || !causedThrough) return firstId;
    const common = rolledUp.find(({ check, families: those }) => check.explains && overlap(those, families));
    return common?.id ?? this.#behindAll(causedThrough, families);
  }

  /** What explains that an object lacks families: a finding on it, on what it names, or on the cluster. */
  #behind(object: Facts, origin: Origin, families: FamilyList, view: ClusterView): FindingId | undefined {
    const missing = origin.missing(object, families, view);
    if (missing.length === 0) return undefined;
    return this.#onObject(object, origin, missing) ?? this.#onNamed(object, missing, view) ?? this.#onCluster(object, missing, view);
  }

  /** What is left of many objects, and would be one finding with others, comes first as they do. */
  #firstOnObject(effect: ClusterCheck, families: FamilyList, view: ClusterView): FindingId | undefined {
    if (!effect.comesAfter) return undefined;
    for (const kindIndex of this.#kindIndexes) {
      for (const key of kindIndex.results.keysTogether()) {
        const found = kindIndex.results
          .of(key)
          .find(({ check, violation }) => violation.together && overlap(violation.families, families) && effect.comesAfter?.(check, view));
        if (found) return idOf(kindIndex, key, found, families);
      }
    }
    return undefined;
  }

  #onObject(object: Facts, { kind, explaining }: Origin, families: FamilyList): FindingId | undefined {
    const key = keyOf(object);
    const kindIndex = this.#kindIndexes.find((one) => one.kind === kind);
    const found = kindIndex?.results
      .of(key)
      .find(({ check, violation }) => (!explaining || check.explains === explaining) && overlap(violation.families, families));
    return kindIndex && found && idOf(kindIndex, key, found, families);
  }

  #onNamed(object: Facts, families: FamilyList, view: ClusterView): FindingId | undefined {
    for (const { kindIndex, keys } of this.#named.get(object.kind) ?? []) {
      for (const key of keys(object)) {
        const found = kindIndex.results
          .of(key)
          .find(({ check, violation }) => reaches(check, object, view) && overlap(violation.families, families));
        if (found) return idOf(kindIndex, key, found, families);
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
    for (const { kind, results } of this.#kindIndexes) {
      for (const key of results.keys()) {
        const found = results.of(key).find(({ check, violation }) => check.explains === reach && overlap(violation.families, families));
        if (found) reached.add(findingId(found.check, kind, key), count.from(key, this.#store));
      }
    }
    return reached.total > 0 && reached.total === count.of(this.#store) ? mostFrequent(reached) : undefined;
  }
}

function isFirst(effect: ClusterCheck, { check }: Finding, view: ClusterView): boolean {
  return check.kind !== CLUSTER.kind && effect.comesAfter?.(check, view) === true;
}

/** The finding that says what is found on an object: its own, or the one on the cluster that represents it. */
function idOf({ kind, results }: KindIndex, key: string, found: CheckResult, families: FamilyList): FindingId {
  const isOwn = overlap(results.ownFamilies(found), families);
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
