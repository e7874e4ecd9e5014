import { DUAL_IPV4_FIRST, familiesWhere, missingFrom, NO_FAMILY, overlap, type Family, type FamilyList } from '../net/addresses.ts';
import type { ObjectCheck, Severity, Share, Violation } from '../checks/check.ts';
import { Tally } from '../store/tally.ts';

/** A verdict that counts, with its check. */
export interface CheckResult {
  readonly check: ObjectCheck;
  readonly violation: Violation;
}

/** What is said of one object that is evaluated. */
export interface ObjectViolations {
  readonly found: readonly CheckResult[];
  /** What will count when the object's grace ends. */
  readonly waiting: readonly CheckResult[];
  /** Whether it may do without a family, as a Windows node may (rules.md#skipped-nodes, #windows-overlay). */
  readonly mayLack: boolean;
}

/** Of one check and family, on how many objects it was found, and how many more or fewer than those that may lack nothing count beside them. */
interface Counts {
  found: number;
  /** Of those found, how many ask for one finding together. */
  together: number;
  counted: number;
}

/** Below this, a cluster-wide finding would say no more than the findings of its objects. */
const FEWEST_OBJECTS = 2;

/** The worst first. */
const SEVERITIES: readonly Severity[] = ['Critical', 'Warning', 'Info'];

const NOTHING: readonly never[] = [];

/**
 * The verdicts on the objects of one kind, and which of them are so common that one finding on the cluster represents them. Common means so many of the
 * objects that the check could find fault with: one in grace and one that may do without the family say nothing either way.
 */
export class CheckResults {
  /** Of every evaluated object where their number matters, else only of those on which something is found. */
  readonly #ofObject = new Map<string, ObjectViolations>();
  readonly #counts = new Map<ObjectCheck, Readonly<Record<Family, Counts>>>();
  /** The same whatever the families. */
  readonly #anyFamily = new Map<ObjectCheck, Counts>();
  /** How often each severity was found, of what a finding on the cluster can represent. */
  readonly #severities = new Map<ObjectCheck, Tally<Severity>>();
  /** The objects of which some violation asks to be one finding with others. */
  readonly #together = new Set<string>();
  readonly #rollsUp: boolean;
  readonly #countsAll: boolean;
  #demanding = 0;
  #rolledUp: ReadonlyMap<ObjectCheck, FamilyList> = new Map();

  /**
   * @param rollsUp whether some check of the kind does
   * @param countsAll whether it depends on how many objects of the kind there are
   */
  constructor(rollsUp: boolean, countsAll: boolean) {
    this.#rollsUp = rollsUp;
    this.#countsAll = countsAll;
  }

