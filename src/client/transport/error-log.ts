import type { Clock } from '../../core/clock.ts';
import type { Log } from './log.ts';

/** After this long the same error is worth another line. */
const REPEAT_AFTER_MS = 10 * 60_000;
/** One that comes back sooner is worth a line once it has lasted so long: what comes and goes all the time is not. */
const LASTING_MS = 60_000;

/** Logs errors once for each kind and not at every retry, and logs the recovery. */
export class ErrorLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #level: 'warn' | 'error';
  /** When each kind of error was last logged. */
  readonly #lastLogged = new Map<string, number>();
  /** The kinds that were logged since all was well. */
  readonly #recordedSince = new Set<string>();
  /** Since when not all is well; undefined while it is. */
  #failingSince: number | undefined;

  /** @param level of the lines */
  constructor(log: Log, clock: Clock, level: 'warn' | 'error' = 'warn') {
    this.#log = log;
    this.#clock = clock;
    this.#level = level;
  }

  /**
   * A line of that level; or a debug message where the kind was logged within the last ten minutes, unless all was well meanwhile and has not been for
   * a minute.
   * @param kind such as `api 403`: one of few
   */
  failed(kind: string, fields: object, message: string): void {
    const now = this.#clock.now();
    this.#failingSince ??= now;
    if (!this.#isNews(kind, now, this.#failingSince)) {
      this.#log.debug(fields, message);
      return;
    }
    this.#lastLogged.set(kind, now);
    this.#recordedSince.add(kind);
    this.#log[this.#level](fields, message);
  }

  /** Whether not all is well: only then is there a recovery to log. */
  get isFailing(): boolean {
    return this.#failingSince !== undefined;
  }

  /** All is well: says so once after errors that were logged. */
  recovered(fields: object, message: string): void {
    this.#failingSince = undefined;
    if (this.#recordedSince.size === 0) return;
    this.#recordedSince.clear();
    this.#log.info(fields, message);
  }

  #isNews(kind: string, now: number, failingSince: number): boolean {
    const last = this.#lastLogged.get(kind);
    if (last === undefined || now - last >= REPEAT_AFTER_MS) return true;
    return !this.#recordedSince.has(kind) && now - failingSince >= LASTING_MS;
  }
}
