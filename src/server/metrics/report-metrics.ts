import { Gauge, type Registry } from 'prom-client';
import type { ClusterStore } from '../../core/cluster/cluster-store.ts';
import type { Evaluation } from '../../core/engine/evaluation.ts';
import { scopeOf } from '../../core/report/scope.ts';
import { selectInSteps, severityOfCause, type SelectedFinding } from '../../core/report/selection.ts';
import type { DualStackReport, FindingSeverity, Migration } from '../../core/report/types.ts';
import { Tally } from '../../core/store/tally.ts';

const STATUSES = ['True', 'False', 'Unknown'] as const;
const STAGES: readonly Migration['stage'][] = ['NodeAddresses', 'PodNetwork', 'ServiceRange', 'Services', 'Complete'];

/** What is shown of the reports. */
export interface ReportState {
  readonly views: readonly { readonly report: DualStackReport; readonly evaluation: Evaluation }[];
  readonly store: ClusterStore;
  /** Whether the cluster has been evaluated. */
  readonly ready: boolean;
  /** Whether some source has been silent for too long. */
  readonly stale: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The findings of a report that are about to be selected. */
interface Selecting {
  readonly report: DualStackReport;
  readonly selection: Generator<void, { readonly findings: Iterable<SelectedFinding> }>;
}

/**
 * The metrics of the reports: their findings as of the last evaluation, and their conditions and stages as they were last written. Only that what is
 * known is stale shows at once, since it may be for the same reason that no report can be written.
 */
export class ReportMetrics {
  readonly #findings: Gauge;
  readonly #rootCauses: Gauge;
  readonly #conditions: Gauge;
  readonly #migration: Gauge;
  readonly #evaluated: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#findings = new Gauge({
      name: 'dualstack_findings',
      help: 'Findings of each report by check and severity. The namespace is empty for nodes and the cluster.',
      labelNames: ['report', 'check', 'severity', 'namespace'],
      registers,
    });
    this.#rootCauses = new Gauge({
      name: 'dualstack_root_causes',
      help: 'Root causes of each report, by check and severity. An Info finding that explains others has the severity of the worst of them. The namespace is empty for nodes and the cluster.',
      labelNames: ['report', 'check', 'severity', 'namespace'],
      registers,
    });
    this.#conditions = new Gauge({
      name: 'dualstack_report_condition',
      help: 'Conditions of each report: 1 for the present status, 0 for the others.',
      labelNames: ['report', 'type', 'status'],
      registers,
    });
    this.#migration = new Gauge({
      name: 'dualstack_report_migration_stage',
      help: 'Stage of the migration to dual-stack in each report: 1 for the present stage, 0 for the others.',
      labelNames: ['report', 'stage'],
      registers,
    });
    this.#evaluated = new Gauge({
      name: 'dualstack_report_last_evaluation_timestamp_seconds',
      help: 'Time of the last evaluation for a report, from its status. Absent while the report is suspended.',
      labelNames: ['report'],
      registers,
    });
  }

  /**
   * Replaces all series. To be called between evaluations: what it takes of them is copied at once, and the findings of each report are counted in
   * steps, which may be taken at any time.
   */
  update({ views, store, ready, stale, now }: ReportState): Generator<void, void> {
    for (const gauge of [this.#conditions, this.#migration, this.#evaluated]) gauge.reset();
    for (const { report } of views) {
      this.#updateStatus(report, stale);
      this.#updateTime(report);
    }
    const findings = new Map(views.map(({ evaluation }) => [evaluation, [...evaluation.findings.values()]]));
    const selections = views.map(({ report, evaluation }) => {
      const { spec = {} } = report;
      const scope = scopeOf(spec.namespaceSelector, store);
      return { report, selection: selectInSteps(evaluation, findings.get(evaluation) ?? [], spec, scope, now) };
    });
    return this.#updateFindings(ready ? selections : []);
  }

  #updateStatus({ metadata: { name: report }, status }: DualStackReport, stale: boolean): void {
    for (const { type, status: written } of status?.conditions ?? []) {
      const present = type === 'Ready' && stale ? 'False' : written;
      for (const each of STATUSES) this.#conditions.set({ report, type, status: each }, each === present ? 1 : 0);
    }
    if (status?.migration) this.#updateMigration(report, status.migration);
  }

  /** The time of a suspended report does not change on purpose, and would look like an operator that hangs. */
  #updateTime({ metadata: { name: report }, spec, status }: DualStackReport): void {
    if (status?.lastEvaluationTime && !spec?.suspend) this.#evaluated.set({ report }, Date.parse(status.lastEvaluationTime) / 1000);
  }

  #updateMigration(report: string, { stage: present }: Migration): void {
    for (const stage of STAGES) this.#migration.set({ report, stage }, stage === present ? 1 : 0);
  }

  *#updateFindings(selections: readonly Selecting[]): Generator<void, void> {
    for (const gauge of [this.#findings, this.#rootCauses]) gauge.reset();
    for (const { report, selection } of selections) {
      const counts = new Tally();
      const rootCauses = new Tally();
      const { findings } = yield* selection;
      for (const selected of findings) {
        yield;
        counts.add(keyOf(selected, selected.severity));
        if (selected.isRootCause) rootCauses.add(keyOf(selected, severityOfCause(selected)));
      }
      setByKey(this.#findings, report, counts);
      setByKey(this.#rootCauses, report, rootCauses);
    }
  }
}

function keyOf({ finding: { check, object } }: SelectedFinding, severity: FindingSeverity): string {
  return `${check.name}/${severity}/${object.namespace}`;
}

/** Sets a gauge from counts whose keys are `check/severity/namespace`. */
function setByKey(gauge: Gauge, { metadata: { name } }: DualStackReport, counts: Tally): void {
  for (const [key, count] of counts.entries()) {
    const [check = '', severity = '', namespace = ''] = key.split('/');
    gauge.set({ report: name, check, severity, namespace }, count);
  }
}
