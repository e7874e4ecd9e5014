import type { FamilyList } from '../net/addresses.ts';
import { Causes } from './causes.ts';
import type { Check, ClusterCheck, Description, ObjectCheck, Severity, Share, Violation } from '../checks/check.ts';
import { CHECKS, CLUSTER_CHECKS } from '../checks/registry.ts';
import { ALL_KINDS } from '../kinds/registry.ts';
import { describeFinding } from './describe.ts';
import { Effects, type Dirty } from './effects.ts';
import { keyOf, type Facts, type FactsKind } from '../kinds/facts.ts';
import { FindingSet } from './finding-set.ts';
import { CLUSTER, findingId, isCluster, refOf, type Finding, type FindingId, type ObjectRef } from './finding.ts';
import type { Grace } from '../cluster/grace.ts';
import { DEFAULT_PARAMETERS, type ParameterValues } from '../cluster/parameters.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { CheckResult, ObjectViolations } from './rollups.ts';
import { newKindIndexes, type KindIndex } from './kind-index.ts';
import type { DirtySets } from '../store/store.ts';
import { Tally } from '../store/tally.ts';
import { ClusterView, expectedOf } from '../cluster/view.ts';

/** What a check found on an object, whether a finding on the cluster represents it or not. */
export interface Found {
  /** Its key in the store. */
  readonly key: string;
  readonly object: ObjectRef;
  readonly families: FamilyList;
  readonly severity: Severity;
}

/** After so many objects an evaluation lets others run. */
const OBJECTS_PER_STEP = 200;

const NO_SHARE: Share = { nodes: 0, of: 0 };

const NOTHING: readonly never[] = [];

const NO_TALLY = new Tally();

const HAVE_FALLBACK: ReadonlySet<FactsKind> = new Set(ALL_KINDS.filter(({ hasFallback }) => hasFallback).map(({ name }) => name));

/**
 * The verdicts on the cluster for one list of expected families and one set of parameters, kept up to date as facts change. After any
 * changes they equal those of a new evaluation on the same store at the same time.
 */
export class Evaluation {
  readonly expected: FamilyList;
  readonly parameters: ParameterValues;
  readonly #store: ClusterStore;
  readonly #grace: Grace;
  readonly #kindIndexes = newKindIndexes();
  readonly #byKind: ReadonlyMap<FactsKind, KindIndex> = new Map(this.#kindIndexes.map((kindIndex) => [kindIndex.kind, kindIndex]));
  /** The last of the kinds whose findings are rolled up on the cluster: only after it are all findings on the cluster known. */
  readonly #lastRollUp = this.#kindIndexes.findLast(({ rollsUp }) => rollsUp);
  readonly #findings = new FindingSet();
  readonly #causes: Causes;
  readonly #effects: Effects;
  #ofCluster: readonly FindingId[] = [];
  /** The checks that can be answered now. */
  #answerable: ReadonlySet<Check> = new Set();
  #view: ClusterView;
  #fingerprint = '';
  #version = 0;
  #evaluated = 0;

  constructor(store: ClusterStore, expected: FamilyList, grace: Grace, parameters = DEFAULT_PARAMETERS) {
    this.#store = store;
    this.expected = expected;
    this.parameters = parameters;
    this.#grace = grace;
    this.#view = new ClusterView(store, expected, grace, 0, parameters);
    this.#causes = new Causes(store, this.#kindIndexes, this.#findings);
    this.#effects = new Effects(store);
  }

  /** The findings as of the last completed evaluation. */
  get findings(): ReadonlyMap<FindingId, Finding> {
    return this.#findings.all;
  }

  /** The cluster as of the last completed evaluation. */
  get view(): ClusterView {
    return this.#view;
  }

  /** Rises with each evaluation. */
  get version(): number {
    return this.#version;
  }

  /** How many objects have been evaluated since the start. */
  get evaluated(): number {
    return this.#evaluated;
  }

