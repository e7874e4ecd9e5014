import { systemPace } from '../../src/client/transport/clock.ts';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { Freshness } from '../../src/sources/watch/freshness.ts';
import { bothOf, NO_OBSERVER, type ReflectorObserver } from '../../src/sources/watch/observer.ts';
import { runReflector } from '../../src/sources/watch/reflector.ts';
import { changeSink } from '../../src/sources/list/sink.ts';
import { REPORT_RESOURCE } from '../../src/sources/report-resource.ts';
import { createReport } from '../../src/client/requests/report-writer.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import type { PendingEvents } from '../../src/controller/event-recorder.ts';
import { DualStackOperator } from '../../src/controller/dualstack-operator.ts';
import { Evaluator } from '../../src/core/engine/evaluator.ts';
import { Reports } from '../../src/controller/reports.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { factsIn, findingsIn, GRACE } from './truth.ts';

const STALE_AFTER_MS = 120_000;
const NO_EVENTS: PendingEvents = { record: () => undefined, note: () => undefined };

/** The operator as far as its knowledge and its reports go, put together as it is in the app, so that what it knows can be looked at. */
export class Watcher {
  readonly log = new FieldsLog();
  /** How many errors the reflectors reported, by reason, and how many writes there were, by `write` and how they ended. */
  readonly counts = new Map<string, number>();
  readonly #clock: Clock;
  readonly #evaluator: Evaluator;
  readonly #freshness: Freshness;
  readonly #reports: Reports;
  readonly #operator: DualStackOperator;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(connection: Connection, clock: Clock) {
    const { log } = this;
    this.#clock = clock;
    this.#evaluator = new Evaluator({
      clock,
      pace: systemPace,
      grace: GRACE,
      onEvaluated: () => {
        this.#reports.evaluated();
      },
    });
    this.#evaluator.evaluationFor(NO_FAMILY);
    this.#freshness = new Freshness({
      clock,
      limitMs: STALE_AFTER_MS,
      onContact: () => {
        this.#reports.contacted();
      },
    });
    this.#reports = this.#reportsBy(connection);
    const { kind } = REPORT_RESOURCE;
    this.#operator = new DualStackOperator({
      connection,
      handler: this.#reports,
      clock,
      log,
      observer: this.#observerOf(kind),
      isStale: () => this.#freshness.isStale(kind),
    });
    this.#running = this.#run(connection, this.#stop.signal);
    // Seen by `stop` too, but not before something waits for it.
    this.#running.catch(() => undefined);
  }

  /** What it knows and finds, all changes that have come so far considered; nothing before the first lists. */
  async state(): Promise<{ readonly facts: unknown; readonly findings: unknown } | undefined> {
    return this.#evaluator.read(() => {
      if (!this.#evaluator.ready) return undefined;
      return { facts: factsIn(this.#evaluator.store), findings: findingsIn(this.#evaluator.evaluationFor(NO_FAMILY)) };
    });
  }

  /** Stops all of it; throws what any part has thrown. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#operator.stop();
    await this.#running;
  }

  #reportsBy(connection: Connection): Reports {
    const clock = this.#clock;
    return new Reports({
      evaluator: this.#evaluator,
      freshness: this.#freshness,
      clock,
      log: this.log,
      cluster: () => ({}),
      defaultReport: 'cluster',
      term: () => 1,
      write: (report, status) => this.#operator.writeStatus(report, status),
      create: (name, signal) => createReport(connection, name, { clock, signal }),
      onWrite: (result) => {
        this.#count(`write ${result}`);
      },
      onStatus: () => NO_EVENTS,
      onRemoved: () => undefined,
    });
  }

  async #run(connection: Connection, signal: AbortSignal): Promise<void> {
    await this.#operator.start();
    const reflectors = builtInResources(new Interner()).map((resource) => {
      const { kind } = resource;
      const sink = changeSink(kind, (change) => {
        this.#evaluator.push(change);
      });
      const isStale = (): boolean => this.#freshness.isStale(kind);
      const observer = this.#observerOf(kind);
      return runReflector({ connection, resource, sink, signal, clock: this.#clock, log: this.log, observer, isStale });
    });
    await Promise.all([this.#operator.finished(), this.#evaluator.run(signal), this.#reports.run(signal), ...reflectors]);
  }

  #observerOf(kind: string): ReflectorObserver {
    const counting: ReflectorObserver = {
      ...NO_OBSERVER,
      onError: (reason) => {
        this.#count(reason);
      },
    };
    return bothOf(counting, this.#freshness.observer(kind));
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
