import { buildStatus } from '../../src/core/report/status.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { NOW } from '../../test/core/build.ts';
import type { Row } from '../row.ts';
import { milliseconds } from '../units.ts';
import { clusterOf, evaluateCluster, LARGE } from './cluster.ts';
import { timed } from './timing.ts';

const REPORT: DualStackReport = { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name: 'cluster' }, spec: {} };

/** The status of a report on a large cluster, written again. */
export async function benchReport(): Promise<Row> {
  const { store, evaluation } = evaluateCluster(clusterOf(LARGE));
  const { status } = await timed({
    status: () => {
      buildStatus({ report: REPORT, evaluation, store, now: NOW, writerEpoch: 1 });
    },
  });
  return {
    id: 'status',
    what: `a status built at 150,000 pods and ${evaluation.findings.size} findings`,
    measured: `median ${milliseconds(status.medianMs)}`,
    goal: '',
    outcome: 'notMeasured',
    figures: { ...status, findings: evaluation.findings.size },
  };
}