  /** When the next finding falls due though nothing changes, in milliseconds since the epoch. */
  get nextDue(): number | undefined {
    const next = Math.min(...this.#kindIndexes.map(({ due }) => due.next ?? Infinity));
    return next === Infinity ? undefined : next;
  }

  /** Whether an evaluation at this time, in milliseconds since the epoch, may find something else though nothing changed. */
  isDueAt(now: number): boolean {
    return (this.nextDue ?? Infinity) <= now || this.#view.isAheadOf(now);
  }

  /** The findings that a finding explains. */
  effectsOf(id: FindingId): ReadonlySet<FindingId> {
    return this.#findings.effectsOf(id);
  }

  /** What the role of a kind counts of its objects, by label. */
  tallyOf(kind: FactsKind): Pick<Tally, 'entries'> {
    return this.#byKind.get(kind)?.tally ?? NO_TALLY;
  }

  /** The objects on which a check found something, rolled up or not. */
  *foundBy(check: ObjectCheck): Generator<Found> {
    const { results } = this.#byKind.get(check.kind) ?? {};
    const objects = this.#store.objects(check.kind);
    for (const key of results?.keys() ?? NOTHING) {
      const found = results?.of(key).find((result) => result.check === check);
      const facts = objects.get(key);
      if (!found || !facts) continue;
      yield { key, object: refOf(facts), families: found.violation.families, severity: found.violation.severity ?? check.severity };
    }
  }

  /** The keys of the objects that a finding on the cluster represents. */
  keysBehind({ object, check, families }: Finding): readonly string[] {
    if (!isCluster(object) || check.kind === CLUSTER.kind) return NOTHING;
    return this.#byKind.get(check.kind)?.results.keysWith(check, families) ?? NOTHING;
  }

  /** The objects that a finding on the cluster represents. */
  objectsBehind(finding: Finding): readonly ObjectRef[] {
    const { kind } = finding.check;
    if (kind === CLUSTER.kind) return NOTHING;
    const objects = this.#store.objects(kind);
    return this.keysBehind(finding)
      .map((key) => objects.get(key))
      .filter((facts) => facts !== undefined)
      .map(refOf);
  }

  /**
   * Whether a check has evaluated an object and finds nothing: not that it is unavailable, that the object has grace, or that the fault is
   * part of another finding by now.
   * @param key of the object; undefined for the cluster, which has the findings that represent many objects
   */
  isClear(check: Check, key: string | undefined): boolean {
    if (!this.#answerable.has(check)) return false;
    if (check.kind === CLUSTER.kind) return !this.#findings.all.has(findingId(check, CLUSTER.kind, CLUSTER.name));
    if (key === undefined) return this.foundBy(check).next().done === true;
    const { results, due } = this.#byKind.get(check.kind) ?? {};
    return !due?.has(key) && results?.of(key).every((result) => result.check !== check) !== false;
  }

  #shareOf({ object, check, families }: Finding): Share {
    if (!isCluster(object) || check.kind === CLUSTER.kind) return NO_SHARE;
    return this.#byKind.get(check.kind)?.results.shareWith(check, families) ?? NO_SHARE;
  }

  /**
   * Evaluates what is dirty, what has fallen due and what depends on it. Yields now and then: until the generator is done the
   * evaluation must not be read and the store not be changed.
   * @param now milliseconds since the epoch
   */
  *evaluate(dirtySets: DirtySets, now: number): Generator<void, void> {
    const dirty: Dirty = new Map(
      this.#kindIndexes.map(({ kind, due }) => [kind, new Set([...(dirtySets.get(kind) ?? NOTHING), ...due.take(now)])]),
    );
    const wasAhead = this.#view.isAheadOf(now);
    this.#view = new ClusterView(this.#store, this.expected, this.#grace, now, this.parameters);
    this.#answerable = new Set(CHECKS.filter(({ needs }) => this.#isAnswerable(needs)));
    const all = this.#clusterChanged() || wasAhead;
    if (!this.#lastRollUp) this.#findOnCluster();
    for (const kindIndex of this.#kindIndexes) {
      yield* this.#evaluateKind(kindIndex, dirty, all);
      if (kindIndex.rollsUp) this.#rollUp(kindIndex, dirty);
      if (kindIndex === this.#lastRollUp) this.#findOnCluster();
    }
    this.#version += 1;
  }

  *#evaluateKind(kindIndex: KindIndex, dirty: Dirty, all: boolean): Generator<void, void> {
    const objects = this.#store.objects(kindIndex.kind);
    const keys = dirty.get(kindIndex.kind) ?? new Set();
    let count = 0;
    for (const key of all ? allOf(objects, keys) : keys) {
      this.#evaluateObject(kindIndex, key, objects.get(key), dirty);
      this.#evaluated += 1;
      count += 1;
      if (count % OBJECTS_PER_STEP === 0) yield;
    }
  }

  /** Whether something cluster-wide changed that all verdicts depend on. */
  #clusterChanged(): boolean {
    const availability = ALL_KINDS.map(({ name }) => this.#store.availability(name));
    const fingerprint = `${this.#view.fingerprint}${JSON.stringify(availability)}`;
    if (fingerprint === this.#fingerprint) return false;
    this.#fingerprint = fingerprint;
    return true;
  }

  #evaluateObject(kindIndex: KindIndex, key: string, facts: Facts | undefined, dirty: Dirty): void {
    const { kind, role, results, due } = kindIndex;
    if (role.profile) this.#compareProfile(kindIndex, key, facts, dirty);
    if (role.counts) count(kindIndex, key, facts ? role.counts(facts, this.#view) : NOTHING);
    const violations = facts && !role.isIgnored?.(facts) ? this.#evaluateChecks(kindIndex, key, facts) : undefined;
    if (!violations) due.cancel(key);
    const isChanged = results.set(key, violations);
    // Its findings may have another cause, or another name: in a dump one key may be of two objects, one after the other.
    if (isChanged || results.of(key).length > 0) this.#setFindings(kindIndex, key, facts);
    if (isChanged) this.#effects.mark(kind, key, facts, dirty);
  }

  /** What names or selects an object has to be evaluated again when something of this changes that the verdicts on it depend on. */
  #compareProfile({ kind, role, profiles }: KindIndex, key: string, facts: Facts | undefined, dirty: Dirty): void {
    const profile = facts && role.profile?.(facts, this.#view);
    if (profiles.size === 0 && profile === undefined) return;
    if (profile === profiles.get(key)) return;
    if (profile === undefined) profiles.delete(key);
    else profiles.set(key, profile);
    for (const referrer of this.#store.referrersOf(kind, key)) dirty.get(referrer.kind)?.add(keyOf(referrer));
    // What selects an object that is gone is dirty already.
    for (const selecting of facts ? this.#store.selectingOf(facts) : NOTHING) dirty.get(selecting.kind)?.add(keyOf(selecting));
  }

  #setFindings({ results, findings }: KindIndex, key: string, facts: Facts | undefined): void {
    const found = facts ? results.of(key).flatMap((result) => this.#findingsOf(result, results.ownFamilies(result), key, facts)) : NOTHING;
    const ids = this.#findings.exchange(findings.get(key) ?? NOTHING, found);
    if (ids.length > 0) findings.set(key, ids);
    else findings.delete(key);
  }

  #findingsOf({ check, violation }: CheckResult, families: FamilyList, key: string, facts: Facts): readonly Finding[] {
    if (families.length === 0) return NOTHING;
    const causedBy = this.#causes.of(check, facts, families, this.#view);
    return [findingOf(check, refOf(facts), key, families, violation.severity, causedBy, violation.families)];
  }

  #rollUp(kindIndex: KindIndex, dirty: Dirty): void {
    const { kind, results } = kindIndex;
    if (!results.update()) return;
    const objects = this.#store.objects(kind);
    for (const key of results.keys()) {
      const facts = objects.get(key);
      this.#setFindings(kindIndex, key, facts);
      this.#effects.mark(kind, key, facts, dirty);
    }
  }

  #findOnCluster(): void {
    const findings = this.#kindIndexes.flatMap(({ checks, results }) =>
      checks
        .map((check) => ({ check, families: results.rolledUp(check) }))
        .filter(({ families }) => families.length > 0)
        .map(({ check, families }) => {
          const severity = check.rollUp?.severity?.(families, this.#view) ?? results.severityOf(check);
          const causedBy = check.causedThrough && this.#causes.ofMany(check, results.keysWith(check, families), families, this.#view);
          return findingOf(check, CLUSTER, CLUSTER.name, families, severity, causedBy);
        }),
    );
    const own = CLUSTER_CHECKS.flatMap((check) => this.#askOfCluster(check, findings));
    this.#ofCluster = this.#findings.exchange(this.#ofCluster, [...own, ...findings]);
  }

  #askOfCluster(check: ClusterCheck, rolledUp: readonly Finding[]): readonly Finding[] {
    const violation = this.#answerable.has(check) ? this.#counting(check.evaluate(this.#view)) : undefined;
    if (!violation) return NOTHING;
    const causedBy = this.#causes.ofCluster(check, violation.families, rolledUp, this.#view);
    return [findingOf(check, CLUSTER, CLUSTER.name, violation.families, violation.severity, causedBy)];
  }

  /** A verdict with the families for which it counts; undefined where there are none. */
  #counting(violation: Violation | undefined): Violation | undefined {
    if (!violation) return undefined;
    const families = violation.ignoresExpectedFamilies ? violation.families : expectedOf(violation.families, this.expected);
    return families.length > 0 ? { ...violation, families } : undefined;
  }

  /** The verdicts on an object; it is scheduled for when the next of those that wait will count. */
  #evaluateChecks({ checks, due, role, rollsUp }: KindIndex, key: string, facts: Facts): ObjectViolations {
    let found: readonly CheckResult[] = NOTHING;
    let waiting: readonly CheckResult[] = NOTHING;
    let next = Infinity;
    for (const check of checks) {
      const violation = this.#answerable.has(check) ? this.#counting(check.evaluate(facts, this.#view)) : undefined;
      if (!violation) continue;
      const later = violation.due > this.#view.now;
      if (!later) {
        found = [...found, { check, violation }];
        continue;
      }
      next = Math.min(next, violation.due);
      waiting = [...waiting, { check, violation }];
    }
    if (next < Infinity) due.schedule(key, next);
    else due.cancel(key);
    return { found, waiting, mayLack: rollsUp && (role.mayLack?.(facts) ?? false) };
  }

  /** Every kind has to be known, but those without which checks have something else to go by. */
  #isAnswerable(needs: readonly FactsKind[]): boolean {
    return needs.every((kind) => {
      const availability = this.#store.availability(kind);
      return availability === 'Synced' || (availability !== 'Pending' && HAVE_FALLBACK.has(kind));
    });
  }

