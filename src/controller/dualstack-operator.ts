import k8sOperator, { ResourceEventType, ResourceMetaImpl } from '@dot-i/k8s-operator';
import type { OperatorLogger, ResourceEvent, ResourceMeta } from '@dot-i/k8s-operator';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Unavailability } from '../core/kinds/facts.ts';
import { API_GROUP } from '../core/report/api.ts';
import type { DualStackReport, DualStackReportStatus } from '../core/report/types.ts';
import type { Clock } from '../core/clock.ts';
import type { Connection } from '../client/transport/connection.ts';
import type { Log } from '../client/transport/log.ts';
import type { ReflectorObserver } from '../sources/watch/observer.ts';
import { runReflector } from '../sources/watch/reflector.ts';
import type { ReflectorSink } from '../sources/list/sink.ts';
import { REPORT_PLURAL, REPORT_VERSION } from '../client/requests/report-resource.ts';
import { REPORT_RESOURCE } from '../sources/report-resource.ts';
import { writeReportStatus } from '../client/requests/report-writer.ts';

/** What happens to DualStackReports. */
export interface ReportHandler {
  /** What is put until `listed` is what there is now, be it older than what was put before. */
  listing(): void;
  put(report: DualStackReport): void;
  /** The report after a write, which may be gone or replaced by now. */
  written(report: DualStackReport): void;
  remove(name: string): void;
  /** All reports that there are have been put. */
  listed(): void;
  /** The API server does not give them. */
  unavailable(unavailability: Unavailability): void;
}

export interface DualStackOperatorOptions {
  /** Of a configuration that has been checked. */
  readonly connection: Connection;
  readonly handler: ReportHandler;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: ReflectorObserver;
  /** As a reflector's. */
  readonly isStale: () => boolean;
}

/**
 * The life cycle of DualStackReports on @dot-i/k8s-operator: its `start` leads to `init`, which watches them. The base class's own
 * watch ends the process on an error and forgets deletions, and its writes swallow errors, so a reflector and a writer of
 * this project take their place.
 */
export class DualStackOperator extends k8sOperator.default {
  readonly #options: DualStackOperatorOptions;
  readonly #stopping = new AbortController();
  readonly #watches: Promise<void>[] = [];

  constructor(options: DualStackOperatorOptions) {
    const restoreEnvironment = hideKubeconfigs();
    super(baseLogger(options.log));
    restoreEnvironment();
    this.#options = options;
    this.kubeConfig = options.connection.kubeConfig;
  }

