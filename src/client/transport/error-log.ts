import type { Clock } from '../../core/clock.ts';
import type { Log } from './log.ts';

/** After this long the same trouble is worth another line. */
const REPEAT_AFTER_MS = 10 * 60_000;
/** One that comes back sooner is worth a line once it has lasted so long: what comes and goes all the time is not. */
const LASTING_MS = 60_000;

/** Tells of troubles once for each kind and not at every retry, and of the recovery. */
export class TroubleLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #level: 'warn' | 'error';
  /** When each kind of trouble was last told. */
  readonly #told = new Map<string, number>();
  /** The kinds that were told since all was well. */
  readonly #toldSince = new Set<string>();
  /** Since when not all is well; undefined while it is. */
  #troubledFrom: number | undefined;

  /** @param level of what is told */
  constructor(log: Log, clock: Clock, level: 'warn' | 'error' = 'warn') {
    this.#log = log;
    this.#clock = clock;
    this.#level = level;
  }

  /**
   * A line of that level; or a debug message where the kind was told within the last ten minutes, unless all was well meanwhile and has not been for
   * a minute.
   * @param kind such as `api 403`: one of few
   */
  trouble(kind: string, fields: object, message: string): void {
    const now = this.#clock.now();
    this.#troubledFrom ??= now;
    if (!this.#isNews(kind, now, this.#troubledFrom)) {
      this.#log.debug(fields, message);
      return;
    }
    this.#told.set(kind, now);
    this.#toldSince.add(kind);
    this.#log[this.#level](fields, message);
  }

  /** All is well: says so once after troubles that were told. */
  recovered(fields: object, message: string): void {
    this.#troubledFrom = undefined;
    if (this.#toldSince.size === 0) return;
    this.#toldSince.clear();
    this.#log.info(fields, message);
  }

  #isNews(kind: string, now: number, troubledFrom: number): boolean {
    const last = this.#told.get(kind);
    if (last === undefined || now - last >= REPEAT_AFTER_MS) return true;
    return !this.#toldSince.has(kind) && now - troubledFrom >= LASTING_MS;
  }
}
