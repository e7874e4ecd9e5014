import type { FamilyList } from '../addresses.ts';
import type { FactsKind, NodeFacts, PodFacts, ServiceFacts } from '../facts.ts';
import type { ClusterView } from '../view.ts';

/** What a finding can be on. */
export type ObjectKind = 'Cluster' | 'Node' | 'Pod' | 'Service';

export type Severity = 'Info' | 'Warning' | 'Critical';

/** What a check says of one object. */
export interface Verdict {
  /** The families that are missing or wrong. */
  readonly families: FamilyList;
  /** Where it differs from the check's own. */
  readonly severity?: Severity;
  /** From when on it counts, in milliseconds since the epoch; until then the object has grace. 0: at once. */
  readonly due: number;
  /** Whether it counts for families that are not expected, too. */
  readonly whateverExpected?: boolean;
}

/** How to mend a finding. */
export interface Remediation {
  /** A sentence. */
  readonly description: string;
  /** The command that does it, where one does. */
  readonly command?: string;
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
  /** Why it matters and how it is told, with its source. */
  readonly rationale: string;
  /** How to mend it, in general. */
  readonly remediation: string;
  /** The kinds whose objects must all be known for a verdict. */
  readonly needs: readonly FactsKind[];
}

interface CheckOf<K extends ObjectKind, F> extends About<K> {
  /** The verdict on one object, undefined where nothing is wrong. Depends on the object and the view only. */
  readonly evaluate: (facts: F, view: ClusterView) => Verdict | undefined;
  readonly describe: (facts: F, verdict: Verdict, view: ClusterView) => Description;
}

/** On how many nodes a check found the same, of how many on which it could have. */
export interface Share {
  readonly nodes: number;
  readonly of: number;
}

/** Where a check finds the same on so many nodes that one finding on the cluster says it better. */
export interface RollUp {
  /** More than half of the nodes that it could find fault with, or all of them (two at least). */
  readonly over: 'most' | 'all';
  readonly severity?: Severity;
  readonly describe: (families: FamilyList, share: Share) => Description;
}

export interface NodeCheck extends CheckOf<'Node', NodeFacts> {
  readonly rollUp?: RollUp;
  /** Which pods on such a node lack the families because of it, if any. */
  readonly explains?: 'podNetwork' | 'hostNetwork';
}
export type PodCheck = CheckOf<'Pod', PodFacts>;
export type ServiceCheck = CheckOf<'Service', ServiceFacts>;

/** A check of the cluster as a whole. */
export interface ClusterCheck extends About<'Cluster'> {
  readonly evaluate: (view: ClusterView) => Verdict | undefined;
  readonly describe: (verdict: Verdict, view: ClusterView) => Description;
}

export type Check = ClusterCheck | NodeCheck | PodCheck | ServiceCheck;

/** A verdict on these families, or none where there are none. */
export function lacking(families: FamilyList, due = 0, severity?: Severity): Verdict | undefined {
  if (families.length === 0) return undefined;
  return severity ? { families, due, severity } : { families, due };
}
