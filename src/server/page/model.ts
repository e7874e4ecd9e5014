import { LAYERS, NAMESPACED_LAYERS, NAMESPACES } from '../../core/overview/layers.ts';
import { ROSTER_KIND } from '../../core/overview/roster.ts';
import type { FactsKind } from '../../core/kinds/facts.ts';
import { pendingKinds, type ClusterStore } from '../../core/cluster/cluster-store.ts';
import type { Evaluation } from '../../core/engine/evaluation.ts';
import { stale, type ConditionDraft, type StaleSource } from '../../core/report/conditions.ts';
import { selectsSome } from '../../core/report/scope.ts';
import type { CountedWords } from '../../core/report/words.ts';
import type { Condition, DualStackReport, FamilyCounts, FindingSummary, Migration, StackLayer } from '../../core/report/types.ts';
import type { Availability } from '../../core/store/store.ts';
import { causeTrees, type CauseTrees } from './cause-tree.ts';
import { namespaceRows, type NamespaceRows } from './namespace-rows.ts';
import { nodeRows, type NodeRows } from './node-rows.ts';

/** What a page is made from: a state of the operator between evaluations. */
export interface PageInput {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the reports are known. */
  readonly reportsKnown: Availability;
  /** The names of all reports. */
  readonly reports: readonly string[];
  /** The one to show; undefined where there is none. */
  readonly report: DualStackReport | undefined;
  /** The evaluation that answers the report, else that of detected families. */
  readonly evaluation: Evaluation;
  readonly store: ClusterStore;
  /** Whether the evaluation is a completed one. */
  readonly ready: boolean;
  readonly staleSources: readonly StaleSource[];
  /** Whether this replica writes the reports. */
  readonly leads: boolean;
  /** The page of nodes, from 1. */
  readonly nodesPage: number;
}

/** The health of a report in a word; `outdated` where it was healthy when that was last looked at. */
export type Mood = 'healthy' | 'outdated' | 'broken' | 'unknown';

/** Why something is not shown, in a sentence. */
export interface NotKnown {
  readonly notKnown: string;
}

/** One layer of the cluster. */
export interface Layer {
  readonly title: string;
  readonly words: CountedWords;
  readonly stack: StackLayer;
  readonly counts: FamilyCounts | undefined;
  readonly health: Condition | undefined;
}

/** How old what the page says is. */
export interface Freshness {
  readonly now: number;
  /** When the report was last evaluated, in milliseconds since the epoch. */
  readonly evaluatedAt: number | undefined;
  /** Whether it should have been evaluated again since. */
  readonly overdue: boolean;
  readonly suspended: boolean;
  readonly staleSources: readonly StaleSource[];
  /** The kinds that this replica has not read yet since it was started. */
  readonly pending: readonly string[];
  readonly leads: boolean;
}

/** What a page says, without a word of markup. */
export interface PageModel {
  readonly version: string;
  readonly reportsKnown: Availability;
  readonly reports: readonly string[];
  /** The name of the report that is shown. */
  readonly report: string | undefined;
  readonly mood: Mood;
  /** Whether somebody still looks whether the verdict holds. */
  readonly upToDate: boolean;
  readonly healthy: Condition | undefined;
  /** Stale at once where nothing is heard, since it may be for the same reason that no report can be written. */
  readonly ready: ConditionDraft | undefined;
  readonly stalled: Condition | undefined;
  readonly summary: FindingSummary | undefined;
  readonly cluster: string | undefined;
  readonly layers: readonly Layer[];
  readonly migration: Migration | undefined;
  readonly trees: CauseTrees;
  readonly findingsOmitted: number;
  readonly nodes: NodeRows | NotKnown;
  readonly namespaces: NamespaceRows | NotKnown;
  readonly freshness: Freshness;
}

/** A report is refreshed every five minutes while its operator runs. */
const OVERDUE_MS = 10 * 60_000;
/** The kinds that are counted by namespace. */
const NAMESPACED: readonly FactsKind[] = NAMESPACED_LAYERS.map(({ kind }) => kind);

/**
 * What the page says of one report: the verdict, the stack and the findings as the report says them, as kubectl shows them too; nodes and
 * namespaces as this replica knows them. To be called between evaluations: what it takes of the store and the evaluation is copied at once, and the rest
 * done in steps, which may be taken at any time.
 */
