import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { Churn, Churned } from '../filler.ts';
import { garbageRate } from '../garbage.ts';
import type { Operator } from '../operator.ts';
import { usageOf } from '../proc.ts';
import { ReportWatch, type WriteSummary } from '../report-watch.ts';
import { outcomeOn, type Row } from '../row.ts';
import { grouped, megabytes, percent, seconds } from '../units.ts';

/** What 200 changes a second cost. */
interface Phase {
  readonly churned: Churned;
  /** The share of one core. */
  readonly cpu: number;
  /** Bytes a minute; undefined where the phase is too short to measure. */
  readonly garbage: number | undefined;
  readonly writes: WriteSummary;
}

const RATE = 200;
const WARM_UP_CHANGES = 1_000;
const GOAL_SECONDS = 600;
const MOST_CPU = 0.05;
const MOST_GARBAGE = 100e6;
/** Nominally 5 s from one write to the next; a watch may bring the first of two late and the second one early. */
const SHORTEST_GAP_MS = 4_900;
/** What was changed before is determined by now. */
const SETTLING_MS = 7_000;

/** 200 changes of pods a second: first such as say nothing new of families, then such as do. */
export async function measureChanges(bench: Bench, operator: Operator): Promise<readonly Row[]> {
  // The code that changes run is compiled when it has run for a while.
  await bench.filler.churn({ rate: RATE, count: WARM_UP_CHANGES });
  await sleep(SETTLING_MS);
  const watch = await ReportWatch.start(bench.api);
  try {
    const silent = await measurePhase(bench, operator, watch, {});
    await sleep(SETTLING_MS);
    const effective = await measurePhase(bench, operator, watch, { flips: 10, replacements: 50 });
    const isLong = bench.options.steadySeconds >= GOAL_SECONDS;
    return [cpuRow(silent, effective), garbageRow(silent, effective), writesRow(silent, effective, isLong)];
  } finally {
    watch.stop();
  }
}

async function measurePhase({ filler, options }: Bench, operator: Operator, watch: ReportWatch, kinds: Churn): Promise<Phase> {
  const [started, logged, before] = [performance.now(), operator.output.length, usageOf(operator.pid)];
  const churned = await filler.churn({ ...kinds, rate: RATE, count: RATE * options.steadySeconds });
  const elapsedSeconds = (performance.now() - started) / 1_000;
  return {
    churned,
    cpu: (usageOf(operator.pid).cpuSeconds - before.cpuSeconds) / elapsedSeconds,
    garbage: garbageRate(operator.output.slice(logged)),
    writes: watch.summarySince(started),
  };
}

function cpuRow(silent: Phase, effective: Phase): Row {
  const most = Math.max(silent.cpu, effective.cpu);
  return {
    id: 'changes-cpu',
    what: '200 pod changes a second: CPU',
    measured: `${percent(silent.cpu)} of one core where they say nothing new, ${percent(effective.cpu)} where they do`,
    goal: 'under 5 % of one core',
    outcome: outcomeOn(most < MOST_CPU, true),
    figures: { silent, effective },
  };
}

function garbageRow(silent: Phase, effective: Phase): Row {
  const rates = [silent.garbage, effective.garbage];
  const known = rates.filter((rate) => rate !== undefined);
  const words = rates.map((rate) => (rate === undefined ? 'too short to measure' : `${megabytes(rate)} a minute`));
  return {
    id: 'changes-garbage',
    what: '200 pod changes a second: garbage on the heap',
    measured: words.join(', '),
    goal: 'under 100 MB a minute',
    outcome: outcomeOn(Math.max(...known) < MOST_GARBAGE, known.length === rates.length),
    figures: { silentBytesPerMinute: silent.garbage, effectiveBytesPerMinute: effective.garbage },
  };
}

function writesRow(silent: Phase, effective: Phase, isLong: boolean): Row {
  const { writes, shortestGapMs, needless } = effective.writes;
  const isMet = silent.writes.needless === 0 && needless === 0 && Math.min(shortestGapMs, silent.writes.shortestGapMs) >= SHORTEST_GAP_MS;
  const gap = Number.isFinite(shortestGapMs) ? `, at least ${seconds(shortestGapMs)} apart` : '';
  return {
    id: 'report-writes',
    what: 'report writes during these changes',
    measured: `${silent.writes.writes} in ${grouped(silent.churned.changes)} changes that say nothing new, ${writes} in ${grouped(effective.churned.changes)} others${gap}; ${needless} needless`,
    goal: 'one in 5 s at most, none that says nothing new, for ten minutes',
    outcome: outcomeOn(isMet, isLong),
    figures: { silent: silent.writes, effective: effective.writes },
  };
}
