import { systemPace } from '../client/transport/clock.ts';
import { NO_FAMILY } from '../core/net/addresses.ts';
import { graceOf } from '../core/cluster/view.ts';
import { reviewAccess, type Access } from '../client/requests/access-review.ts';
import type { Clock } from '../core/clock.ts';
import type { Connection } from '../client/transport/connection.ts';
import { LeaderElector } from '../client/election/leader-elector.ts';
import { leaseStore, type LeaseName } from '../client/election/leader-lease.ts';
import type { Candidate } from '../client/election/leader-state.ts';
import type { Log } from '../client/transport/log.ts';
import { Interner } from '../core/kinds/interner.ts';
import type { LabelSelector } from '../core/kinds/label-selector.ts';
import { Freshness } from '../sources/watch/freshness.ts';
import { bothOf, type ReflectorObserver } from '../sources/watch/observer.ts';
import { runReflector } from '../sources/watch/reflector.ts';
import { changeSink } from '../sources/list/sink.ts';
import { REPORT_RESOURCE } from '../sources/report-resource.ts';
import { createEvent, type NewEvent } from '../client/requests/event-writer.ts';
import { createReport } from '../client/requests/report-writer.ts';
import { readServerVersion } from '../client/requests/server-version.ts';
import { builtInResources } from '../sources/resources.ts';
import { AuthorizationFilter } from '../server/authorization-filter.ts';
import type { HttpResponse, Handler } from '../server/http-server.ts';
import { startHttpServers, type HttpServers } from '../server/http-servers.ts';
import { Metrics } from '../server/metrics/metrics.ts';
import type { Addresses } from '../server/purposes.ts';
import { serialized } from '../server/serialized.ts';
import type { TlsFiles } from '../server/tls-files.ts';
import { DualStackOperator } from '../controller/dualstack-operator.ts';
import { Evaluator } from '../core/engine/evaluator.ts';
import { inShortSteps } from '../core/engine/in-short-steps.ts';
import { Reports } from '../controller/reports.ts';
import { EventRecorder } from '../controller/event-recorder.ts';
import { pageHandler } from '../server/page/page-handler.ts';

/** The election of the replica that writes. */
export interface Election extends Candidate {
  readonly lease: LeaseName;
}

export interface AppOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly addresses: Addresses;
  /** Undefined: plain HTTP is served. */
  readonly tls: TlsFiles | undefined;
  /** Who may read the metrics, and a page that is not on loopback: everybody, or those whom the API server allows it. */
  readonly metricsAuth: 'none' | 'kubernetes';
  /** What reports call the cluster; undefined: nothing. */
  readonly clusterName: string | undefined;
  /** The name of the report to create when there is none; undefined: none is created. */
  readonly defaultReport: string | undefined;
  readonly graceScale: number;
  /** Nodes with these labels are virtual; undefined: only those that are known as such. */
  readonly virtualNodeSelector?: LabelSelector | undefined;
  /** How long a watch may fail until the verdict counts as stale, in milliseconds. */
  readonly staleAfterMs: number;
  readonly metricsPerService: boolean;
  readonly metricsPerNode: boolean;
  /** Undefined: this process writes, whoever else does. */
  readonly election: Election | undefined;
}

/** The only term of a process that takes part in no leader election. */
const ONLY_TERM = 1;

/** How often the version of the API server is read, in milliseconds: while it is known, and while it is not. */
const VERSION_REFRESH_MS = 10 * 60_000;
const VERSION_RETRY_MS = 60_000;

/** The operator as a whole: reflector → store → evaluation → reports and metrics. */
export class App {
  readonly #options: AppOptions;
  readonly #metrics: Metrics;
  readonly #evaluator: Evaluator;
  readonly #freshness: Freshness;
  readonly #operator: DualStackOperator;
  readonly #reports: Reports;
  readonly #eventRecorder: EventRecorder;
  readonly #elector: LeaderElector | undefined;
  readonly #stopping = new AbortController();
  #serverVersion: string | undefined;

