import { styleText } from 'node:util';
import { stringify } from 'yaml';
import { listOf } from '../core/net/addresses.ts';
import type { Change } from '../core/kinds/facts.ts';
import type { Finding } from '../core/engine/finding.ts';
import type { ClusterStore } from '../core/cluster/cluster-store.ts';
import { KINDS } from '../core/kinds/registry.ts';
import type { Evaluation } from '../core/engine/evaluation.ts';
import type { ClusterIdentity } from '../core/cluster/platform.ts';
import type { ExpectationWords } from '../core/report/next-check.ts';
import { rootCauses } from '../core/report/root-causes.ts';
import { parametersOf } from '../core/report/check-settings.ts';
import { selectionFor } from '../core/report/selection.ts';
import { buildStatus } from '../core/report/status.ts';
import type { DualStackReport, DualStackReportSpec, DualStackReportStatus } from '../core/report/types.ts';
import { graceOf } from '../core/cluster/view.ts';
import { counted, printable } from '../core/words.ts';
import { DumpError } from '../sources/dump/dump-error.ts';
import { readDumpFiles } from '../sources/dump/dump-files.ts';
import { DumpReader } from '../sources/dump/dump-reader.ts';
import { systemClock, systemPace } from '../client/transport/clock.ts';
import type { Clock } from '../core/clock.ts';
import { REPORT_API_VERSION } from '../client/requests/report-resource.ts';
import { Evaluator } from '../core/engine/evaluator.ts';
import type { ExitCode } from './exit-code.ts';
import { Progress } from './progress.ts';
import { ScanError } from './scan-error.ts';
import { familiesOf, type ScanOptions } from './scan-options.ts';
import { scanText } from '../outputs/text.ts';

const MIB = 1024 * 1024;
const MAX_PROBLEMS_SHOWN = 20;
const MAX_KINDS_SHOWN = 5;
const MOST_CAUSES = 20;
/** A width at which lines are easy to read, where there is no terminal that has one of its own. */
const USUAL_WIDTH = 100;
const NARROWEST = 40;
const WIDEST = 140;

const BY_FLAG: ExpectationWords = (families) => `--expected-families ${families.join(',')}`;

/** What the report says, and what it was built from. */
export interface ScanResult {
  readonly report: DualStackReport;
  /** The root causes in words, the worst first, as many as are printed. */
  readonly causes: readonly string[];
  readonly rootCauses: readonly Finding[];
}

/**
 * Evaluates a cluster, or files of one, once, and prints the report. Reads only.
 * @returns 0 where all went well; 1 where nothing can be determined, or some objects were skipped; else 3 where something was found that
 *   `--fail-on` names
 */
export async function scan(options: ScanOptions): Promise<ExitCode> {
  const progress = new Progress(process.stderr);
  try {
    const { result, store, passedOver } = await evaluateOnce(options, progress);
    progress.clear();
    for (const words of unknownWords(store)) printError(`unknown: ${words}`);
    await print(rendered(result, options));
    if (passedOver > 0) return 1;
    return isFound(result.report.status ?? {}, options.failOn) ? 3 : 0;
  } catch (error) {
    progress.clear();
    if (!isExplained(error)) throw error;
    printError(`error: ${printable(error.message)}`);
    return 1;
  }
}

/** A verdict, with what it is about. */
export interface Evaluated {
  readonly result: ScanResult;
  readonly store: ClusterStore;
  /** How many objects were skipped because they could not be read. */
  readonly passedOver: number;
}

/** Reads a cluster, or files of one, and evaluates it once; prints nothing but what could not be read. */
export async function evaluateOnce(options: ScanOptions, progress: Progress): Promise<Evaluated> {
  // Files are evaluated as of the time at which they were written, which is known once they are read.
  const written = { at: NO_GRACE_LEFT };
  const clock: Clock = options.filename ? { ...systemClock, time: () => written.at } : systemClock;
  const evaluator = new Evaluator({ clock, pace: systemPace, grace: graceOf(options.graceScale), onEvaluated: () => undefined });
  const spec = specOf(options);
  const evaluation = evaluator.evaluationFor(listOf(familiesOf(options)), parametersOf(spec));
  const push = (change: Change): void => {
    evaluator.push(change);
  };
  const read = options.filename ? await readFiles(options.filename, options, push, progress) : await readLive(options, push, progress);
  // Without grace nothing is too new, not even what changed after the last sign of the time.
  written.at = (options.graceScale === 0 ? undefined : read.time) ?? NO_GRACE_LEFT;
  const result = await evaluator.read(() => resultOf(spec, evaluation, evaluator.store, read.identity ?? {}));
  return { result, store: evaluator.store, passedOver: read.passedOver };
}

/** The last time that there is: of files that do not say when they were written, all grace is taken as elapsed. */
const NO_GRACE_LEFT = 8.64e15;

/** What came of reading a cluster or files of one. */
interface Read {
  /** How many objects were skipped because they could not be read. */
  readonly passedOver: number;
  /** When the files were written, as far as they say so. */
  readonly time?: number;
  /** What is known of the cluster from elsewhere than its objects. */
  readonly identity?: ClusterIdentity;
}

