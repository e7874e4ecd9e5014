import { CHECKS } from '../checks/registry.ts';
import type { Check, Severity } from '../checks/check.ts';
import type { Scope } from '../overview/counts.ts';
import type { Finding, FindingId, ObjectRef } from '../engine/finding.ts';
import { inOneStep } from '../engine/in-short-steps.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { severitiesOf } from './check-settings.ts';
import { exclusionsAt, type IsExcluded } from './exclusions.ts';
import { scopeOf } from './scope.ts';
import type { DualStackReport, DualStackReportSpec } from './types.ts';

/** A finding as one report sees it. */
export interface SelectedFinding {
  readonly finding: Finding;
  /** The report's severity of it. */
  readonly severity: Severity;
  /** The worst severity among it and what it explains: a cause is listed before its effects. */
  readonly rank: number;
  /** How many findings explain it, one behind the other. */
  readonly depth: number;
  /** Whether nothing explains it, and it is critical or a warning, or explains one that is. */
  readonly isRootCause: boolean;
}

/** The findings that a report is about, the worst first, and how many it omits. */
export interface Selection {
  /** The namespaces that it takes in. */
  readonly scope: Scope;
  readonly findings: readonly SelectedFinding[];
  /** The ids of these findings. */
  readonly ids: ReadonlySet<FindingId>;
  /** Whether the report does not want to hear of a check on an object. */
  readonly isUnwanted: (check: Check, object: ObjectRef) => boolean;
  readonly excluded: number;
  readonly ignored: number;
}

const SEVERITIES: readonly Severity[] = ['Info', 'Warning', 'Critical'];
const INFO = SEVERITIES.indexOf('Info');
const CHECK_ORDER: ReadonlyMap<string, number> = new Map(CHECKS.map(({ name }, index) => [name, index]));

/**
 * The findings that a report is about, as of the last completed evaluation.
 * @param now milliseconds since the epoch: an exclusion may have expired since
 */
export function selectionFor({ spec = {} }: DualStackReport, evaluation: Evaluation, store: ClusterStore, now: number): Selection {
  return selectFindings(evaluation, spec, scopeOf(spec.namespaceSelector, store), now);
}

/** Picks the findings that are in a report's scope and neither ignored nor excluded by its spec, and sorts them. */
export function selectFindings(evaluation: Evaluation, spec: DualStackReportSpec, scope: Scope, now: number): Selection {
  const selection = inOneStep(selectInSteps(evaluation, evaluation.findings.values(), spec, scope, now));
  return { ...selection, findings: [...selection.findings].sort(byWorst) };
}

/**
 * The same without an order, and in steps, which may be taken at any time.
 * @param findings of the evaluation, as they are at one moment
 */
export function* selectInSteps(
  evaluation: Pick<Evaluation, 'objectsBehind'>,
  findings: Iterable<Finding>,
  spec: DualStackReportSpec,
  scope: Scope,
  now: number,
): Generator<void, Omit<Selection, 'findings'> & { readonly findings: Iterable<SelectedFinding> }> {
  const isExcluded = exclusionsAt(spec, now);
  const overrides = severitiesOf(spec);
  const selected = new Map<FindingId, Mutable<SelectedFinding>>();
  let excluded = 0;
  let ignored = 0;
  for (const finding of findings) {
    yield;
    if (!isInScope(finding, evaluation, scope)) continue;
    const severity = overrides.get(finding.check.name) ?? finding.severity;
    if (severity === 'Ignore') ignored += 1;
    else if (isExcluded(finding.check, finding.object) || areAllExcluded(finding, evaluation, isExcluded)) excluded += 1;
    else selected.set(finding.id, { finding, severity, rank: rankOf(severity), depth: 0, isRootCause: false });
  }
  for (const item of selected.values()) {
    yield;
    noteCauses(item, selected);
  }
  for (const item of selected.values()) {
    yield;
    item.isRootCause = item.depth === 0 && item.rank > INFO;
  }
  const isUnwanted = unwantedBy(spec, now, isExcluded);
  return { scope, findings: selected.values(), ids: new Set(selected.keys()), isUnwanted, excluded, ignored };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a finding, and those that explain it, have of each other. */
function noteCauses(item: Mutable<SelectedFinding>, selected: ReadonlyMap<FindingId, Mutable<SelectedFinding>>): void {
  for (let cause = selected.get(item.finding.causedBy ?? ''); cause; cause = selected.get(cause.finding.causedBy ?? '')) {
    item.depth += 1;
    cause.rank = Math.max(cause.rank, rankOf(item.severity));
  }
}

/** Whether the spec of a report does not want to hear of a check on an object. */
export function unwantedBy(spec: DualStackReportSpec, now: number, isExcluded = exclusionsAt(spec, now)): Selection['isUnwanted'] {
  const overrides = severitiesOf(spec);
  return (check, object) => overrides.get(check.name) === 'Ignore' || isExcluded(check, object);
}

/** A finding that represents objects of namespaces is in scope with one of these. */
function isInScope(finding: Finding, evaluation: Pick<Evaluation, 'objectsBehind'>, scope: Scope): boolean {
  const { namespace } = finding.object;
  if (namespace) return scope(namespace);
  const namespaces = evaluation.objectsBehind(finding).flatMap((object) => object.namespace || []);
  return namespaces.length === 0 || namespaces.some(scope);
}

/** A finding that represents many objects is excluded with all of these, too. */
function areAllExcluded(finding: Finding, evaluation: Pick<Evaluation, 'objectsBehind'>, isExcluded: IsExcluded): boolean {
  const objects = evaluation.objectsBehind(finding);
  return objects.length > 0 && objects.every((object) => isExcluded(finding.check, object));
}

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** How bad a root cause is: one that is only info is as bad as the worst that it explains. */
export function severityOfCause({ severity, rank }: SelectedFinding): Severity {
  return severity === 'Info' ? (SEVERITIES[rank] ?? severity) : severity;
}

function byWorst(a: SelectedFinding, b: SelectedFinding): number {
  return (
    b.rank - a.rank ||
    a.depth - b.depth ||
    rankOf(b.severity) - rankOf(a.severity) ||
    orderOf(a) - orderOf(b) ||
    compare(a.finding.object.namespace, b.finding.object.namespace) ||
    compare(a.finding.object.name, b.finding.object.name)
  );
}

function orderOf({ finding }: SelectedFinding): number {
  return CHECK_ORDER.get(finding.check.name) ?? CHECKS.length;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
