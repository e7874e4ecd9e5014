import type { Unavailability } from '../core/kinds/facts.ts';
import type { Evaluation } from '../core/engine/evaluation.ts';
import { API_GROUP } from '../core/report/api.ts';
import type { ClusterIdentity } from '../core/cluster/platform.ts';
import { rootCauses, type RootCauses } from '../core/report/root-causes.ts';
import { selectionFor } from '../core/report/selection.ts';
import { buildStatus, suspendedStatus } from '../core/report/status.ts';
import type { DualStackReport, DualStackReportStatus } from '../core/report/types.ts';
import type { Availability } from '../core/store/store.ts';
import type { Freshness } from '../sources/watch/freshness.ts';
import { ApiError, isOfServer, kindOfError } from '../client/wire/errors.ts';
import { ErrorLog } from '../client/transport/error-log.ts';
import { isBefore } from '../client/transport/resource-version.ts';
import { retryAfterOf, backoffAfter, LONGEST_BACKOFF_MS } from './backoff.ts';
import { DefaultReport, type DefaultReportOptions } from './default-report.ts';
import type { WriteResult } from './results.ts';
import type { PendingEvents } from './event-recorder.ts';
import type { ReportHandler } from './dualstack-operator.ts';
import type { Evaluator } from '../core/engine/evaluator.ts';
import { ReportEvaluations } from './report-evaluations.ts';
import { Writes } from './writes.ts';
import {
  claimFor,
  isExhausted,
  isSame,
  isSuperseded,
  newEntry,
  renewed,
  repeats,
  takeOverTime,
  untilRefresh,
  type Claim,
  type Entry,
} from './report-entry.ts';

export interface ReportsOptions extends DefaultReportOptions {
  readonly evaluator: Evaluator;
  readonly freshness: Pick<Freshness, 'staleSources' | 'forbiddenSources' | 'nextEnd'>;
  /** What is known of the cluster from elsewhere than its objects. */
  readonly cluster: () => ClusterIdentity;
  /** The number of the term in which this process leads, each higher than the one before; undefined where another writes. */
  readonly term: () => number | undefined;
  /** @throws ApiError, NetworkError */
  readonly write: (report: DualStackReport, status: DualStackReportStatus) => Promise<void>;
  readonly onWrite: (result: WriteResult) => void;
  /**
   * Called between evaluations with each status that follows from a completed evaluation.
   * @returns of which one is called once the report says so
   */
  readonly onStatus: (report: DualStackReport, status: DualStackReportStatus, causes: RootCauses) => PendingEvents;
  readonly onRemoved: (name: string) => void;
}

/** A report and its status as of the last completed evaluation. */
export interface ReportView {
  readonly report: DualStackReport;
  readonly evaluation: Evaluation;
}

/** What a report is to say, and what to do once it says so. */
interface NextStatus {
  readonly status: DualStackReportStatus;
  readonly pendingEvents: PendingEvents;
}

const NO_EVENTS: PendingEvents = { record: () => undefined, note: () => undefined };

/** Statuses are built no oftener than this, and written no oftener than the second, in milliseconds. */
const LOOK_EVERY_MS = 1_000;
const WRITE_EVERY_MS = 5_000;
/** Of different reports at a time: a slow one holds up no other, and many are no flood. */
const MOST_WRITES = 4;
const SYNC_PATIENCE_MS = 5_000;
/** A refresh falls due by the time of day, which may be set meanwhile. */
const LONGEST_WAIT_FOR_REFRESH_MS = 60_000;

/**
 * Keeps the status of every DualStackReport true: written only when what it says changes, and refreshed now and then. Only the leader
 * writes. Each write carries the resourceVersion of what it replaces and the leader's `writerEpoch`, which is above that of any leader before:
 * one that slept through the end of its term is rejected.
 */
