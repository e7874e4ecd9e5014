import type { Clock } from '../../core/clock.ts';
import { ApiError, isOfServer } from '../wire/errors.ts';
import { leaseAdvice, type Lease, type LeaseName, type LeaseStore } from './leader-lease.ts';
import {
  afterRead,
  afterWrite,
  leads,
  mayTake,
  NEWCOMER,
  pauseFor,
  recordFor,
  releasedRecord,
  type Candidate,
  type LeaderState,
} from './leader-state.ts';
import type { Log } from '../transport/log.ts';
import { retryAfterMs } from '../transport/retry-after.ts';
import { DeadlineError, withDeadline } from '../transport/deadline.ts';
import { ErrorLog } from '../transport/error-log.ts';

export interface LeaderElectorOptions extends Candidate {
  readonly lease: LeaseName;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a term begins or has ended. */
  readonly onChange: () => void;
}

/** A process that receives a signal to end is killed if it takes too long. */
const LONGEST_RELEASE_MS = 1_500;

/** Takes part in leader election by a lease, again and again. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #errorLog: ErrorLog;
  #leaderState: LeaderState = NEWCOMER;
  #term = 0;
  #reportedTerm: number | undefined;
  #reportedLeader = '';
  #takesPart = false;
  /** Whether a write was sent of which nobody knows whether it has arrived, or will. */
  #unanswered = false;
  /** Until when the API server wants no request, by its Retry-After. */
  #heldUntil = 0;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#errorLog = new ErrorLog(options.log, options.clock);
  }

  /** The number of the term in which this process leads, each higher than the one before; undefined where it does not lead. */
  get term(): number | undefined {
    return leads(this.#leaderState, this.#options.timings, this.#options.clock.now()) ? this.#term : undefined;
  }

  /** Whether the lease could be had, or is another's, at least once. */
  get takesPart(): boolean {
    return this.#takesPart;
  }

  /** Takes and renews the lease whenever it can, until the signal aborts. It stays this process' own then, until `release`. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      if (clock.now() >= this.#heldUntil) await this.#attempt(signal);
      this.#reportChange();
      await clock.sleep(this.#pause(), signal);
    }
  }

  /** Releases the lease, so that another replica can acquire it at once. Call it when no write is left. */
  async release(): Promise<void> {
    const { identity, clock, log } = this.#options;
    if (this.#leaderState.lease?.record.holderIdentity !== identity && !this.#unanswered) return;
    this.#leaderState = { ...this.#leaderState, heldFrom: undefined };
    try {
      const gave = await withDeadline(clock, new AbortController().signal, LONGEST_RELEASE_MS, ({ signal }) => this.#giveBack(signal));
      if (gave) log.info({ lease: this.#name }, 'released leader lease');
    } catch (error) {
      if (!isExpected(error)) throw error;
      log.warn({ lease: this.#name, reason: error.message }, 'could not release the leader lease: another replica leads when it expires');
    }
  }

  /**
   * A write that was broken off may still arrive, so the lease is read first, and again after a conflict. Where it is nobody's, that is said once
   * more: a write that arrives later is then refused.
   * @returns false where the lease is another's
   */
  async #giveBack(signal: AbortSignal): Promise<boolean> {
    const { store, identity, clock } = this.#options;
    while (true) {
      const lease = await store.read(signal);
      const holder = lease?.record.holderIdentity ?? '';
      if (holder !== identity && (holder !== '' || !this.#unanswered)) return false;
      const record = releasedRecord(lease?.record ?? { leaseTransitions: 0 }, clock.time());
      try {
        await (lease ? store.update(lease, record, signal) : store.create(record, signal));
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** A leader's ends with its term, which has to be reported, even while no request may be sent to the API server. */
  #pause(): number {
    const { clock } = this.#options;
    const now = clock.now();
    const pause = pauseFor(this.#leaderState, this.#options, now, clock.random());
    return this.#heldUntil > now ? Math.min(pause, this.#heldUntil - now) : pause;
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      await this.#takeOrRenew(signal);
      this.#takesPart = true;
      this.#errorLog.recovered({ lease: this.#name }, 'reading and writing the lease works again');
    } catch (error) {
      if (signal.aborted) return;
      if (!isExpected(error)) throw error;
      if (error instanceof ApiError) this.#heldUntil = this.#heldAfter(error);
      this.#logError(error);
    }
  }

  /** A proxy may name minutes; a cluster without a leader for longer than a lease lasts is worse than one more request. */
  #heldAfter(error: ApiError): number {
    const { clock, timings } = this.#options;
    return clock.now() + Math.min(retryAfterMs(error, clock.random()), timings.renewDeadline);
  }

  async #takeOrRenew(signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const known = this.#leaderState.lease;
    // Nobody else should have written it: it need not be read.
    if (known && this.term !== undefined && (await this.#write((inTime) => store.update(known, this.#record(), inTime), signal))) return;
    const lease = await this.#inTime(signal, (inTime) => store.read(inTime));
    const { clock } = this.#options;
    this.#leaderState = afterRead(this.#leaderState, this.#options, lease, clock.now());
    if (!mayTake(this.#leaderState, this.#options, clock.now())) return;
    await this.#write((inTime) => (lease ? store.update(lease, this.#record(), inTime) : store.create(this.#record(), inTime)), signal);
  }

  /** @returns false where another was first, or the lease is gone */
  async #write(work: (signal: AbortSignal) => Promise<Lease>, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const sentAt = clock.now();
    this.#unanswered = true;
    try {
      const lease = await this.#inTime(signal, work);
      this.#unanswered = false;
      // A term that ran out before the answer came is not taken up again.
      if (this.term === undefined) this.#term += 1;
      this.#leaderState = afterWrite(lease, sentAt, clock.now());
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) this.#unanswered = false;
      if (isConflict(error) || (this.term !== undefined && error instanceof ApiError && error.status === 404)) return false;
      throw error;
    }
  }

  #record(): ReturnType<typeof recordFor> {
    return recordFor(this.#leaderState, this.#options, this.#options.clock.time());
  }

  /** A request gets half of the renew deadline, as client-go's, so that there is time for a second one; a leader's ends with its term. */
  async #inTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timings } = this.#options;
    const now = clock.now();
    const left = this.term === undefined ? Infinity : (this.#leaderState.heldFrom ?? now) + timings.renewDeadline - now;
    return withDeadline(clock, signal, Math.min(timings.renewDeadline / 2, left), (deadline) => work(deadline.signal));
  }

  #reportChange(): void {
    const { log, onChange, identity } = this.#options;
    const leader = this.#leaderState.lease?.record.holderIdentity ?? '';
    if (leader !== this.#reportedLeader && leader !== '' && leader !== identity) {
      log.info({ lease: this.#name, leader }, 'another replica is the leader, standing by');
    }
    this.#reportedLeader = leader;
    const { term } = this;
    if (term === this.#reportedTerm) return;
    if (term === undefined) log.warn({ lease: this.#name }, 'lost leader lease: could not renew it in time');
    else log.info({ lease: this.#name, identity }, 'acquired leader lease');
    this.#reportedTerm = term;
    onChange();
  }

  #logError(error: Error): void {
    const status = error instanceof ApiError ? error.status : undefined;
    const advice = error instanceof ApiError ? leaseAdvice(this.#options.lease, error) : undefined;
    const message = `cannot read or write the lease${this.term === undefined ? ', so this replica writes no reports' : ''}`;
    const fields = { lease: this.#name, reason: error instanceof DeadlineError ? 'no answer in time' : error.message };
    this.#errorLog.failed(`${error.name} ${status ?? ''}`, fields, advice ? `${message}: ${advice}` : message);
  }

  get #name(): string {
    const { namespace, name } = this.#options.lease;
    return `${namespace}/${name}`;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

function isExpected(error: unknown): error is Error {
  return isOfServer(error) || error instanceof DeadlineError;
}
