import type { Clock } from '../core/clock.ts';
import { ErrorLog } from '../client/transport/error-log.ts';
import type { Log } from '../client/transport/log.ts';
import { ApiError, isOfServer, kindOfError } from '../client/wire/errors.ts';
import { retryAfterOf, backoffAfter } from './backoff.ts';

export interface DefaultReportOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined to create none. */
  readonly defaultReport: string | undefined;
  /** Undefined where another writes. */
  readonly term: () => number | undefined;
  /** @throws ApiError, NetworkError */
  readonly create: (name: string, signal: AbortSignal) => Promise<void>;
}

const TRY_EVERY_MS = 5_000;
/** Answers to a creation: the definition is gone (404) or going (405), or another has made the report (409). */
const REPORTED_BY_WATCH: readonly number[] = [404, 405, 409];

/** The report that is created where there is none. */
export class DefaultReport {
  readonly #options: DefaultReportOptions;
  readonly #errors: ErrorLog;
  #notBefore = 0;
  #failures = 0;
  /** Whether there is no report, as far as is known. */
  missing = false;

  constructor(options: DefaultReportOptions) {
    this.#options = options;
    this.#errors = new ErrorLog(options.log, options.clock, 'error');
  }

  /** Forgets failures: things have changed. */
  retry(): void {
    this.#notBefore = 0;
    this.#failures = 0;
  }

  /** When to create it next; Infinity where that is not for this process to do. */
  get nextTime(): number {
    const { defaultReport, term } = this.#options;
    return this.missing && defaultReport !== undefined && term() !== undefined ? this.#notBefore : Infinity;
  }

  /**
   * Creates it if it is missing and due.
   * @param isMissing whether there is still none after a creation that failed
   */
  async createIfMissing(signal: AbortSignal, isMissing: () => boolean): Promise<void> {
    const { defaultReport, create, clock, log } = this.#options;
    if (defaultReport === undefined || clock.now() < this.nextTime) return;
    this.#notBefore = clock.now() + TRY_EVERY_MS;
    this.missing = false;
    try {
      await create(defaultReport, signal);
      this.#failures = 0;
      log.info({ report: defaultReport }, 'created the default report');
    } catch (error) {
      this.missing = isMissing();
      if (signal.aborted || (error instanceof ApiError && REPORTED_BY_WATCH.includes(error.status))) return;
      if (!isOfServer(error)) throw error;
      const retryInMs = Math.max(backoffAfter(this.#failures, clock.random()), retryAfterOf(error, clock.random()));
      this.#failures += 1;
      this.#notBefore = clock.now() + retryInMs;
      const fields = { report: defaultReport, reason: error.message, retryInMs };
      this.#errors.failed(kindOfError(error), fields, 'could not create the default report');
    }
  }
}