  constructor(options: AppOptions) {
    const { connection, clock, log } = options;
    this.#options = options;
    this.#metrics = new Metrics({ version: options.version, perService: options.metricsPerService, perNode: options.metricsPerNode });
    this.#evaluator = new Evaluator({
      clock,
      pace: systemPace,
      grace: graceOf(options.graceScale),
      onEvaluated: (seconds) => {
        this.#metrics.onEvaluated(seconds);
        this.#reports.evaluated();
      },
    });
    // The evaluation that the metrics of the cluster are determined from.
    this.#evaluator.evaluationFor(NO_FAMILY);
    this.#freshness = new Freshness({
      clock,
      limitMs: options.staleAfterMs,
      onContact: () => {
        this.#reports.contacted();
      },
    });
    this.#reports = new Reports({
      evaluator: this.#evaluator,
      freshness: this.#freshness,
      clock,
      log,
      cluster: () => ({ name: options.clusterName, version: this.#serverVersion }),
      defaultReport: options.defaultReport,
      term: () => this.#term,
      write: (report, status) => this.#operator.writeStatus(report, status),
      create: (name, signal) => createReport(connection, name, { clock, signal }),
      onWrite: (result) => {
        this.#metrics.onWrite(result);
      },
      onStatus: (report, status, causes) => this.#eventRecorder.prepare(report, status, causes),
      onRemoved: (name) => {
        this.#eventRecorder.forget(name);
      },
    });
    this.#eventRecorder = new EventRecorder({
      store: this.#evaluator.store,
      clock,
      log,
      write: (newEvent) => this.#writeEvent(newEvent),
      onEvent: (result) => {
        this.#metrics.onEvent(result);
      },
      signal: this.#stopping.signal,
    });
    this.#elector = options.election && this.#electorOf(options.election);
    const observer = this.#observerOf(REPORT_RESOURCE.source, this.#freshness.observer(REPORT_RESOURCE.source));
    const isStale = (): boolean => this.#freshness.isStale(REPORT_RESOURCE.source);
    this.#operator = new DualStackOperator({ connection, handler: this.#reports, clock, log, observer, isStale });
  }

  /**
   * Runs until the signal aborts.
   * @throws ListenError where an address cannot be listened on; TlsFilesError; a fault of this program
   */
  async run(outer: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#stopping.abort();
      this.#operator.stop();
    };
    outer.addEventListener('abort', stop);
    if (outer.aborted) stop();
    const servers = await this.#serve();
    try {
      this.#options.log.info({ ...servers.addresses }, 'listening');
      await this.#work(this.#stopping.signal);
    } finally {
      stop();
      await Promise.all([servers.close(), this.#eventRecorder.settled()]);
      await this.#elector?.release();
      outer.removeEventListener('abort', stop);
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    await this.#operator.start();
    const work = [
      this.#operator.finished(),
      this.#evaluator.run(signal),
      this.#reports.run(signal),
      this.#followVersion(signal),
      ...(this.#elector ? [this.#elector.run(signal)] : []),
      ...this.#reflect(signal),
    ];
    try {
      await Promise.all(work);
    } finally {
      // Whatever fails takes the rest down with it: a part that stopped and looks well is worse than a restart.
      this.#stopping.abort();
      this.#operator.stop();
      await Promise.allSettled(work);
    }
  }

  /** An API server may be upgraded while this runs. */
  async #followVersion(signal: AbortSignal): Promise<void> {
    const { connection, clock } = this.#options;
    while (!signal.aborted) {
      const version = await readServerVersion(connection, { clock, signal });
      this.#serverVersion = version ?? this.#serverVersion;
      await clock.sleep(version === undefined ? VERSION_RETRY_MS : VERSION_REFRESH_MS, signal);
    }
  }

  get #term(): number | undefined {
    return this.#elector ? this.#elector.term : ONLY_TERM;
  }

  #electorOf(election: Election): LeaderElector {
    const { connection, clock, log } = this.#options;
    return new LeaderElector({
      ...election,
      store: leaseStore(connection, election.lease),
      clock,
      log,
      onChange: () => {
        this.#reports.termChanged();
      },
    });
  }

  /** What is under way when the operator stops is let go. */
  async #writeEvent(newEvent: NewEvent): Promise<void> {
    const { connection, clock } = this.#options;
    const { signal } = this.#stopping;
    try {
      await createEvent(connection, newEvent, { clock, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #reflect(signal: AbortSignal): Promise<void>[] {
    const { connection, clock, log, virtualNodeSelector: virtualNodes } = this.#options;
    return builtInResources(new Interner(), { virtualNodes }).map((resource) => {
      const sink = changeSink(resource.kind, (change) => {
        this.#evaluator.push(change);
      });
      const { source } = resource;
      const observer = this.#observerOf(source, this.#freshness.keepingObserver(source));
      const isStale = (): boolean => this.#freshness.isStale(source);
      const keepsKnown = (): boolean => this.#freshness.keeps(source);
      return runReflector({ connection, resource, sink, signal, clock, log, observer, isStale, keepsKnown });
    });
  }

  #observerOf(source: string, freshness: ReflectorObserver): ReflectorObserver {
    const { clock } = this.#options;
    return bothOf(
      this.#metrics.reflectors.observer(source, () => clock.time()),
      freshness,
    );
  }

  #serve(): Promise<HttpServers> {
    const { addresses, tls, clock, log } = this.#options;
    return startHttpServers({
      addresses,
      handlers: {
        metrics: { '/metrics': serialized(() => this.#scrape()) },
        health: { '/healthz': () => text(200, 'ok\n'), '/readyz': () => this.#readiness() },
        page: { '/': this.#pages() },
      },
      tls: tls && { ...tls, clock },
      authorize: this.#authorization(),
      log,
    });
  }

  /**
   * A replica that could not lead is no replacement for one that is to go: that holds an update up which lacks the permission. Once ready, a
   * replica stays so whatever the API server does, since its metrics are worth having.
   */
  #readiness(): HttpResponse {
    if (!this.#evaluator.ready) return text(503, 'the cluster is not evaluated yet\n');
    if (this.#elector && !this.#elector.takesPart) return text(503, 'could not read or write the lease yet; see the log\n');
    return text(200, 'ok\n');
  }

  /** One authorization filter for all paths that show names of objects: a token that opens one path opens another only where the API server says so. */
  #authorization(): (handler: Handler) => Handler {
    const { metricsAuth, connection, clock, log } = this.#options;
    if (metricsAuth === 'none') return (handler) => handler;
    const review = (token: string, path: string, signal: AbortSignal): Promise<Access> => reviewAccess(connection, token, path, signal);
    const authorizationFilter = new AuthorizationFilter({ review, clock, log });
    return (handler) => authorizationFilter.guard(handler);
  }

  #pages(): Handler {
    const { clock, version } = this.#options;
    return pageHandler({
      evaluator: this.#evaluator,
      reports: this.#reports,
      freshness: this.#freshness,
      clock,
      version,
      leads: () => this.#term !== undefined,
    });
  }

  async #scrape(): Promise<HttpResponse> {
    const { store } = this.#evaluator;
    const queueDepth = this.#evaluator.queueDepth;
    const steps = await this.#evaluator.read(() =>
      this.#metrics.update({
        store,
        evaluation: this.#evaluator.evaluationFor(NO_FAMILY),
        ready: this.#evaluator.ready,
        views: this.#reports.views(),
        stale: this.#freshness.staleSources().length > 0,
        now: this.#options.clock.time(),
        queueDepth,
        leads: this.#term !== undefined,
      }),
    );
    await inShortSteps(steps, systemPace);
    const body = await this.#metrics.text();
    // As bytes, which all who share them send as they are.
    return { status: 200, type: this.#metrics.registry.contentType, body: Buffer.from(body) };
  }
}

function text(status: number, body: string): HttpResponse {
  return { status, type: 'text/plain; charset=utf-8', body };
}