export class Reports implements ReportHandler {
  readonly #options: ReportsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #evaluations: ReportEvaluations;
  #known: Availability = 'Pending';
  readonly #default: DefaultReport;
  readonly #writes: Writes;
  #writesStarted = 0;
  #listing = false;
  #isEvaluated = false;
  readonly #startedAt: number;
  readonly #readErrors: ErrorLog;
  #wake = Promise.withResolvers<undefined>();

  constructor(options: ReportsOptions) {
    this.#options = options;
    this.#evaluations = new ReportEvaluations(options.evaluator);
    this.#startedAt = options.clock.now();
    this.#default = new DefaultReport(options);
    this.#writes = new Writes(MOST_WRITES, () => {
      this.#wake.resolve(undefined);
    });
    this.#readErrors = this.#newErrorLog();
  }

  listing(): void {
    this.#listing = true;
  }

  put(report: DualStackReport): void {
    const known = this.#entries.get(report.metadata.name);
    const isOfKnown = known?.report.metadata.uid === report.metadata.uid;
    const isOld = isBefore(report.metadata.resourceVersion ?? '', known?.report.metadata.resourceVersion ?? '');
    // A list that is older is of an API server that was taken back to a backup.
    if (isOfKnown && isOld && !this.#listing) return;
    this.#entries.set(
      report.metadata.name,
      known && isOfKnown ? renewed(known, report, this.#options.clock.now()) : newEntry(report, this.#newErrorLog()),
    );
    // Requested now, so that whoever reads next finds it evaluated.
    this.#evaluations.update(this.#all());
    this.#default.missing = false;
    this.#wake.resolve(undefined);
  }

  written(report: DualStackReport): void {
    const known = this.#entries.get(report.metadata.name);
    if (known && known.report.metadata.uid === report.metadata.uid) this.put(report);
  }

  remove(name: string): void {
    this.#entries.delete(name);
    this.#evaluations.update(this.#all());
    this.#options.onRemoved(name);
    this.#default.missing = this.#entries.size === 0;
    this.#wake.resolve(undefined);
  }

  listed(): void {
    this.#listing = false;
    this.#known = 'Synced';
    this.#readErrors.recovered({}, 'reading DualStackReports works again');
    this.#default.missing = this.#entries.size === 0;
    this.#wake.resolve(undefined);
  }

  /** Whether there is a report is not known then, and none could be made. */
  unavailable(unavailability: Unavailability): void {
    const { reason, message } = unavailability;
    this.#known = unavailability;
    this.#default.missing = false;
    this.#default.retry();
    this.#readErrors.failed(reason, {}, `cannot read or write DualStackReports: ${message}`);
  }

  /** To be called after each evaluation. The first verdict does not wait for its turn. */
  evaluated(): void {
    if (!this.#isEvaluated) for (const name of this.#entries.keys()) this.#update(name, { notBefore: 0 });
    this.#isEvaluated = true;
    this.#wake.resolve(undefined);
  }

  /** To be called when a kind is heard of again that was stale or forbidden, and when one is forbidden. */
  contacted(): void {
    this.#wake.resolve(undefined);
  }

  /** To be called when a term begins or has ended. A new leader makes the reports its own at once. */
  termChanged(): void {
    for (const name of this.#entries.keys()) this.#update(name, { notBefore: 0, failures: 0 });
    this.#default.retry();
    this.#wake.resolve(undefined);
  }

  /** Whether it is known which reports there are. */
  get known(): Availability {
    return this.#known;
  }

  /** The reports with the evaluations that answer them. */
  views(): ReportView[] {
    return this.#all().map((report) => ({ report, evaluation: this.#evaluations.of(report) }));
  }

  /**
   * Writes what is due until the signal aborts.
   * @throws a fault of this program
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#writes.throwFault();
      this.#wake = Promise.withResolvers();
      await this.#default.createIfMissing(signal, () => this.#entries.size === 0);
      const next = await this.#visitAll(signal);
      await this.#sleepUntil(next, signal);
    }
    await this.#writes.settled();
    this.#writes.throwFault();
  }

  /** Looks at every report; returns when to look again. */
  async #visitAll(signal: AbortSignal): Promise<number> {
    this.#evaluations.keepOnly(this.#all());
    let next = Math.min(this.#default.nextTime, this.#options.freshness.nextEnd);
    // There may not be room for all writes.
    const inTurn = [...this.#entries].sort(([, one], [, other]) => one.lastWrite - other.lastWrite);
    for (const [name, { report }] of inTurn) {
      if (signal.aborted) return next;
      // The end of a write wakes this.
      if (!this.#writes.hasRoomFor(keyOf(report))) continue;
      next = Math.min(next, await this.#visit(name, signal));
    }
    return next;
  }

  async #visit(name: string, signal: AbortSignal): Promise<number> {
    const { clock, term: currentTerm } = this.#options;
    const entry = this.#entries.get(name);
    if (!entry) return Infinity;
    const term = currentTerm();
    if (term === undefined) return this.#follow(name, entry);
    const now = clock.now();
    const lookAt = Math.max(entry.notBefore, entry.heldUntil, takeOverTime(entry, term), this.#syncingTime(entry));
    if (now < lookAt) return lookAt;
    if (isSuperseded(entry, term)) {
      this.#takeOver(name);
      return this.#visit(name, signal);
    }
    // Set before anything is awaited, here and in #write: what comes meanwhile and must not wait sets it to 0 again.
    this.#update(name, { notBefore: now + LOOK_EVERY_MS });
    const claim = claimFor(entry, term);
    return isExhausted(entry, claim) ? this.#leaveExhausted(name, entry) : this.#writeIfChanged(name, entry, claim, signal);
  }

  /** @returns when to look again */
  async #writeIfChanged(name: string, entry: Entry, claim: Claim, signal: AbortSignal): Promise<number> {
    const { clock, evaluator, freshness, term } = this.#options;
    const now = clock.now();
    const next = await this.#nextStatus(entry, claim.epoch);
    const wait = untilRefresh(entry.report, evaluator.ready && freshness.staleSources().length === 0, clock.time());
    if (isSame(next.status, entry.report.status) && wait > 0) {
      next.pendingEvents.record();
      return wait === Infinity ? Infinity : now + Math.min(wait, LONGEST_WAIT_FOR_REFRESH_MS);
    }
    // The verdict may have taken longer than the term had left.
    if (term() !== claim.term) return now;
    this.#writes.begin(keyOf(entry.report), () => this.#write(name, entry, { ...next, claim }, signal));
    return this.#entries.get(name)?.notBefore ?? Infinity;
  }

  /** Takes note of what the leader has recorded, so that this replica repeats nothing and omits nothing once it leads itself. */
  async #follow(name: string, entry: Entry): Promise<number> {
    const { clock, evaluator } = this.#options;
    if (!evaluator.ready) return Infinity;
    const now = clock.now();
    if (now < entry.notBefore) return entry.notBefore;
    this.#update(name, { notBefore: now + LOOK_EVERY_MS });
    const { status, pendingEvents } = await this.#nextStatus(entry, entry.report.status?.writerEpoch ?? 0);
    if (isSame(status, entry.report.status)) pendingEvents.note();
    return Infinity;
  }

  /** The other operator has not refreshed the report for long: it is gone. */
  #takeOver(name: string): void {
    this.#update(name, { superseded: undefined, claim: undefined });
    this.#options.log.info({ report: name }, 'the operator that wrote this report is gone, taking it over');
  }

  /** @returns when to look again */
  #leaveExhausted(name: string, { errorLog }: Entry): number {
    const { clock, onWrite } = this.#options;
    const notBefore = clock.now() + LONGEST_BACKOFF_MS;
    this.#update(name, { notBefore });
    onWrite('failed');
    const advice = 'raised to its maximum, so no operator can write it: delete the report and create it again';
    errorLog.failed('epoch', { report: name }, `the writerEpoch of the report was ${advice}`);
    return notBefore;
  }

  /** A report that is ready is given a moment to stay so over a restart of the operator. */
  #syncingTime({ report }: Entry): number {
    const isReady = report.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    return isReady && !this.#isEvaluated ? this.#startedAt + SYNC_PATIENCE_MS : 0;
  }

  async #nextStatus({ report }: Entry, writerEpoch: number): Promise<NextStatus> {
    const { evaluator, clock, freshness, cluster, onStatus } = this.#options;
    const evaluation = this.#evaluations.of(report);
    return evaluator.read(() => {
      const now = clock.time();
      if (report.spec?.suspend) return { status: suspendedStatus({ report, now, writerEpoch }), pendingEvents: NO_EVENTS };
      const { store } = evaluator;
      const selection = selectionFor(report, evaluation, store, now);
      const [staleSources, forbiddenSources] = [freshness.staleSources(), freshness.forbiddenSources()];
      const status = buildStatus(
        { report, evaluation, store, now, writerEpoch, staleSources, forbiddenSources, cluster: cluster() },
        selection,
      );
      return { status, pendingEvents: evaluator.ready ? onStatus(report, status, rootCauses(selection, evaluation, store)) : NO_EVENTS };
    });
  }

  async #write(
    name: string,
    entry: Entry,
    { status, pendingEvents, claim }: NextStatus & { readonly claim: Claim },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, write, onWrite } = this.#options;
    this.#writesStarted += 1;
    this.#update(name, { notBefore: clock.now() + WRITE_EVERY_MS, lastWrite: this.#writesStarted });
    try {
      await write(entry.report, status);
      onWrite('written');
      entry.errorLog.recovered({ report: name }, 'writing the status of the report works again');
      if (repeats(entry, status, claim)) pendingEvents.note();
      else pendingEvents.record();
      const isThere = this.#entries.get(name)?.report.metadata.uid === entry.report.metadata.uid;
      this.#update(name, { failures: 0, ...(isThere ? { claim } : {}) });
    } catch (error) {
      if (!signal.aborted) this.#onFailure(name, entry, claim.term, error);
    }
  }

  #onFailure(name: string, { failures, errorLog }: Entry, term: number, error: unknown): void {
    const { clock, log, onWrite } = this.#options;
    if (!isOfServer(error)) throw error;
    const status = error instanceof ApiError ? error.status : 0;
    const [now, heldMs] = [clock.now(), retryAfterOf(error, clock.random())];
    const retryInMs = Math.max(backoffAfter(failures, clock.random()), heldMs);
    this.#update(name, { notBefore: now + retryInMs, heldUntil: now + heldMs, failures: failures + 1 });
    if (status === 409 || status === 404) {
      onWrite('conflict');
      log.debug({ report: name, reason: error.message }, 'the report changed, retrying with its new state');
      return;
    }
    if (status === 422 && error.message.includes('writerEpoch')) {
      onWrite('superseded');
      this.#update(name, { superseded: { term, seenAt: clock.now() } });
      log.warn({ report: name }, 'another operator took this report over, no longer writing it');
      return;
    }
    onWrite('failed');
    errorLog.failed(kindOfError(error), { report: name, reason: error.message, retryInMs }, writeFailure(status));
  }

  #update(name: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(name);
    if (entry) this.#entries.set(name, { ...entry, ...change });
  }

  #newErrorLog(): ErrorLog {
    const { log, clock } = this.#options;
    return new ErrorLog(log, clock, 'error');
  }

  #all(): readonly DualStackReport[] {
    return [...this.#entries.values()].map(({ report }) => report);
  }

  async #sleepUntil(next: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const woken = new AbortController();
    await Promise.race([this.#wake.promise, clock.sleep(next - clock.now(), AbortSignal.any([signal, woken.signal]))]);
    woken.abort();
  }
}

/** Of this report, and of no other that is made under its name later. */
function keyOf({ metadata: { name, uid = '' } }: DualStackReport): string {
  return `${name}/${uid}`;
}

function writeFailure(status: number): string {
  if (status !== 403) return 'could not write the status of a report';
  return `not allowed to write the status of a report: the operator needs the verb patch on dualstackreports/status in the API group ${API_GROUP}`;
}
