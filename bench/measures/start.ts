import type { DualStackReport } from '../../src/core/report/types.ts';
import type { Outcome } from '../baseline/client.ts';
import { runCurl } from '../baseline/curl.ts';
import { runBaseline } from '../baseline/node.ts';
import type { Bench } from '../bench.ts';
import type { Size } from '../options.ts';
import { usageOf, type Usage } from '../proc.ts';
import { ReportWatch } from '../report-watch.ts';
import { outcomeOn, type Row } from '../row.ts';
import { median, sum } from '../statistics.ts';
import { megabytes, percent, seconds, times } from '../units.ts';
import { deleteReports } from './reports.ts';

/** One after the other, so that all of them meet the machine alike. */
interface Round {
  readonly baseline: Outcome;
  readonly curlMs: number;
  readonly operator: Usage & { readonly wallMs: number };
}

const LONGEST_MS = 600_000;
/** The size that the goals for the start are set at. */
const GOAL_PODS = 50_000;
const MOST_WALL = 1.3;
const MOST_CPU = 2;
const MOST_OFF_CURL = 0.1;
const MOST_IDLE_BYTES = 100e6;
const MOST_BYTES_PER_POD = 1_000;

/** From the start of the operator's process to its first report, beside the bare baseline and curl. */
export async function measureStart(bench: Bench): Promise<readonly Row[]> {
  // The first list after a restart of the API server is slower than all others.
  await runBaseline(bench.controlPlane);
  const rounds: Round[] = [];
  for (let round = 0; round < bench.options.repeats; round++) rounds.push(await measureRound(bench));
  const { size } = bench.options;
  return [wallRow(rounds, size), cpuRow(rounds, size), memoryRow(rounds, size), curlRow(rounds, size)];
}

async function measureRound(bench: Bench): Promise<Round> {
  const baseline = await runBaseline(bench.controlPlane);
  const curlMs = await runCurl(bench.controlPlane, baseline.bytes);
  return { baseline, curlMs, operator: await measureOperator(bench) };
}

async function measureOperator({ api, startOperator, options }: Bench): Promise<Round['operator']> {
  const watch = await ReportWatch.start(api);
  const started = performance.now();
  const operator = startOperator();
  const { at, report } = await watch.first(LONGEST_MS);
  const usage = usageOf(operator.pid);
  watch.stop();
  await operator.stop();
  await deleteReports(api);
  requireWhole(report, options.size);
  return { ...usage, wallMs: at - started };
}

/** A report on half a cluster would come sooner. */
function requireWhole({ status }: DualStackReport, { nodes, pods }: Size): void {
  const evaluated = { nodes: status?.nodes?.total, pods: status?.pods?.total };
  // One pod of each node is of the host network, and so not counted.
  if (evaluated.nodes === nodes && evaluated.pods === pods - nodes) return;
  throw new Error(`the first report counts ${JSON.stringify(evaluated)} in a cluster of ${nodes} nodes and ${pods} pods`);
}

function wallRow(rounds: readonly Round[], { pods }: Size): Row {
  const operatorMs = rounds.map(({ operator }) => operator.wallMs);
  const baselineMs = rounds.map(({ baseline }) => baseline.wallMs);
  const ratio = median(operatorMs) / median(baselineMs);
  return {
    id: 'start-wall',
    what: 'start to first report',
    measured: `${seconds(median(operatorMs))} = ${times(ratio)} baseline`,
    goal: `at most ${MOST_WALL} × baseline at 50,000 pods`,
    outcome: outcomeOn(ratio <= MOST_WALL, pods >= GOAL_PODS),
    figures: { ratio, operatorMs, baselineMs, bytes: sum(rounds[0]?.baseline.bytes ?? []) },
  };
}

function cpuRow(rounds: readonly Round[], { pods }: Size): Row {
  const operatorMs = rounds.map(({ operator }) => operator.cpuSeconds * 1_000);
  const baselineMs = rounds.map(({ baseline }) => baseline.cpuMs);
  const ratio = median(operatorMs) / median(baselineMs);
  return {
    id: 'start-cpu',
    what: 'CPU until then',
    measured: `${seconds(median(operatorMs))} = ${times(ratio)} baseline`,
    goal: `at most ${MOST_CPU} × baseline at 50,000 pods`,
    outcome: outcomeOn(ratio <= MOST_CPU, pods >= GOAL_PODS),
    figures: { ratio, operatorMs, baselineMs },
  };
}

function memoryRow(rounds: readonly Round[], { pods }: Size): Row {
  const peakBytes = rounds.map(({ operator }) => operator.peakResidentBytes);
  const most = MOST_IDLE_BYTES + pods * MOST_BYTES_PER_POD;
  return {
    id: 'start-memory',
    what: 'peak resident memory until then',
    measured: megabytes(Math.max(...peakBytes)),
    goal: `at most ${megabytes(most)}: 100 MB, and 1 kB a pod`,
    outcome: outcomeOn(Math.max(...peakBytes) <= most, true),
    figures: { peakBytes, mostBytes: most },
  };
}

/** A baseline that is slow would make the operator look quick. */
function curlRow(rounds: readonly Round[], { pods }: Size): Row {
  const baselineMs = rounds.map(({ baseline }) => baseline.wallMs);
  const curlMs = rounds.map((round) => round.curlMs);
  const off = median(baselineMs) / median(curlMs) - 1;
  return {
    id: 'baseline-curl',
    what: 'bare baseline beside curl',
    measured: `${seconds(median(baselineMs))}, curl ${seconds(median(curlMs))}: ${off < 0 ? '' : '+'}${percent(off)}`,
    goal: 'within 10 % of curl',
    outcome: outcomeOn(off <= MOST_OFF_CURL, pods >= GOAL_PODS),
    figures: { off, baselineMs, curlMs },
  };
}