  /** Sets what is said of an object, undefined where it is not evaluated; returns whether something else is found than before. */
  set(key: string, violations: ObjectViolations | undefined): boolean {
    const previous = this.#ofObject.get(key);
    if (previous) this.#count(previous, -1);
    if (violations) this.#count(violations, 1);
    if (violations && (this.#countsAll || violations.found.length > 0)) this.#ofObject.set(key, violations);
    else if (previous) this.#ofObject.delete(key);
    const found = violations?.found ?? NOTHING;
    this.#noteTogether(key, found);
    return !sameResults(previous?.found ?? NOTHING, found);
  }

  of(key: string): readonly CheckResult[] {
    return this.#ofObject.get(key)?.found ?? NOTHING;
  }

  /** The objects on which something was found. */
  *keys(): Generator<string> {
    for (const [key, { found }] of this.#ofObject) if (found.length > 0) yield key;
  }

  /** The objects of which some violation asks to be one finding with others, the first by name first. */
  keysTogether(): readonly string[] {
    return [...this.#together].sort();
  }

  /** Works out again what is rolled up; returns whether that changed. */
  update(): boolean {
    const rolledUp = new Map<ObjectCheck, FamilyList>();
    for (const [check, counts] of this.#counts) {
      const families = this.#commonFamilies(check, counts);
      if (families.length > 0) rolledUp.set(check, families);
    }
    const changed = rolledUp.size !== this.#rolledUp.size || [...rolledUp].some(([check, families]) => this.rolledUp(check) !== families);
    this.#rolledUp = rolledUp;
    return changed;
  }

  /** The families of a check that a finding on the cluster represents. */
  rolledUp(check: ObjectCheck): FamilyList {
    return this.#rolledUp.get(check) ?? NO_FAMILY;
  }

  /** The worst severity of a check's verdicts that a finding on the cluster can represent. */
  severityOf(check: ObjectCheck): Severity | undefined {
    const severities = this.#severities.get(check);
    return SEVERITIES.find((severity) => severities !== undefined && severities.get(severity) > 0);
  }

  /** What is left of a verdict when what is rolled up is taken out. */
  ownFamilies({ check, violation }: CheckResult): FamilyList {
    return isRepresented(check, violation) ? missingFrom(this.rolledUp(check), violation.families) : violation.families;
  }

  /** On which objects a check found one of these families, as far as a finding on the cluster can represent them. */
  keysWith(check: ObjectCheck, families: FamilyList): string[] {
    return [...this.#ofObject].filter(([, { found }]) => finds(found, check, families)).map(([key]) => key);
  }

  /** On how many objects a check found one of these families, and of how many it could have. */
  shareWith(check: ObjectCheck, families: FamilyList): Share {
    const violations = [...this.#ofObject.values()];
    const found = violations.filter((one) => finds(one.found, check, families));
    const others = violations.filter((one) => !one.mayLack && !finds(one.found, check, families) && !finds(one.waiting, check, families));
    return { nodes: found.length, of: found.length + others.length };
  }

  #commonFamilies(check: ObjectCheck, counts: Readonly<Record<Family, Counts>>): FamilyList {
    if (!isByShare(check)) return this.#areSeveralTogether(check) ? familiesWhere((family) => counts[family].together > 0) : NO_FAMILY;
    const areDifferent = this.#isEachDifferent(check, counts);
    return familiesWhere((family) => (areDifferent ? counts[family].found > 0 : this.#isCommon(check, counts[family])));
  }

  /** Of whatever families: where objects share one of two, a finding for the other one would say the same fault again. */
  #areSeveralTogether(check: ObjectCheck): boolean {
    return (this.#anyFamily.get(check)?.together ?? 0) >= FEWEST_OBJECTS;
  }

  #noteTogether(key: string, found: readonly CheckResult[]): void {
    if (found.some(({ violation }) => violation.together)) this.#together.add(key);
    else this.#together.delete(key);
  }

  #isCommon({ rollUp }: ObjectCheck, { found, together, counted }: Counts): boolean {
    if (!rollUp || found < FEWEST_OBJECTS) return false;
    if (together === found) return true;
    const all = this.#demanding + counted;
    return rollUp.over === 'all' ? found >= all : found * 2 > all;
  }

  /** Whether all objects lack something, and not all of them the same: a finding for each would hide that. */
  #isEachDifferent(check: ObjectCheck, ofFamily: Readonly<Record<Family, Counts>>): boolean {
    const counts = this.#anyFamily.get(check);
    return counts !== undefined && this.#isEverywhere(counts) && !DUAL_IPV4_FIRST.some((family) => this.#isEverywhere(ofFamily[family]));
  }

  #isEverywhere({ found, counted }: Counts): boolean {
    return found >= FEWEST_OBJECTS && found >= this.#demanding + counted;
  }

  #count({ found, waiting, mayLack }: ObjectViolations, by: 1 | -1): void {
    if (!this.#rollsUp) return;
    if (this.#countsAll && !mayLack) this.#demanding += by;
    for (const result of found) this.#countFound(result, by, mayLack);
    if (mayLack || !this.#countsAll) return;
    for (const { check, violation } of waiting) {
      if (!found.some((one) => one.check === check)) this.#anyFamilyOf(check).counted -= by;
      for (const family of violation.families) this.#countsOf(check)[family].counted -= by;
    }
  }

  #countFound({ check, violation }: CheckResult, by: 1 | -1, mayLack: boolean): void {
    if (check.rollUp && isRepresented(check, violation)) this.#severitiesOf(check).add(violation.severity ?? check.severity, by);
    if (violation.families.length > 0) addTo(this.#anyFamilyOf(check), violation, by, mayLack);
    for (const family of violation.families) addTo(this.#countsOf(check)[family], violation, by, mayLack);
  }

  #countsOf(check: ObjectCheck): Readonly<Record<Family, Counts>> {
    const counts = this.#counts.get(check) ?? { IPv4: newCounts(), IPv6: newCounts() };
    this.#counts.set(check, counts);
    return counts;
  }

  #anyFamilyOf(check: ObjectCheck): Counts {
    const counts = this.#anyFamily.get(check) ?? newCounts();
    this.#anyFamily.set(check, counts);
    return counts;
  }

  #severitiesOf(check: ObjectCheck): Tally<Severity> {
    const severities = this.#severities.get(check) ?? new Tally<Severity>();
    this.#severities.set(check, severities);
    return severities;
  }
}

function addTo(counts: Counts, { together }: Violation, by: 1 | -1, mayLack: boolean): void {
  counts.found += by;
  if (together) counts.together += by;
  if (mayLack) counts.counted += by;
}

function newCounts(): Counts {
  return { found: 0, together: 0, counted: 0 };
}

function finds(results: readonly CheckResult[], check: ObjectCheck, families: FamilyList): boolean {
  return results.some(
    ({ check: other, violation }) => other === check && isRepresented(check, violation) && overlap(violation.families, families),
  );
}

function sameViolation(one: Violation, other: Violation): boolean {
  return one.families === other.families && one.severity === other.severity && one.together === other.together;
}

/** Whether it depends on the number of other objects what is rolled up. */
function isByShare({ rollUp }: ObjectCheck): boolean {
  return rollUp !== undefined && rollUp.over !== 'together';
}

/** Whether a finding on the cluster says a violation, too, where there is one of its families. */
function isRepresented(check: ObjectCheck, { together }: Violation): boolean {
  return check.rollUp?.over !== 'together' || together === true;
}

function sameResults(one: readonly CheckResult[], other: readonly CheckResult[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ check, violation }, index) => {
      const that = other[index];
      return that?.check === check && sameViolation(that.violation, violation);
    })
  );
}
