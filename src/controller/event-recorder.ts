import { checkNamed } from '../core/checks/registry.ts';
import { eventUidOf } from '../core/cluster/roles.ts';
import { CLUSTER, isCluster } from '../core/engine/finding.ts';
import type { ClusterStore } from '../core/cluster/cluster-store.ts';
import { kindNamed } from '../core/kinds/registry.ts';
import { apiVersionOf } from '../core/kinds/source.ts';
import type { Fault, RootCause, RootCauses } from '../core/report/root-causes.ts';
import type { Condition, DualStackReport, DualStackReportStatus } from '../core/report/types.ts';
import type { Clock } from '../core/clock.ts';
import type { NewEvent, Regarding } from '../client/requests/event-writer.ts';
import { ApiError, kindOfError } from '../client/wire/errors.ts';
import type { Log } from '../client/transport/log.ts';
import { ErrorLog } from '../client/transport/error-log.ts';
import { retryAfterMs } from '../client/transport/retry-after.ts';
import type { EventResult } from './results.ts';
import { REPORT_API_VERSION } from '../client/requests/report-resource.ts';

export interface EventRecorderOptions {
  readonly store: ClusterStore;
  readonly clock: Clock;
  readonly log: Log;
  /** @throws ApiError, NetworkError */
  readonly write: (newEvent: NewEvent) => Promise<void>;
  readonly onEvent: (result: EventResult) => void;
  /** Aborting it lets go of what waits. */
  readonly signal: AbortSignal;
}

/** What to do once a report says what has been prepared. */
export interface PendingEvents {
  /** This process has made the report say so: makes the Events. */
  record(): void;
  /** Another process has, and made the Events. */
  note(): void;
}

/** What a report says, as far as Events go. */
interface Recorded {
  readonly generation: number | undefined;
  /** Those of the report, and those that it no longer lists though they are not over. */
  readonly faults: ReadonlyMap<string, Fault>;
  readonly healthy: string;
}

/** What a report is to say now. */
interface Now {
  readonly causes: RootCauses;
  /** What it said before and is over. */
  readonly over: readonly Fault[];
  readonly healthy: Condition | undefined;
}

/** So many Events at once, and one more each so many milliseconds: a storm is in the report, Events only point to it. */
const BURST = 25;
const REFILL_MS = 10_000;
/** An answer may take longer than the next one to come. */
const MOST_WAITING = BURST;

