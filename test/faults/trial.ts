import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OPERATOR } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { startOperator, type LogLine, type OperatorProcess } from '../support/operator-process.ts';
import type { Asked } from './asked.ts';
import type { Ground } from './ground.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { FaultProxy } from './proxy.ts';
import { expectTruth } from './expect-truth.ts';
import { isRead, SOURCES, WATCHED } from './watched.ts';

const EVEN_CHANCE = pathToFileURL(join(import.meta.dirname, 'even-chance.ts')).href;
const PATIENCE = { deadlineMs: 60_000, everyMs: 50 } as const;
const LEVELS: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error' };
/** A timer may end so much sooner than it should. */
const TIMER_MS = 2;

export const WARNING = 40;

/** The shipped program as a process of its own behind a proxy, with what it is seen to do. */
export class Trial {
  readonly ground: Ground;
  readonly proxy: FaultProxy;
  #operator: OperatorProcess | undefined;

  private constructor(ground: Ground, proxy: FaultProxy) {
    this.ground = ground;
    this.proxy = proxy;
  }

  /** Makes the small cluster again. The operator does not run yet. */
  static async on(ground: Ground): Promise<Trial> {
    await ground.reset();
    return new Trial(ground, await FaultProxy.start(ground.controlPlane));
  }

  /** Starts it with its own permissions, and with chance at one half. */
  async start(...flags: readonly string[]): Promise<void> {
    const { controlPlane } = this.ground;
    this.#operator = await startOperator({
      kubeconfig: kubeconfigVia(controlPlane, this.proxy, OPERATOR.name),
      home: controlPlane.dir,
      env: { NODE_OPTIONS: `--import=${EVEN_CHANCE}` },
      flags: ['--grace-scale=0', ...flags],
    });
  }

  get operator(): OperatorProcess {
    if (!this.#operator) throw new Error('the operator has not been started yet');
    return this.#operator;
  }

  /** Waits until all is watched, and every report and every series is true. */
  async untilTrue(): Promise<void> {
    await eventually(() => this.operator.orFail(() => expectTruth(this.ground, [this.operator])), PATIENCE);
  }

  /** What it has logged of a level or worse. */
  logged(level: number): readonly LogLine[] {
    return this.operator.log.filter((line) => line.level >= level);
  }

  /** What it has logged of the reads of a kind, as `warn api 409`, and `info` for that all is well; that it lists in pages is no error. */
  loggedOf(kind: string): readonly string[] {
    return this.logged(0)
      .filter(({ resource, msg }) => resource === WATCHED[kind] && !/^listing .+ in pages$/.test(msg))
      .map(({ level, reason }) => [LEVELS[level] ?? `level ${level}`, ...(typeof reason === 'string' ? [reason] : [])].join(' '));
  }

  /** How many errors it has counted of a kind, by reason. */
  async errorsOf(kind: string): Promise<Readonly<Record<string, number>>> {
    const series = Object.entries(await this.series('dualstack_reflector_errors_total'));
    return Object.fromEntries(series.flatMap(([labels, count]) => reasonIn(labels, kind).map((reason) => [reason, count] as const)));
  }

  /** The series of one metric. */
  async series(name: string): Promise<Readonly<Record<string, number>>> {
    return seriesOf(await this.operator.orFail(() => this.operator.metrics()), name);
  }

  /** What it has asked of a kind since a number of requests, but pages after the first. */
  readsOf(kind: string, since = 0): readonly Asked[] {
    const reads = this.proxy.requests.slice(since).filter((one) => isRead(one) && one.resource === WATCHED[kind]);
    return reads.filter(({ url }) => !url.searchParams.has('continue'));
  }

  /** Ends it; @returns the exit code, where it ran */
  async end(): Promise<number | null | undefined> {
    const ended = await this.#operator?.stop();
    await this.proxy.close();
    return ended?.code;
  }
}

function reasonIn(labels: string, kind: string): readonly string[] {
  const [, of, reason = ''] = /^\{source="([^"]+)",reason="([^"]+)"\}$/.exec(labels) ?? [];
  return of === SOURCES[kind] ? [reason] : [];
}

/**
 * The pauses between moments that were shorter than they have to be, in words; those after the last one that is given may be any.
 * @param at when each thing happened, in milliseconds
 * @param least how long each pause has to be, in milliseconds
 */
export function tooShort(at: readonly number[], least: readonly number[]): readonly string[] {
  return least.flatMap((pause, index) => {
    const was = (at[index + 1] ?? NaN) - (at[index] ?? NaN);
    return was + TIMER_MS >= pause ? [] : [`pause ${index + 1} was ${Math.round(was)} ms, and not ${pause} ms`];
  });
}
