import type { Severity } from '../checks/check.ts';
import type { Scope } from '../overview/counts.ts';
import type { LayerName } from '../cluster/stack.ts';
import { COUNTED, NAMESPACES, type Counted } from '../overview/layers.ts';
import type { FactsKind } from '../kinds/facts.ts';
import type { Finding, ObjectRef } from '../engine/finding.ts';
import { pendingKinds, type ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { overallFamilies } from '../cluster/stack.ts';
import { clip } from '../words.ts';
import { affectedBy } from './affects.ts';
import { evaluateConditions, evaluateSpec, stale, suspended, type ConditionDraft, type StaleSource } from './conditions.ts';
import { familyCounts } from './counts.ts';
import { expiredAt } from './exclusions.ts';
import { publicId } from './finding-id.ts';
import { BY_FIELD } from './headline.ts';
import type { ExpectationWords } from './next-check.ts';
import { migrationOf } from './migration.ts';
import { clusterOf, type ClusterIdentity } from '../cluster/platform.ts';
import { selectsSome } from './scope.ts';
import { selectionFor, type SelectedFinding, type Selection } from './selection.ts';
import { sourcesOf } from './sources.ts';
import type {
  Condition,
  DualStackReport,
  DualStackReportStatus,
  FindingObject,
  FindingSummary,
  ListedFinding,
  Migration,
  NamespaceFindings,
  Remediation,
  RemediationStep,
} from './types.ts';

const DEFAULT_MAX_FINDINGS = 100;
/** Keeps the whole status below 256 KiB, whatever the cluster; in characters of JSON. */
const LARGEST_LIST = 200 * 1024;
const LONGEST_MESSAGE = 256;
const LONGEST_EVIDENCE = 1024;
const LONGEST_STEP = 512;
const MOST_STEPS = 8;
const MOST_NAMESPACES = 10;

/** What a status is made from. */
export interface StatusInput {
  readonly report: DualStackReport;
  readonly evaluation: Evaluation;
  readonly store: ClusterStore;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly writerEpoch: number;
  /** The kinds of which nothing has been heard for too long. */
  readonly staleSources?: readonly StaleSource[];
  /** The kinds that are forbidden, and of which what is known still counts. */
  readonly forbiddenSources?: readonly StaleSource[];
  readonly cluster?: ClusterIdentity;
  /** How whoever reads it says which families are expected; by default in the spec of the report. */
  readonly expectationWords?: ExpectationWords;
}

/**
 * The status of a report after a completed evaluation. Times of what has not changed are taken over from its present status.
 * While kinds are still being listed, or nothing is heard of them, there is no new verdict: an earlier one stays as it was, with its time.
 * @param selection where it is known already
 */
export function buildStatus(
  input: StatusInput,
  selection = selectionFor(input.report, input.evaluation, input.store, input.now),
): DualStackReportStatus {
  const { report, evaluation, store, now, writerEpoch, staleSources = [], expectationWords = BY_FIELD } = input;
  const spec = report.spec ?? {};
  const isPending = pendingKinds(store).length > 0;
  const migration = isPending ? undefined : migrationOf(evaluation, store, selection, spec);
  const drafts =
    !isPending && staleSources.length > 0
      ? stale(staleSources)
      : evaluateConditions({ evaluation, store, selection }, spec, { migration, expectationWords });
  const conditions = [...drafts, evaluateSpec(spec, evaluation, now)].map((draft) => conditionOf(draft, input));
  const header = { ...statusHeader(input), conditions: withPrevious(conditions, report.status) };
  if (isPending) return header;
  const sources = sourcesOf(store, staleSources, input.forbiddenSources);
  if (staleSources.length > 0) return { ...header, sources };
  return {
    ...generationOf(report),
    writerEpoch,
    conditions,
    lastEvaluationTime: timestamp(now),
    cluster: clusterOf(store, input.cluster ?? {}),
    sources,
    stack: { overall: overallFamilies(evaluation.view.stack), ...layersOf(evaluation) },
    ...migrationIn(migration),
    ...allCounts(input, selection.scope),
    summary: summaryOf(selection, expiredAt(spec, now)),
    ...listFindings(selection, input, spec.maxFindings ?? DEFAULT_MAX_FINDINGS),
    namespaces: worstNamespaces(selection.findings),
  };
}

/** The status of a suspended report: what it last said, and that it says no more. */
export function suspendedStatus(input: Pick<StatusInput, 'report' | 'now' | 'writerEpoch'>): DualStackReportStatus {
  const { report, now } = input;
  const conditions = [...suspended(), evaluateSpec(report.spec ?? {}, undefined, now)].map((draft) => conditionOf(draft, input));
  return { ...statusHeader(input), conditions: withPrevious(conditions, report.status) };
}

/** What a status keeps of the present one when there is no new verdict. */
function statusHeader({ report, writerEpoch }: Pick<StatusInput, 'report' | 'writerEpoch'>): DualStackReportStatus {
  return { ...report.status, ...generationOf(report), writerEpoch };
}

function generationOf({ metadata: { generation } }: DualStackReport): Pick<DualStackReportStatus, 'observedGeneration'> {
  return generation === undefined ? {} : { observedGeneration: generation };
}

/** These do not follow from an evaluation, so they are always new; of the others, those that the report already has stay. */
const ALWAYS_NEW: readonly string[] = ['Ready', 'SpecValid'];

function withPrevious(conditions: readonly Condition[], status: DualStackReportStatus | undefined): Condition[] {
  const previous = new Map((status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const merged = conditions.map((condition) =>
    ALWAYS_NEW.includes(condition.type) ? condition : (previous.get(condition.type) ?? condition),
  );
  const known = new Set(conditions.map(({ type }) => type));
  return [...merged, ...[...previous.values()].filter(({ type }) => !known.has(type))];
}

function layersOf(evaluation: Evaluation): Pick<NonNullable<DualStackReportStatus['stack']>, LayerName> {
  const { nodes, pods, services } = evaluation.view.stack;
  return { nodes, pods, services };
}

function migrationIn(migration: Migration | undefined): Pick<DualStackReportStatus, 'migration'> {
  return migration ? { migration: { ...migration, message: clip(migration.message, LONGEST_EVIDENCE) } } : {};
}

/** Unavailable kinds are not counted, nor what is in namespaces that cannot be selected. */
function allCounts({ evaluation, store, report }: StatusInput, scope: Scope): Pick<DualStackReportStatus, Counted['name']> {
  const isKnown = (kind: FactsKind): boolean => store.availability(kind) === 'Synced';
  const isScopeKnown = isKnown(NAMESPACES) || !selectsSome(report.spec?.namespaceSelector);
  const known = COUNTED.filter(({ counts }) => counts.needs.every(isKnown) && (isScopeKnown || !counts.areNamespaced));
  return Object.fromEntries(
    known.map(({ name, counts }) => [name, familyCounts(counts.in({ store, evaluation }, scope), counts.skipped(store, scope))]),
  );
}

function summaryOf({ findings, excluded, ignored }: Selection, expiredExclusions: number): FindingSummary {
  const checks: Record<string, number> = {};
  for (const { finding } of findings) checks[finding.check.name] = (checks[finding.check.name] ?? 0) + 1;
  const count = (severity: Severity): number => findings.filter((item) => item.severity === severity).length;
  return {
    critical: count('Critical'),
    warning: count('Warning'),
    info: count('Info'),
    rootCauses: findings.filter(({ isRootCause }) => isRootCause).length,
    excluded,
    ignored,
    expiredExclusions,
    checks,
  };
}

function listFindings(
  selection: Selection,
  input: StatusInput,
  most: number,
): Required<Pick<DualStackReportStatus, 'findings' | 'findingsOmitted'>> {
  const since = new Map((input.report.status?.findings ?? []).map((finding) => [finding.id, finding.since]));
  const listed: ListedFinding[] = [];
  let size = 0;
  for (const selected of selection.findings.slice(0, most)) {
    const finding = listedFinding(selected, selection, input, since);
    size += JSON.stringify(finding).length;
    if (size > LARGEST_LIST) break;
    listed.push(finding);
  }
  return { findings: listed, findingsOmitted: selection.findings.length - listed.length };
}

function listedFinding(
  { finding, severity }: SelectedFinding,
  selection: Selection,
  input: StatusInput,
  since: ReadonlyMap<string, string>,
): ListedFinding {
  const { evaluation, store, now } = input;
  const { message, remediation } = evaluation.describe(finding);
  const affects = affectedBy(finding, evaluation, store, selection);
  const causedBy = causeOf(finding, evaluation);
  const id = publicId(finding);
  return {
    id,
    check: finding.check.name,
    severity,
    object: objectOf(finding.object),
    families: finding.families,
    message: clip(message, LONGEST_MESSAGE),
    remediation: remediationOf(remediation),
    since: since.get(id) ?? timestamp(now),
    ...(causedBy ? { causedBy } : {}),
    ...(affects.length > 0 ? { affects } : {}),
  };
}

function remediationOf({ summary, steps }: Remediation): Remediation {
  return { summary: clip(summary, LONGEST_MESSAGE), steps: steps.slice(0, MOST_STEPS).map(stepOf) };
}

/** A command or patch that is too long to be shown whole would be a trap, so the step does without it. */
function stepOf({ description, command, patch, disruption, exposes }: RemediationStep): RemediationStep {
  const fits = (text: string | undefined): text is string => text !== undefined && text.length <= LONGEST_STEP;
  return {
    description: clip(description, LONGEST_STEP),
    ...(fits(command) ? { command } : {}),
    ...(fits(patch) ? { patch } : {}),
    disruption,
    ...(exposes === undefined ? {} : { exposes: clip(exposes, LONGEST_MESSAGE) }),
  };
}

function causeOf(finding: Finding, evaluation: Evaluation): ListedFinding['causedBy'] {
  const cause = finding.causedBy && evaluation.findings.get(finding.causedBy);
  return cause ? { id: publicId(cause), check: cause.check.name, object: objectOf(cause.object) } : undefined;
}

function objectOf({ group, kind, namespace, name }: ObjectRef): FindingObject {
  return { ...(group ? { group } : {}), kind, ...(namespace ? { namespace } : {}), name };
}

function worstNamespaces(findings: readonly SelectedFinding[]): NamespaceFindings[] {
  const counts = new Map<string, { name: string; critical: number; warning: number; info: number }>();
  for (const { finding, severity } of findings) {
    const name = finding.object.namespace;
    if (!name) continue;
    const ofNamespace = counts.get(name) ?? { name, critical: 0, warning: 0, info: 0 };
    counts.set(name, ofNamespace);
    ofNamespace[severity.toLowerCase() as Lowercase<Severity>] += 1;
  }
  const worst = (a: NamespaceFindings, b: NamespaceFindings): number =>
    b.critical - a.critical || b.warning - a.warning || b.info - a.info || (a.name < b.name ? -1 : 1);
  return [...counts.values()].sort(worst).slice(0, MOST_NAMESPACES);
}

/** A condition moves its time only when its status changes (Kubernetes API conventions). */
function conditionOf(draft: ConditionDraft, { report, now }: Pick<StatusInput, 'report' | 'now'>): Condition {
  const previous = report.status?.conditions?.find(({ type }) => type === draft.type);
  return {
    ...draft,
    lastTransitionTime: previous?.status === draft.status ? previous.lastTransitionTime : timestamp(now),
    ...generationOf(report),
  };
}

/** A time as the API server writes it: whole seconds, UTC. */
function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