/**
 * Makes Kubernetes Events of what changes in reports: causes that appear or go, and the condition Healthy. What a report says when it is
 * first seen, or under a new spec, is no news.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #recorded = new Map<string, Recorded>();
  readonly #errorLog: ErrorLog;
  #tokens = BURST;
  #refilledAt: number;
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Until when the API server wants no request, by its Retry-After. */
  #heldUntil = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#refilledAt = options.clock.now();
    this.#errorLog = new ErrorLog(options.log, options.clock);
  }

  /**
   * Compares what a report is to say with what it said. To be called between evaluations, since the words are made from the facts.
   * @returns of which one is to be called once the report says so
   */
  prepare(report: DualStackReport, status: DualStackReportStatus, causes: RootCauses): PendingEvents {
    const { name, generation } = report.metadata;
    const healthy = status.conditions?.find(({ type }) => type === 'Healthy');
    const before = this.#recorded.get(name);
    const known = before?.generation === generation ? before : undefined;
    const { over, hidden } = known ? absentFrom(causes, known.faults) : NONE_ABSENT;
    const news = known ? this.#news(report, known, { causes, over, healthy }) : [];
    const faults = new Map([...withoutWords(causes.byId), ...hidden]);
    const recorded: Recorded = { generation, faults, healthy: healthy?.status ?? '' };
    const note = (): void => {
      this.#recorded.set(name, recorded);
    };
    return {
      note,
      record: () => {
        note();
        for (const newEvent of news) this.#record(newEvent);
      },
    };
  }

  /** Forgets a report that is gone. */
  forget(name: string): void {
    this.#recorded.delete(name);
  }

  /** Resolves when no write is in progress. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  #news(report: DualStackReport, before: Recorded, { causes, over, healthy }: Now): NewEvent[] {
    const appeared = missingIn(before.faults, causes.byId).map(([, cause]) => found(cause, this.#regarding(cause, report)));
    const went = over.map((fault) => resolved(fault, this.#regarding(fault, report)));
    const changed = healthy && healthy.status !== before.healthy ? [healthChanged(healthy, regardingReport(report))] : [];
    return [...appeared, ...went, ...changed];
  }

  #record(newEvent: NewEvent): void {
    if (this.#waiting >= MOST_WAITING || !this.#takeToken()) {
      this.#options.onEvent('dropped');
      return;
    }
    this.#waiting += 1;
    this.#writing = this.#writing.then(() => this.#write(newEvent));
  }

  async #write(newEvent: NewEvent): Promise<void> {
    const { write, onEvent, clock, signal } = this.#options;
    try {
      const now = clock.now();
      if (this.#heldUntil > now) await clock.sleep(this.#heldUntil - now, signal);
      if (signal.aborted) return;
      await write(newEvent);
      onEvent('written');
      this.#errorLog.recovered({}, 'writing Events works again');
    } catch (error) {
      onEvent('failed');
      if (error instanceof ApiError) this.#heldUntil = clock.now() + retryAfterMs(error, clock.random());
      const { regarding, reason } = newEvent;
      const fields = { kind: regarding.kind, name: regarding.name, event: reason, reason: String(error) };
      this.#errorLog.failed(error instanceof Error ? kindOfError(error) : 'unknown', fields, 'could not write an Event');
    } finally {
      this.#waiting -= 1;
    }
  }

  #takeToken(): boolean {
    const now = this.#options.clock.now();
    const refill = Math.floor((now - this.#refilledAt) / REFILL_MS);
    this.#tokens = Math.min(BURST, this.#tokens + refill);
    this.#refilledAt += refill * REFILL_MS;
    if (this.#tokens === 0) return false;
    this.#tokens -= 1;
    return true;
  }

  #regarding({ check, object, key }: Fault, report: DualStackReport): Regarding {
    const kind = checkNamed(check)?.kind ?? CLUSTER.kind;
    if (isCluster(object) || kind === CLUSTER.kind) return regardingReport(report);
    const uid = eventUidOf(kind, key, this.#options.store.objects(kind).get(key));
    const { namespace, name } = object;
    return { apiVersion: apiVersionOf(kindNamed(kind).resource), kind: object.kind, namespace, name, uid };
  }
}

interface Absent {
  readonly over: readonly Fault[];
  readonly hidden: readonly (readonly [id: string, fault: Fault])[];
}

const NONE_ABSENT: Absent = { over: [], hidden: [] };

/**
 * The faults that a report no longer lists: those that are over, and those that are hidden because they were rolled up, have become the effect of
 * another one, cannot be evaluated now or are excluded. Where other families are missing by now, the fault has changed and is neither.
 */
function absentFrom(causes: RootCauses, faults: ReadonlyMap<string, Fault>): Absent {
  const present = new Set([...causes.byId.values()].map(faultOf));
  const absent = missingIn(causes.byId, faults).filter(([, fault]) => !present.has(faultOf(fault)));
  const { over = [], hidden = [] } = Object.groupBy(absent, ([, fault]) => (causes.isOver(fault) ? 'over' : 'hidden'));
  return { over: over.map(([, fault]) => fault), hidden };
}

/** The entries that `all` has and `some` has not. */
function missingIn<T>(some: ReadonlyMap<string, unknown>, all: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...all].filter(([id]) => !some.has(id));
}

/** A cause, whatever the families are that it is about. An object may have the key of the cluster. */
function faultOf({ check, object, key }: Fault): string {
  return isCluster(object) ? check : `${check}/${key}`;
}

function withoutWords(causes: ReadonlyMap<string, RootCause>): Recorded['faults'] {
  return new Map([...causes].map(([id, { check, object, key }]) => [id, { check, object, key }]));
}

function found({ check, message }: RootCause, regarding: Regarding): NewEvent {
  return { regarding, type: 'Warning', reason: check, action: 'Found', note: message };
}

function resolved({ check }: Fault, regarding: Regarding): NewEvent {
  return { regarding, type: 'Normal', reason: check, action: 'Resolved', note: `Resolved: ${check}` };
}

const HEALTH_REASONS = { True: 'Healthy', False: 'Unhealthy', Unknown: 'HealthUnknown' } as const;

function healthChanged({ status, message }: Condition, regarding: Regarding): NewEvent {
  return { regarding, type: status === 'False' ? 'Warning' : 'Normal', reason: HEALTH_REASONS[status], action: 'Evaluated', note: message };
}

function regardingReport({ metadata: { name, uid = '' } }: DualStackReport): Regarding {
  return { apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', namespace: '', name, uid };
}
