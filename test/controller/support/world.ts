import { systemPace } from '../../../src/client/transport/clock.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { StaleSource } from '../../../src/core/report/conditions.ts';
import type { DualStackReport, DualStackReportSpec, DualStackReportStatus } from '../../../src/core/report/types.ts';
import { NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { graceOf } from '../../../src/core/cluster/view.ts';
import { Evaluator } from '../../../src/core/engine/evaluator.ts';
import type { WriteResult } from '../../../src/controller/results.ts';
import { Reports } from '../../../src/controller/reports.ts';
import { KINDS, node, NOW, pod, SECOND } from '../../core/build.ts';
import { FieldsLog } from './fields-log.ts';
import { ReportStore, type ReportParts } from './report-store.ts';
import { settled, StrictClock } from './time.ts';

/** A dual-stack node with a dual-stack pod. */
export const SOUND: readonly Facts[] = [node(), pod({ name: 'peer' })];
/** A pod on it that has IPv4 only. */
export const LAGGING: Facts = pod({ name: 'lagging', addresses: ['10.244.1.8'], labels: {} });

export interface Write {
  /** Seconds since the world began. */
  readonly at: number;
  readonly name: string;
  readonly status: DualStackReportStatus;
}

export interface WorldOptions {
  readonly defaultReport?: string | undefined;
  /** Objects of the cluster. */
  readonly facts?: readonly Facts[];
  /** Whether all kinds are listed already. */
  readonly listed?: boolean;
  /** Whether another operator leads at the beginning; otherwise this one does, in its term 1. */
  readonly follows?: boolean;
  /** The reports as the API server keeps them, where several operators share them. */
  readonly store?: ReportStore;
}

/** Counts how often anybody reads, the evaluator itself included. */
class CountingEvaluator extends Evaluator {
  reads = 0;

  override async read<T>(reader: () => T): Promise<T> {
    this.reads += 1;
    return super.read(reader);
  }
}

/** Reports and an evaluator at work on a clock that the test moves, and an API server that keeps the reports. */
export class World {
  readonly clock = new StrictClock(NOW);
  readonly log = new FieldsLog();
  readonly store: ReportStore;
  /** Writes that the API server was asked for. */
  readonly writes: Write[] = [];
  readonly results: WriteResult[] = [];
  /** Times at which the default report was asked for. */
  readonly creations: number[] = [];
  evaluations = 0;
  /** From when on, in milliseconds since the epoch, nothing has been heard of Pods for too long. */
  staleFrom = Infinity;
  /** The kinds that are forbidden and kept. */
  forbidden: readonly StaleSource[] = [];
  /** What the API server does before it takes a write; it may throw. */
  beforeWrite: (report: DualStackReport) => void | Promise<void> = () => undefined;
  /** The same for a creation. */
  beforeCreate: () => void | Promise<void> = () => undefined;
  /** What happens between a write and its answer. */
  afterWrite: () => void | Promise<void> = () => undefined;
  /** The term in which this operator leads; `lead` and `follow` change it. */
  term: number | undefined;
  /** Which completed evaluations Reports recorded as reported, and by whom. */
  readonly recorded: { readonly name: string; readonly healthy: string; readonly by: 'this' | 'another' }[] = [];
  readonly removed: string[] = [];
  readonly evaluator: CountingEvaluator;
  readonly reports: Reports;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor({ defaultReport, facts = [], listed = true, follows = false, store = new ReportStore() }: WorldOptions = {}) {
    const { clock, log } = this;
    this.store = store;
    this.term = follows ? undefined : 1;
    const onEvaluated = (): void => {
      this.evaluations += 1;
      this.reports.evaluated();
    };
    this.evaluator = new CountingEvaluator({ clock, pace: systemPace, grace: graceOf(1), onEvaluated });
    this.evaluator.evaluationFor(NO_FAMILY);
    this.reports = new Reports({
      cluster: () => ({}),
      evaluator: this.evaluator,
      freshness: this,
      clock,
      log,
      defaultReport,
      term: () => this.term,
      write: (report, status) => this.#write(report, status),
      create: (name) => this.#create(name),
      onWrite: (result) => {
        this.results.push(result);
      },
      onStatus: ({ metadata: { name } }, status) => {
        const record = (by: 'this' | 'another'): void => {
          this.recorded.push({ name, healthy: status.conditions?.find(({ type }) => type === 'Healthy')?.status ?? '', by });
        };
        return {
          record: () => {
            record('this');
          },
          note: () => {
            record('another');
          },
        };
      },
      onRemoved: (name) => {
        this.removed.push(name);
      },
    });
    this.push(...facts);
    if (listed) this.list();
  }

  staleSources(): StaleSource[] {
    return this.clock.now() < this.staleFrom ? [] : [{ kind: 'Pod', since: NOW }];
  }

  forbiddenSources(): StaleSource[] {
    return [...this.forbidden];
  }

  get nextEnd(): number {
    return this.clock.now() < this.staleFrom ? this.staleFrom : Infinity;
  }

  push(...facts: readonly Facts[]): void {
    for (const one of facts) this.evaluator.push({ type: 'upsert', facts: one });
  }

  /** The first lists of all kinds are complete. */
  list(): void {
    for (const kind of KINDS) this.evaluator.push({ type: 'listed', kind });
  }

  /** Starts both, with these reports known. */
  async start(reports: Readonly<Record<string, ReportParts>> = { cluster: {} }): Promise<void> {
    for (const [name, parts] of Object.entries(reports)) this.reports.put(this.store.create(name, parts));
    this.reports.listed();
    this.#running.push(this.evaluator.run(this.#stop.signal), this.reports.run(this.#stop.signal));
    // A fault is thrown by `stop`.
    for (const work of this.#running) work.catch(() => undefined);
    await settled();
  }

  /** Reports in which a first verdict is written and no write is due. */
  async settle(): Promise<void> {
    await this.clock.pass(10 * SECOND);
    this.writes.length = 0;
    this.results.length = 0;
    this.evaluations = 0;
    this.evaluator.reads = 0;
    this.clock.sleeps = 0;
  }

  /** Stops both; throws what either has thrown. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** A term of this operator begins. */
  lead(term: number): void {
    this.term = term;
    this.reports.termChanged();
  }

  /** Its term has ended. */
  follow(): void {
    this.term = undefined;
    this.reports.termChanged();
  }

  editSpec(name: string, spec: DualStackReportSpec): void {
    this.reports.put(this.store.editSpec(name, spec));
  }

  editStatus(name: string, change: (status: DualStackReportStatus) => DualStackReportStatus): void {
    this.reports.put(this.store.editStatus(name, change));
  }

  delete(name: string): void {
    this.store.delete(name);
    this.reports.remove(name);
  }

  status(name = 'cluster'): DualStackReportStatus {
    return this.store.get(name).status ?? {};
  }

  /** When a report was written, in seconds since the world began. */
  writesOf(name: string): number[] {
    return this.writes.filter((write) => write.name === name).map(({ at }) => at);
  }

  /** The findings that a report lists, as `check name`. */
  findings(name = 'cluster'): string[] {
    return (this.status(name).findings ?? []).map(({ check, object }) => `${check} ${object.name}`);
  }

  /** Whether a report is Ready and why, as `status reason`. */
  readiness(name = 'cluster'): string {
    const condition = this.status(name).conditions?.find(({ type }) => type === 'Ready');
    return condition ? `${condition.status} ${condition.reason}` : '';
  }

  get #seconds(): number {
    return (this.clock.now() - NOW) / 1000;
  }

  async #write(report: DualStackReport, status: DualStackReportStatus): Promise<void> {
    this.writes.push({ at: this.#seconds, name: report.metadata.name, status });
    await this.beforeWrite(report);
    const written = this.store.apply(report.metadata, status);
    await this.afterWrite();
    this.reports.written(written);
  }

  async #create(name: string): Promise<void> {
    this.creations.push(this.#seconds);
    await this.beforeCreate();
    this.reports.put(this.store.create(name));
  }
}

/** A world in which these reports, or one, are reported and nothing is due. */
export async function quietWorld(reports?: Readonly<Record<string, ReportParts>>): Promise<World> {
  const world = new World({ facts: SOUND });
  await world.start(reports);
  await world.settle();
  return world;
}

/** The times between writes, in milliseconds. */
export function gaps(seconds: readonly number[]): number[] {
  return seconds.slice(1).map((at, index) => Math.round((at - (seconds[index] ?? 0)) * 1000));
}
