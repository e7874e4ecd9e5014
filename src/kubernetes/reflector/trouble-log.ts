import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** After this long the same trouble is worth another line. */
const REPEAT_AFTER_MS = 10 * 60_000;

/** Tells of troubles once for each kind and not at every retry, and of the recovery. */
export class TroubleLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #level: 'warn' | 'error';
  /** When each kind of trouble was last told. */
  readonly #told = new Map<string, number>();
  #troubled = false;

  /** @param level of what is told */
  constructor(log: Log, clock: Clock, level: 'warn' | 'error' = 'warn') {
    this.#log = log;
    this.#clock = clock;
    this.#level = level;
  }

  /**
   * A line of that level, or where the kind was told within the last ten minutes a debug message.
   * @param kind such as `api 403`: one of few
   */
  trouble(kind: string, fields: object, message: string): void {
    const last = this.#told.get(kind);
    const now = this.#clock.now();
    if (last !== undefined && now - last < REPEAT_AFTER_MS) {
      this.#log.debug(fields, message);
      return;
    }
    this.#told.set(kind, now);
    this.#troubled = true;
    this.#log[this.#level](fields, message);
  }

  /** All is well: says so once after troubles that were told. */
  recovered(fields: object, message: string): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#log.info(fields, message);
  }
}
