import { withBench, type Bench } from './bench.ts';
import { INSPECTABLE } from './heap.ts';
import { measureChanges } from './measures/changes.ts';
import { measureGrowth } from './measures/growth.ts';
import { measureIdle } from './measures/idle.ts';
import { measureLatency } from './measures/latency.ts';
import { measureQuiet } from './measures/quiet.ts';
import { measureScrape } from './measures/scrape.ts';
import { measureStart } from './measures/start.ts';
import { measureMicro } from './micro.ts';
import type { Operator } from './operator.ts';
import type { BenchOptions, Stage } from './options.ts';
import type { Row } from './row.ts';
import { nameOf, usageOf } from './proc.ts';
import { grouped, kilobytes, megabytes } from './units.ts';

type Progress = (line: string) => void;

/** Stages for which one operator keeps running, on the filled cluster. */
const OBSERVED = {
  scrape: measureScrape,
  latency: measureLatency,
  changes: measureChanges,
  quiet: measureQuiet,
  growth: measureGrowth,
} as const satisfies Partial<Record<Stage, (bench: Bench, operator: Operator) => Promise<readonly Row[]>>>;

/** Measures all requested stages. */
export async function runBench(options: BenchOptions, progress: Progress): Promise<readonly Row[]> {
  const onCluster = options.stages.some((stage) => stage !== 'micro');
  const measured = onCluster ? await withBench(options, (bench) => measureOnCluster(bench, progress)) : { rows: [] };
  if (!options.stages.includes('micro')) return measured.rows;
  progress('micro: parts of the source in a process of their own');
  return [...measured.rows, ...(await measureMicro(measured.podPage))];
}

interface OnCluster {
  readonly rows: readonly Row[];
  /** Pods as the API server gives them. */
  readonly podPage?: Buffer;
}

/** A page of pods of the pod network, which are the larger ones. */
const POD_PAGE = '/api/v1/pods?limit=500&fieldSelector=metadata.namespace!=kube-system';

async function measureOnCluster(bench: Bench, progress: Progress): Promise<OnCluster> {
  const { stages } = bench.options;
  const rows: Row[] = [];
  progress(`${await bench.filler.learn()} shapes of objects are written as the API server writes them`);
  if (stages.includes('idle')) {
    progress('idle: the operator on an empty cluster');
    rows.push(...(await measureIdle(bench)));
  }
  await fill(bench, progress);
  if (stages.includes('start')) {
    progress('start: baseline, curl and operator, one after the other');
    rows.push(...(await measureStart(bench)));
  }
  rows.push(...(await measureObserved(bench, progress)));
  return { rows, podPage: await bench.api.bytes(POD_PAGE, 'application/vnd.kubernetes.protobuf') };
}

async function fill(bench: Bench, progress: Progress): Promise<void> {
  const { nodes, pods, services } = bench.options.size;
  progress(`filling: ${grouped(nodes)} nodes, ${grouped(pods)} pods, ${grouped(services)} Services`);
  await bench.fill(({ objects, bytes, podBytes, smallestPod }) => {
    const sizes = `pods of ${kilobytes(podBytes / pods)}, ${kilobytes(smallestPod)} at least`;
    progress(`filled: ${grouped(objects)} objects, ${megabytes(bytes)}, ${sizes}; now the API server reads them`);
  });
  progress(`served; ${memoryWords(bench)}`);
}

/** What the processes of the control plane hold, without the one that watches over them. */
function memoryWords({ controlPlane }: Bench): string {
  const [, ...programs] = controlPlane.processIds();
  return programs.map((pid) => `${nameOf(pid)} holds ${megabytes(usageOf(pid).residentBytes)}`).join(', ');
}

async function measureObserved(bench: Bench, progress: Progress): Promise<readonly Row[]> {
  const requested = Object.entries(OBSERVED).filter(([stage]) => bench.options.stages.some((one) => one === stage));
  if (requested.length === 0) return [];
  const operator = bench.startOperator(['--trace-gc', INSPECTABLE]);
  await operator.ready();
  const rows: Row[] = [];
  for (const [stage, measure] of requested) {
    progress(stage);
    rows.push(...(await measure(bench, operator)));
  }
  await operator.stop();
  return rows;
}
