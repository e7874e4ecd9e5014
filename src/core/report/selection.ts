import { CHECKS } from '../checks/index.ts';
import type { Severity } from '../checks/check.ts';
import type { Finding, FindingId } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { Ledger } from '../ledger.ts';
import { scopeOf, type Scope } from './scope.ts';
import type { DualStackReport, DualStackReportSpec, Exclusion } from './types.ts';

/** A finding as one report sees it. */
export interface SelectedFinding {
  readonly finding: Finding;
  /** The report's severity of it. */
  readonly severity: Severity;
  /** The worst severity among it and what it explains: a cause is listed before its effects. */
  readonly rank: number;
  /** How many findings explain it, one behind the other; 0 for a root cause. */
  readonly depth: number;
}

/** The findings that a report is about, the worst first, and how many it leaves out. */
export interface Selection {
  /** The namespaces that it takes in. */
  readonly scope: Scope;
  readonly findings: readonly SelectedFinding[];
  readonly excluded: number;
  readonly ignored: number;
}

const SEVERITY_RANKS: Readonly<Record<Severity, number>> = { Info: 0, Warning: 1, Critical: 2 };
const CHECK_ORDER: ReadonlyMap<string, number> = new Map(CHECKS.map(({ name }, index) => [name, index]));

/** The findings that a report is about, as of the last completed evaluation. */
export function selectionFor({ spec = {} }: DualStackReport, ledger: Ledger, inventory: Inventory): Selection {
  return selectFindings(ledger, spec, scopeOf(spec.namespaceSelector, inventory));
}

/** Picks the findings that are in a report's scope and neither ignored nor excluded by its spec, and sorts them. */
export function selectFindings(ledger: Ledger, spec: DualStackReportSpec, scope: Scope): Selection {
  const excludes = (spec.exclusions ?? []).map(matcherOf);
  const severities = new Map<FindingId, Severity>();
  let excluded = 0;
  let ignored = 0;
  for (const finding of ledger.findings.values()) {
    if (finding.object.namespace && !scope(finding.object.namespace)) continue;
    const severity = spec.severities?.[finding.check.name] ?? finding.severity;
    if (severity === 'Ignore') ignored += 1;
    else if (excludes.some((matches) => matches(finding))) excluded += 1;
    else severities.set(finding.id, severity);
  }
  return { scope, findings: sorted(ledger, severities), excluded, ignored };
}

function sorted(ledger: Ledger, severities: ReadonlyMap<FindingId, Severity>): SelectedFinding[] {
  const selected = new Map<FindingId, { finding: Finding; severity: Severity; rank: number; depth: number }>();
  for (const [id, severity] of severities) {
    const finding = ledger.findings.get(id);
    if (finding) selected.set(id, { finding, severity, rank: SEVERITY_RANKS[severity], depth: 0 });
  }
  for (const item of selected.values()) {
    for (let cause = selected.get(item.finding.causedBy ?? ''); cause; cause = selected.get(cause.finding.causedBy ?? '')) {
      item.depth += 1;
      cause.rank = Math.max(cause.rank, SEVERITY_RANKS[item.severity]);
    }
  }
  return [...selected.values()].sort(byWorst);
}

function byWorst(a: SelectedFinding, b: SelectedFinding): number {
  return (
    b.rank - a.rank ||
    a.depth - b.depth ||
    SEVERITY_RANKS[b.severity] - SEVERITY_RANKS[a.severity] ||
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

function matcherOf({ kind, namespace, name, check }: Exclusion): (finding: Finding) => boolean {
  const pattern = name === undefined ? undefined : new RegExp(`^${name.split('*').map(RegExp.escape).join('.*')}$`, 's');
  return ({ object, check: { name: checkName } }) =>
    (kind === undefined || kind === object.kind) &&
    (namespace === undefined || namespace === object.namespace) &&
    (check === undefined || check === checkName) &&
    (pattern === undefined || pattern.test(object.name));
}
