import { setTimeout as sleep } from 'node:timers/promises';
import { seriesOf } from '../../test/support/exposition.ts';
import { waitFor } from '../../test/support/waiting.ts';
import type { Bench } from '../bench.ts';
import type { Churn, Churned } from '../filler.ts';
import { liveHeapOf } from '../heap.ts';
import type { Operator } from '../operator.ts';
import { usageOf } from '../proc.ts';
import { outcomeOn, type Row } from '../row.ts';
import { grouped, megabytes } from '../units.ts';

const GOAL_CHANGES = 1_000_000;
/** Rollouts replace pods: new names, new uids, new labels. Faster than this, the API server would fall behind etcd. */
const KINDS: Churn = { rate: 1_000, flips: 10, replacements: 300 };
/** The share of the changes that go before: what code and tables take when they are first used is no growth. */
const WARM_UP = 0.2;
/** What two measurements of the same differ by. */
const TOLERANCE = 0.01;
const TOLERATED_BYTES = 500e3;
/** Until the API server and the operator have processed all changes. */
const CATCHING_UP_MS = 600_000;
const QUIET_MS = 2_000;

interface State {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** The memory of the operator before and after many changes that leave the cluster as it was. */
export async function measureGrowth(bench: Bench, operator: Operator): Promise<readonly Row[]> {
  const { changes } = bench.options;
  const pods = await settled(async () => podsIn(await operator.metrics()));
  await change(bench, Math.ceil(changes * WARM_UP), 1);
  const before = await stateOf(operator, pods);
  const churned = await change(bench, changes, 2);
  const after = await stateOf(operator, pods);
  const growth = after.heapBytes - before.heapBytes;
  return [
    {
      id: 'growth',
      what: `live heap after ${grouped(churned.changes)} changes`,
      measured: `${megabytes(before.heapBytes)} before, ${megabytes(after.heapBytes)} after`,
      goal: 'no growth in 1,000,000',
      outcome: outcomeOn(growth <= before.heapBytes * TOLERANCE + TOLERATED_BYTES, changes >= GOAL_CHANGES),
      figures: { before, after, growthBytes: growth, churned },
    },
  ];
}

/** What changes came before may still be on their way. */
async function settled(read: () => Promise<string>): Promise<string> {
  let last = '';
  const isAsBefore = async (): Promise<boolean> => last === (last = await read());
  await waitFor('the pods that the operator counts to stay as they are', isAsBefore, { deadlineMs: CATCHING_UP_MS, everyMs: QUIET_MS });
  return last;
}

async function change({ filler }: Bench, count: number, seed: number): Promise<Churned> {
  return filler.churn({ ...KINDS, count, seed });
}

/** @param pods what the operator counted before the changes, and has to count again */
async function stateOf(operator: Operator, pods: string): Promise<State> {
  const isAsBefore = async (): Promise<boolean> => podsIn(await operator.metrics()) === pods;
  await waitFor('the operator to count as many pods as before', isAsBefore, { deadlineMs: CATCHING_UP_MS, everyMs: QUIET_MS });
  // What has just come is still being evaluated and reported.
  await sleep(QUIET_MS);
  return { heapBytes: await liveHeapOf(operator), residentBytes: usageOf(operator.pid).residentBytes };
}

function podsIn(metrics: string): string {
  return JSON.stringify(seriesOf(metrics, 'dualstack_pods'));
}
