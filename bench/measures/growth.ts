import { setTimeout as sleep } from 'node:timers/promises';
import { seriesOf } from '../../test/support/exposition.ts';
import type { Bench } from '../bench.ts';
import type { Churn, Churned } from '../filler.ts';
import { liveHeapOf } from '../heap.ts';
import type { Operator } from '../operator.ts';
import { usageOf } from '../proc.ts';
import { verdictOn, type Row } from '../row.ts';
import { grouped, megabytes } from '../units.ts';

const GOAL_CHANGES = 1_000_000;
/** Rollouts replace pods: new names, new uids, new labels. */
const KINDS: Churn = { flips: 10, replacements: 300 };
/** The share of the changes that go before: what code and tables take when they are first used is no growth. */
const WARM_UP = 0.2;
/** What two measurements of the same differ by. */
const TOLERANCE = 0.01;
const TOLERATED_BYTES = 500e3;
const QUIET_MS = 2_000;

interface State {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly pods: string;
}

/** The memory of the operator before and after many changes that leave the cluster as it was. */
export async function measureGrowth(bench: Bench, operator: Operator): Promise<readonly Row[]> {
  const { changes } = bench.options;
  await change(bench, Math.ceil(changes * WARM_UP), 1);
  const before = await stateOf(operator);
  const churned = await change(bench, changes, 2);
  const after = await stateOf(operator);
  if (after.pods !== before.pods) throw new Error(`after the changes, dualstack_pods is ${after.pods}, and before it was ${before.pods}`);
  const growth = after.heapBytes - before.heapBytes;
  return [
    {
      id: 'growth',
      what: `live heap after ${grouped(churned.changes)} changes`,
      measured: `${megabytes(before.heapBytes)} before, ${megabytes(after.heapBytes)} after`,
      goal: 'no growth in 1,000,000',
      verdict: verdictOn(growth <= before.heapBytes * TOLERANCE + TOLERATED_BYTES, changes >= GOAL_CHANGES),
      figures: { before: withoutPods(before), after: withoutPods(after), growthBytes: growth, churned },
    },
  ];
}

async function change({ filler }: Bench, count: number, seed: number): Promise<Churned> {
  return filler.churn({ ...KINDS, count, seed });
}

async function stateOf(operator: Operator): Promise<State> {
  const metrics = await untilQuiet(operator);
  const heapBytes = await liveHeapOf(operator);
  return { heapBytes, residentBytes: usageOf(operator.pid).residentBytes, pods: JSON.stringify(seriesOf(metrics, 'dualstack_pods')) };
}

/** Waits until no event has come for a while. */
async function untilQuiet(operator: Operator): Promise<string> {
  let [before, metrics] = ['', await operator.metrics()];
  while (eventsIn(metrics) !== before) {
    before = eventsIn(metrics);
    await sleep(QUIET_MS);
    metrics = await operator.metrics();
  }
  return metrics;
}

function eventsIn(metrics: string): string {
  return JSON.stringify(
    Object.entries(seriesOf(metrics, 'dualstack_reflector_events_total')).filter(([labels]) => !labels.includes('BOOKMARK')),
  );
}

function withoutPods({ heapBytes, residentBytes }: State): Omit<State, 'pods'> {
  return { heapBytes, residentBytes };
}
