import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod, V1PodList } from '@kubernetes/client-node';
import { seriesOf } from '../../test/support/exposition.ts';
import type { Api } from '../api.ts';
import type { Bench } from '../bench.ts';
import type { Operator } from '../operator.ts';
import { outcomeOn, type Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';
import { milliseconds } from '../units.ts';

const CHANGES = 100;
/** Between two changes, so that none meets the one before; uneven, so that they meet the operator at different moments. */
const SHORTEST_PAUSE_MS = 30;
const PAUSE_STEP_MS = 7;
const PAUSE_STEPS = 11;
const POLL_MS = 2;
const LONGEST_MS = 30_000;
const MOST_P99_MS = 100;
const NAMESPACE = 'team-000';

/**
 * From a change at the API server until it shows in `/metrics`: a pod loses its IPv6 address and gets it back, again and again. Counted
 * from when the change is sent to when the first scrape that shows it has come, so that writing and scraping count too.
 */
export async function measureLatency({ api }: Bench, operator: Operator): Promise<readonly Row[]> {
  const pod = await someDualPod(api);
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod.metadata?.name ?? ''}/status`;
  const podIPs = pod.status?.podIPs ?? [];
  const dualBefore = await dualPods(operator);
  const tookMs: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const loses = change % 2 === 0;
    const started = performance.now();
    await api.patch(path, { status: { podIPs: loses ? podIPs.slice(0, 1) : podIPs } });
    await until(operator, dualBefore - (loses ? 1 : 0), started);
    tookMs.push(performance.now() - started);
    await sleep(SHORTEST_PAUSE_MS + (change % PAUSE_STEPS) * PAUSE_STEP_MS);
  }
  const p99 = quantile(tookMs, 0.99);
  return [
    {
      id: 'latency',
      what: 'a change at the API server until it shows in /metrics',
      measured: `p99 ${milliseconds(p99)}, median ${milliseconds(median(tookMs))}`,
      goal: 'p99 under 100 ms',
      outcome: outcomeOn(p99 < MOST_P99_MS, true),
      figures: { p99Ms: p99, medianMs: median(tookMs), changes: CHANGES },
    },
  ];
}

async function someDualPod(api: Api): Promise<V1Pod> {
  const { items } = await api.get<V1PodList>(`/api/v1/namespaces/${NAMESPACE}/pods?limit=50`);
  const pod = items.find(({ status }) => status?.podIPs?.length === 2);
  if (!pod) throw new Error(`no pod of ${NAMESPACE} has two addresses`);
  return pod;
}

async function dualPods(operator: Operator): Promise<number> {
  return seriesOf(await operator.metrics(), 'dualstack_pods')[`{namespace="${NAMESPACE}",families="dual"}`] ?? 0;
}

async function until(operator: Operator, dual: number, started: number): Promise<void> {
  while ((await dualPods(operator)) !== dual) {
    if (performance.now() - started > LONGEST_MS) throw new Error(`a change did not show in /metrics within ${LONGEST_MS} ms`);
    await sleep(POLL_MS);
  }
}
