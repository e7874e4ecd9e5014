import { Registry } from 'prom-client';
import type { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { ClusterMetrics } from '../../src/server/metrics/cluster-metrics.ts';
import { ReportMetrics } from '../../src/server/metrics/report-metrics.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import type { Ground } from './ground.ts';
import { storeOf, evaluationFor, evaluationOf } from './truth.ts';
import { watchesAll } from './watched.ts';

/** An operator, as far as its metrics show. */
interface Measured {
  readonly metrics: () => Promise<string>;
}

/**
 * Compares what operators say with what is true: the status of every report, and every series about the cluster and its reports.
 * @throws Error with what is not true
 */
export async function expectTruth(ground: Ground, operators: readonly Measured[]): Promise<void> {
  const now = Date.now();
  await ground.expectTruth(now);
  const { items: reports } = await ground.admin.get<{ readonly items: readonly DualStackReport[] }>(REPORTS_PATH);
  const expected = await expectedSeries(reports, await storeOf(ground.connection), now);
  for (const [index, operator] of operators.entries()) {
    const exposition = await operator.metrics();
    if (!watchesAll(exposition)) throw new Error(`replica ${index + 1} does not watch everything`);
    const said = seriesIn(exposition, expected.names);
    const difference = [...said.filter((line) => !expected.lines.includes(line)), ...expected.lines.filter((line) => !said.includes(line))];
    if (difference.length > 0) throw new Error(`the metrics of replica ${index + 1} are not true: ${difference.join('; ')}`);
  }
}

interface Expected {
  readonly names: ReadonlySet<string>;
  readonly lines: readonly string[];
}

async function expectedSeries(reports: readonly DualStackReport[], store: ClusterStore, now: number): Promise<Expected> {
  const registry = new Registry();
  const [cluster, ofReports] = [new ClusterMetrics(registry, { perService: false, perNode: false }), new ReportMetrics(registry)];
  cluster.update({ store, evaluation: evaluationOf(store, now), ready: true });
  const views = reports.map((report) => ({ report, evaluation: evaluationFor(report, store, now) }));
  Array.from(ofReports.update({ views, store, ready: true, stale: false, now }));
  const names = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  return { names, lines: seriesIn(await registry.metrics(), names) };
}

function seriesIn(exposition: string, names: ReadonlySet<string>): readonly string[] {
  return exposition.split('\n').filter((line) => names.has(line.split(/[{ ]/, 1)[0] ?? ''));
}