  /** A finding in words, from the facts as they are now. */
  describe(finding: Finding): Description {
    return describeFinding(finding, this.#store, this.#view, { share: this.#shareOf(finding), keys: this.keysBehind(finding) });
  }
}

/** Counts what is counted of an object, in place of what was. */
function count({ tally, counts }: KindIndex, key: string, labelled: readonly (readonly [string, number])[]): void {
  for (const [label, number] of counts.get(key) ?? NOTHING) tally.add(label, -number);
  for (const [label, number] of labelled) tally.add(label, number);
  if (labelled.length > 0) counts.set(key, labelled);
  else counts.delete(key);
}

/** The keys of all objects there are, and those of the dirty ones that are gone. */
function* allOf(objects: ReadonlyMap<string, Facts>, dirty: ReadonlySet<string>): Generator<string> {
  yield* objects.keys();
  for (const key of dirty) if (!objects.has(key)) yield key;
}

function findingOf(
  check: Check,
  object: ObjectRef,
  key: string,
  families: FamilyList,
  severity: Severity = check.severity,
  causedBy?: FindingId,
  violationFamilies = families,
): Finding {
  return {
    id: findingId(check, isCluster(object) ? CLUSTER.kind : check.kind, key),
    check,
    object,
    key,
    families,
    violationFamilies,
    severity,
    causedBy,
  };
}