async function readFiles(
  paths: readonly string[],
  options: ScanOptions,
  push: (change: Change) => void,
  progress: Progress,
): Promise<Read> {
  const reader = new DumpReader({
    settings: { virtualNodes: options.virtualNodeSelector },
    onChange: push,
    onProblem: (words) => {
      progress.clear();
      if (reader.problems <= MAX_PROBLEMS_SHOWN) printError(`skipped: ${words}`);
    },
  });
  await readDumpFiles(paths, {
    reader,
    stdin: process.stdin,
    onProgress: (file, bytes) => {
      progress.say(() => `reading ${printable(file)}: ${Math.round(bytes / MIB)} MiB`);
    },
  });
  reader.end();
  progress.clear();
  const { problems, others, notObjects, time } = reader;
  if (problems > MAX_PROBLEMS_SHOWN) printError(`skipped: ${problems - MAX_PROBLEMS_SHOWN} more`);
  if (others.objects > 0) printError(`ignored ${counted(others.objects, 'object')} of other kinds: ${kindWords(others.kinds)}`);
  if (notObjects > 0)
    printError(
      `ignored ${counted(notObjects, 'value')} that ${notObjects === 1 ? 'is no Kubernetes object' : 'are no Kubernetes objects'}`,
    );
  return time === undefined ? { passedOver: problems } : { passedOver: problems, time };
}

async function readLive(options: ScanOptions, push: (change: Change) => void, progress: Progress): Promise<Read> {
  // Loading the Kubernetes client takes longer than reading most dumps.
  const { readCluster } = await import('./scan-cluster.ts');
  const read = await readCluster(options, push, progress);
  progress.clear();
  if (read.passedOver > 0) printError(`skipped: ${counted(read.passedOver, 'object')} without a name that an API server would take`);
  return read;
}

function kindWords(kinds: readonly string[]): string {
  const shown = kinds.slice(0, MAX_KINDS_SHOWN).map(printable);
  return `${shown.join(', ')}${kinds.length > shown.length ? ', …' : ''}`;
}

/** What a report would have to say for the result of these flags. */
function specOf(options: ScanOptions): DualStackReportSpec {
  const { maxFindings, checkParameter: checks = [] } = options;
  const expectedFamilies = familiesOf(options);
  return { maxFindings, ...(expectedFamilies.length > 0 ? { expectedFamilies } : {}), ...(checks.length > 0 ? { checks } : {}) };
}

function resultOf(spec: DualStackReportSpec, evaluation: Evaluation, store: ClusterStore, cluster: ClusterIdentity): ScanResult {
  const report: DualStackReport = { apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', metadata: { name: 'cluster' }, spec };
  const now = systemClock.time();
  const selection = selectionFor(report, evaluation, store, now);
  // No operator has an epoch of 0: each takes one more than what it finds.
  const status = buildStatus({ report, evaluation, store, now, writerEpoch: 0, cluster, expectationWords: BY_FLAG }, selection);
  const causes = rootCauses(selection, evaluation, store).byId.values().take(MOST_CAUSES);
  return {
    report: { ...report, status },
    causes: [...causes].map(({ message }) => message),
    rootCauses: selection.findings.filter(({ isRootCause }) => isRootCause).map(({ finding }) => finding),
  };
}

/**
 * Why kinds are not known, a sentence for each: a layer at which something else is wrong does not say what else could not be looked at. An optional
 * kind that is not there is no news; one that may not be read is.
 */
export function unknownWords(store: ClusterStore): readonly string[] {
  // A scan selects nothing.
  return KINDS.filter(({ role }) => role !== 'selection').flatMap(({ name, optional }) => {
    const availability = store.availability(name);
    if (typeof availability !== 'object' || (optional && availability.reason === 'NotFound')) return [];
    return [availability.message];
  });
}

function rendered({ report, causes }: ScanResult, { output }: ScanOptions): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case 'yaml':
      return stringify(report, { aliasDuplicateObjects: false });
    case 'text':
      return scanText(report.status ?? {}, causes, { width: widthOf(process.stdout), paint: (style, text) => styleText(style, text) });
  }
}

function widthOf({ isTTY, columns }: NodeJS.WriteStream): number {
  // A terminal without a size says 0.
  return isTTY && columns > 0 ? Math.min(Math.max(columns, NARROWEST), WIDEST) : USUAL_WIDTH;
}

/** Whether something was found that is as bad, or for `unknown`, whether anything speaks against health. */
function isFound({ summary, conditions = [] }: DualStackReportStatus, failOn: ScanOptions['failOn']): boolean {
  const { critical = 0, warning = 0, info = 0 } = summary ?? {};
  switch (failOn) {
    case 'never':
      return false;
    case 'critical':
      return critical > 0;
    case 'warning':
      return critical + warning > 0;
    case 'info':
      return critical + warning + info > 0;
    case 'unknown':
      return !conditions.some(({ type, status }) => type === 'Healthy' && status === 'True');
  }
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Resolves once all is written: a process that ends before then would cut it short. Whoever reads may have heard enough. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') resolve();
      else reject(error);
    });
    process.stdout.write(text, () => {
      resolve();
    });
  });
}

/** Errors whose message says what to do; of all others the stack is needed. */
function isExplained(error: unknown): error is Error {
  return error instanceof ScanError || error instanceof DumpError;
}
