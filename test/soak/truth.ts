import { isDeepStrictEqual } from 'node:util';
import { Registry } from 'prom-client';
import type { Operator } from '../../bench/operator.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { ClusterMetrics } from '../../src/observability/cluster-metrics.ts';
import { ReportMetrics } from '../../src/observability/report-metrics.ts';
import type { Ground } from '../faults/stand.ts';
import { WATCHED } from '../faults/stand.ts';
import { inventoryOf, ledgerFor, ledgerOf, statusOf, timeless } from '../faults/truth.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import { seriesOf } from '../support/exposition.ts';

/**
 * Compares what operators say with what is true: the status of every report, and every series about the cluster and its reports.
 * @returns what is not true; undefined where all is
 */
export async function untruth({ admin, connection }: Ground, operators: readonly Operator[]): Promise<string | undefined> {
  const inventory = await inventoryOf(connection);
  const { items: reports } = await admin.get<{ readonly items: readonly DualStackReport[] }>(REPORTS_PATH);
  const now = Date.now();
  if (reports.length === 0) return 'there is no report';
  for (const report of reports) {
    const truth = statusOf(report, inventory, now);
    if (!isDeepStrictEqual(timeless(report.status), truth))
      return `the report ${report.metadata.name}: ${JSON.stringify([timeless(report.status), truth])}`;
  }
  const expected = await seriesThatTell(reports, inventory, now);
  for (const [index, operator] of operators.entries()) {
    const exposition = await operator.metrics();
    if (!isWatching(exposition)) return `replica ${index + 1} does not watch everything`;
    const said = seriesIn(exposition, expected.names);
    const difference = [...said.filter((line) => !expected.lines.includes(line)), ...expected.lines.filter((line) => !said.includes(line))];
    if (difference.length > 0) return `the metrics of replica ${index + 1}: ${difference.join('; ')}`;
  }
  return undefined;
}

interface Expected {
  readonly names: ReadonlySet<string>;
  readonly lines: readonly string[];
}

async function seriesThatTell(reports: readonly DualStackReport[], inventory: Inventory, now: number): Promise<Expected> {
  const registry = new Registry();
  const [cluster, ofReports] = [new ClusterMetrics(registry, { perService: false, perNode: false }), new ReportMetrics(registry)];
  cluster.update({ inventory, ledger: ledgerOf(inventory, now), ready: true });
  const views = reports.map((report) => ({ report, ledger: ledgerFor(report, inventory, now) }));
  ofReports.update({ views, inventory, ready: true, stale: false });
  const names = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  return { names, lines: seriesIn(await registry.metrics(), names) };
}

function seriesIn(exposition: string, names: ReadonlySet<string>): readonly string[] {
  return exposition.split('\n').filter((line) => names.has(line.split(/[{ ]/, 1)[0] ?? ''));
}

function isWatching(exposition: string): boolean {
  const states = seriesOf(exposition, 'dualstack_reflector_state');
  return Object.keys(WATCHED).every((kind) => states[`{kind="${kind}",state="watching"}`] === 1);
}