export function pageModel(input: PageInput): Generator<void, PageModel> {
  const { version, reportsKnown, reports, report, ready } = input;
  const { status = {}, metadata } = report ?? {};
  const conditions = new Map((status.conditions ?? []).map((condition) => [condition.type, condition]));
  const freshness = freshnessOf(input);
  const model = {
    version,
    reportsKnown,
    reports: [...reports].sort(),
    report: metadata?.name,
    ...verdictOf(conditions, freshness),
    summary: status.summary,
    cluster: status.stack?.overall,
    layers: layersOf(status, conditions),
    migration: status.migration,
    trees: causeTrees(status.findings ?? []),
    findingsOmitted: status.findingsOmitted ?? 0,
    namespaces: ready ? namespacesOf(input) : notEvaluated(freshness),
    freshness,
  };
  return withNodes(model, ready ? nodesOf(input) : notEvaluated(freshness));
}

function* withNodes(model: Omit<PageModel, 'nodes'>, nodes: Generator<void, NodeRows> | NotKnown): Generator<void, PageModel> {
  return { ...model, nodes: 'notKnown' in nodes ? nodes : yield* nodes };
}

function notEvaluated({ pending }: Freshness): NotKnown {
  return { notKnown: pending.length > 0 ? stillReading(pending) : 'This replica has not evaluated the cluster yet.' };
}

/** That a replica has been started a moment ago, or that its first lists take long. */
export function stillReading(pending: readonly string[]): string {
  return `This replica is still reading the cluster: it has no list of ${pending.join(', ')} yet.`;
}

function verdictOf(
  conditions: ReadonlyMap<string, Condition>,
  { staleSources, overdue, suspended }: Freshness,
): Pick<PageModel, 'mood' | 'upToDate' | 'healthy' | 'ready' | 'stalled'> {
  const healthy = conditions.get('Healthy');
  const ready = staleSources.length > 0 ? stale(staleSources).find(({ type }) => type === 'Ready') : conditions.get('Ready');
  const upToDate = ready?.status === 'True' && !overdue && !suspended;
  return { mood: moodOf(healthy, upToDate), upToDate, healthy, ready, stalled: conditions.get('Stalled') };
}

/** What can no longer be determined is not healthy. */
function moodOf(healthy: Condition | undefined, upToDate: boolean): Mood {
  if (healthy?.status === 'True') return upToDate ? 'healthy' : 'outdated';
  return healthy?.status === 'False' ? 'broken' : 'unknown';
}

function layersOf(status: NonNullable<DualStackReport['status']>, conditions: ReadonlyMap<string, Condition>): Layer[] {
  const { stack } = status;
  if (!stack) return [];
  return LAYERS.map(({ name, title, countedBy, none, condition }) => ({
    title,
    words: countedBy === undefined ? { none } : { countedBy, none },
    stack: stack[name],
    counts: status[name],
    health: conditions.get(condition),
  }));
}

function nodesOf({ store, evaluation, report, nodesPage, now }: PageInput): Generator<void, NodeRows> | NotKnown {
  return unavailabilityOf(store, [ROSTER_KIND]) ?? nodeRows(store, evaluation, { spec: report?.spec ?? {}, now }, nodesPage);
}

/** A drift of which only a part can be seen would be reported too small. */
function namespacesOf({ store, evaluation, report }: PageInput): NamespaceRows | NotKnown {
  const { spec = {}, status } = report ?? {};
  const needs: readonly FactsKind[] = selectsSome(spec.namespaceSelector) ? [...NAMESPACED, NAMESPACES] : NAMESPACED;
  return unavailabilityOf(store, needs) ?? namespaceRows(store, evaluation, spec, status?.namespaces ?? []);
}

/** Why one of these kinds is not known; undefined where all are. */
function unavailabilityOf(store: ClusterStore, kinds: readonly FactsKind[]): NotKnown | undefined {
  const unavailability = kinds.map((kind) => store.availability(kind)).find((availability) => typeof availability === 'object');
  return unavailability && { notKnown: unavailability.message };
}

function freshnessOf({ now, report, reportsKnown, store, staleSources, leads }: PageInput): Freshness {
  const evaluatedAt = report?.status?.lastEvaluationTime ? Date.parse(report.status.lastEvaluationTime) : undefined;
  const suspended = report?.spec?.suspend ?? false;
  const overdue = evaluatedAt !== undefined && !suspended && now - evaluatedAt > OVERDUE_MS;
  const pending = [...(reportsKnown === 'Pending' ? ['DualStackReport'] : []), ...pendingKinds(store)];
  return { now, evaluatedAt, overdue, suspended, staleSources, pending, leads };
}