  protected override async init(): Promise<void> {
    await this.watchResource(API_GROUP, REPORT_VERSION, REPORT_PLURAL, (event) => this.#handle(event));
  }

  /** Watches until `stop`, whatever the network does. */
  protected override watchResource(
    _group: string,
    _version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
  ): Promise<void> {
    const { connection, clock, log, observer, isStale, handler } = this.#options;
    const fault = Promise.withResolvers<never>();
    const sink = new EventSink(plural, onEvent, handler, fault.reject);
    const { signal } = this.#stopping;
    const watch = runReflector({ connection, resource: REPORT_RESOURCE, sink, signal, clock, log, observer, isStale });
    this.#watches.push(Promise.race([watch.then(() => sink.handled), fault.promise]));
    return Promise.resolve();
  }

  /**
   * Writes a status.
   * @returns the resource with its new version
   * @throws what `writeReportStatus` throws
   */
  override async patchResourceStatus(meta: ResourceMeta, status: DualStackReportStatus): Promise<ResourceMeta> {
    const { connection, clock, handler } = this.#options;
    const report = await writeReportStatus(connection, meta, status, { clock, signal: this.#stopping.signal });
    handler.written(report);
    return ResourceMetaImpl.createWithPlural(REPORT_PLURAL, asObject(report));
  }

  /** Writes the status of a report, if it is still what it was; throws as `patchResourceStatus` does. */
  async writeStatus(report: DualStackReport, status: DualStackReportStatus): Promise<void> {
    await this.patchResourceStatus(ResourceMetaImpl.createWithPlural(REPORT_PLURAL, asObject(report)), status);
  }

  override stop(): void {
    this.#stopping.abort();
  }

  /** Resolves after `stop`, once nothing is left running; rejects with a fault of this program. */
  async finished(): Promise<void> {
    await Promise.all(this.#watches);
  }

  #handle({ type, object, meta }: ResourceEvent): Promise<void> {
    const { handler } = this.#options;
    if (type === ResourceEventType.Deleted) handler.remove(meta.name);
    else handler.put(object as unknown as DualStackReport);
    return Promise.resolve();
  }
}

/** Makes the base class's events of what a reflector brings; what vanished between two lists is deleted. */
class EventSink implements ReflectorSink<DualStackReport> {
  /** Resolves when all events so far are handled. */
  handled: Promise<void> = Promise.resolve();
  readonly #plural: string;
  readonly #onEvent: (event: ResourceEvent) => Promise<void>;
  readonly #handler: ReportHandler;
  readonly #onFault: (fault: unknown) => void;
  readonly #known = new Map<string, DualStackReport>();
  #unlisted = new Map<string, DualStackReport>();

  /** @param onFault called with what a handler throws */
  constructor(plural: string, onEvent: (event: ResourceEvent) => Promise<void>, handler: ReportHandler, onFault: (fault: unknown) => void) {
    this.#plural = plural;
    this.#onEvent = onEvent;
    this.#handler = handler;
    this.#onFault = onFault;
  }

  begin(): void {
    this.#unlisted = new Map(this.#known);
    this.#after(() => {
      this.#handler.listing();
    });
  }

  put(report: DualStackReport): void {
    const { name } = report.metadata;
    this.#unlisted.delete(name);
    this.#emit(this.#known.has(name) ? ResourceEventType.Modified : ResourceEventType.Added, report);
    this.#known.set(name, report);
  }

  remove(report: DualStackReport): void {
    this.#known.delete(report.metadata.name);
    this.#emit(ResourceEventType.Deleted, report);
  }

  end(): void {
    for (const report of this.#unlisted.values()) this.remove(report);
    this.#unlisted.clear();
    this.#after(() => {
      this.#handler.listed();
    });
  }

  unavailable(unavailability: Unavailability): void {
    // Reports go with their definition; those that may not be read are still there.
    if (unavailability.reason === 'NotFound' || unavailability.reason === 'Unsupported')
      for (const report of [...this.#known.values()]) this.remove(report);
    this.#after(() => {
      this.#handler.unavailable(unavailability);
    });
  }

  #emit(type: ResourceEventType, report: DualStackReport): void {
    const object = asObject(report);
    const event: ResourceEvent = { type, object, meta: ResourceMetaImpl.createWithPlural(this.#plural, object) };
    this.#after(() => this.#onEvent(event));
  }

  #after(work: () => void | Promise<void>): void {
    this.handled = this.handled.then(work);
    this.handled.catch(this.#onFault);
  }
}

/**
 * The base class loads the default configuration, which the connection's then replaces. That need not be the one of the
 * connection, and what is wrong with it is no matter: with these variables unset there is no file to fail on.
 * @returns what sets them again
 */
function hideKubeconfigs(): () => void {
  const { HOME, KUBECONFIG } = process.env;
  delete process.env['HOME'];
  delete process.env['KUBECONFIG'];
  return () => {
    if (HOME !== undefined) process.env['HOME'] = HOME;
    if (KUBECONFIG !== undefined) process.env['KUBECONFIG'] = KUBECONFIG;
  };
}

/** client-node's types have dates where the wire has text; nothing here reads them. */
function asObject(report: DualStackReport): KubernetesObject {
  return report as unknown as KubernetesObject;
}

function baseLogger(log: Log): OperatorLogger {
  return {
    debug: (message) => {
      log.debug({}, message);
    },
    info: (message) => {
      log.info({}, message);
    },
    warn: (message) => {
      log.warn({}, message);
    },
    error: (message) => {
      log.error({}, message);
    },
  };
}
