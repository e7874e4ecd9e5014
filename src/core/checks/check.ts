import type { FamilyList } from '../net/addresses.ts';
import type { Origin, Reach } from '../cluster/reach.ts';
import type { LayerName } from '../cluster/stack.ts';
import type { Facts, FactsKind, FactsOf } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { Parameter } from '../cluster/parameters.ts';

/** What a finding can be on. */
export type ObjectKind = 'Cluster' | FactsKind;

export type Severity = 'Info' | 'Warning' | 'Critical';

/** What a check says of one object. */
export interface Violation {
  /** The families that are missing or wrong. */
  readonly families: FamilyList;
  /** Where it differs from the check's own. */
  readonly severity?: Severity;
  /** From when on it counts, in milliseconds since the epoch; until then the object has grace. 0: at once. */
  readonly due: number;
  /** Whether violations like this on several objects are one finding on the cluster, however few these objects are. */
  readonly together?: boolean;
  /** Whether it counts for families that are not expected, too. */
  readonly ignoresExpectedFamilies?: boolean;
}

/** How to fix a finding. */
export interface Remediation {
  /** What to do, in one sentence of at most 256 characters. */
  readonly summary: string;
  /** In the order in which they are done; at most eight. */
  readonly steps: readonly RemediationStep[];
}

/** What running a step interrupts. */
export type Disruption = 'None' | 'RestartsPods' | 'RecreatesNode' | 'ChangesAddress';

/** One step of a fix. Its texts have at most 512 characters each. */
export interface RemediationStep {
  /** What to do, and what that restarts or loses. */
  readonly description: string;
  /** The command that does it, where one does. */
  readonly command?: string;
  /** The change as a JSON merge patch of the finding's object, where it is one. */
  readonly patch?: string;
  readonly disruption: Disruption;
  /** What can be reached after the step that could not be before, in at most 256 characters; absent where nothing can. */
  readonly exposes?: string;
}

/** A finding in words, made when it is listed: it says what the facts say at that time. */
export interface Description {
  /** What is wrong, in a sentence without its full stop, at most 256 characters. */
  readonly message: string;
  readonly remediation: Remediation;
}

interface About<K extends ObjectKind> {
  /** CamelCase; the same in findings, events, metrics, runbooks and `explain`. */
  readonly name: string;
  readonly kind: K;
  readonly severity: Severity;
  /** What it finds, in a sentence. */
  readonly description: string;
  /** Why it matters and how it is detected, with its source. */
  readonly rationale: string;
  /** How to fix it, in general. */
  readonly remediation: string;
  /** The kinds whose objects must all be known for a verdict. */
  readonly needs: readonly FactsKind[];
  /** What users can set of it, in `spec.checks[].parameters`. */
  readonly parameters?: readonly Parameter[];
  /** The layer whose condition its findings count in, where that is not the layer of its kind. */
  readonly layer?: LayerName;
  /** The metrics, without their prefix, that show what it finds. */
  readonly metrics?: readonly string[];
}

/** On how many objects a check found the same, of how many on which it could have. */
export interface Share {
  readonly nodes: number;
  readonly of: number;
}

/** Where a check finds the same on so many objects that one finding on the cluster says it better. */
export interface RollUp<F extends Facts = Facts> {
  /**
   * More than half of the objects that it could find fault with, or all of them (two at least). `together`: those whose violations ask for it, and no
   * others, where there are two of them, of whatever families.
   */
  readonly over: 'most' | 'all' | 'together';
  /** Of a finding of these families, where it is not the worst of those that it represents. */
  readonly severity?: (families: FamilyList, view: ClusterView) => Severity;
  /** @param objects those that the finding represents, which are looked up as they are taken */
  describe(families: FamilyList, share: Share, view: ClusterView, objects: Iterable<F>): Description;
}

/** How a finding reads where it is the effect of another one. */
export interface Loss {
  /** What its object lost: `with no IPv6 endpoint`. */
  readonly of: (families: FamilyList) => string;
  /** The same of several objects that did not lose the same families. */
  readonly ofSome: string;
}

/** The stages on the way to two families, in their order. */
export type StageName = 'NodeAddresses' | 'PodNetwork' | 'ServiceRange' | 'Services';

/** What a check's findings count for on the way to two families. */
export interface MigrationRole {
  readonly stage: StageName;
  /** The objects on which its findings block the stage; all objects where it is absent. */
  readonly of?: string;
}

/** A check of the objects of one kind. Its functions are methods, so that a check of one kind is one of {@link Facts} too. */
export interface ObjectCheck<F extends Facts = Facts> extends About<F['kind']> {
  /** The verdict on one object, undefined where nothing is wrong. Depends on the object and the view only. */
  evaluate(facts: F, view: ClusterView): Violation | undefined;
  describe(facts: F, violation: Violation, view: ClusterView): Description;
  readonly rollUp?: RollUp<F>;
  /** Which objects lack the families because of what it finds, if any do. */
  readonly explains?: Reach;
  /** Whose findings may explain what it finds; where it is absent, nothing does. */
  readonly causedThrough?: Origin<F>;
  readonly migration?: MigrationRole;
  /** What so many of its findings leave to do where all stages are done, though it is of none of them: `3 pods have no address`. */
  remains?(count: number): string;
  readonly loss?: Loss;
}

export type CheckOf<K extends FactsKind> = ObjectCheck<FactsOf<K>>;
export type NodeCheck = CheckOf<'Node'>;
export type PodCheck = CheckOf<'Pod'>;
export type ServiceCheck = CheckOf<'Service'>;

/** A check of the cluster as a whole. */
export interface ClusterCheck extends About<'Cluster'> {
  evaluate(view: ClusterView): Violation | undefined;
  describe(violation: Violation, view: ClusterView): Description;
  /** Which objects lack the families because of what it finds, where nothing that is nearer to them explains it. */
  readonly explains?: Reach;
  /** A finding that reaches all of these objects, or that represents many and reaches any, explains what it finds. */
  readonly causedThrough?: Reach;
  /** Whether what a check finds on many objects is to be fixed first, since both are what is left of the same change of the cluster. */
  comesAfter?(check: ObjectCheck, view: ClusterView): boolean;
  readonly migration?: MigrationRole;
}

export type Check = ClusterCheck | ObjectCheck;

/** A verdict on these families, or none where there are none. */
export function violation(families: FamilyList, due = 0, severity?: Severity): Violation | undefined {
  if (families.length === 0) return undefined;
  return severity ? { families, due, severity } : { families, due };
}
