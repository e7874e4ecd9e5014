import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { memoryOf, usageOf } from '../proc.ts';
import { ReportWatch } from '../report-watch.ts';
import { outcomeOn, type Row } from '../row.ts';
import { megabytes } from '../units.ts';
import { deleteReports } from './reports.ts';

const SETTLING_MS = 5_000;
const MOST_BYTES = 100e6;

/** The operator on a cluster in which there is nothing yet. */
export async function measureIdle({ api, startOperator }: Bench): Promise<readonly Row[]> {
  const watch = await ReportWatch.start(api);
  const operator = startOperator();
  await watch.first(60_000);
  await sleep(SETTLING_MS);
  const usage = usageOf(operator.pid);
  const memory = memoryOf(operator.pid);
  watch.stop();
  await operator.stop();
  await deleteReports(api);
  return [
    {
      id: 'memory-idle',
      what: 'peak resident memory, idle on an empty cluster',
      measured: `${megabytes(usage.peakResidentBytes)}, then ${megabytes(usage.residentBytes)}`,
      goal: `at most ${megabytes(MOST_BYTES)}`,
      outcome: outcomeOn(usage.peakResidentBytes <= MOST_BYTES, true),
      figures: { ...usage, ...memory },
    },
  ];
}
