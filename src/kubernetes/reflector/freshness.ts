import type { Unheard } from '../../core/report/conditions.ts';
import type { Clock } from '../clock.ts';
import type { ReflectorObserver, ReflectorState } from './observer.ts';
import { NO_OBSERVER } from './observer.ts';

export interface FreshnessOptions {
  readonly clock: Clock;
  /** How long a watch may fail, in milliseconds. */
  readonly limitMs: number;
  /** Called when a kind is heard of that was unheard. */
  readonly onHeard: () => void;
}

/** On a quiet cluster bookmarks come about once a minute, the first after two, so that a watch which is well may be silent for so long. */
const QUIET_MS = 180_000;

interface Hearing {
  readonly heardAt: number;
  /** Since when no watch has held; undefined while one does. */
  readonly brokeOffAt: number | undefined;
}

/**
 * Of which kinds the API server has said nothing for too long, though their objects were known once: what is known may be wrong by now.
 * That it accepts a watch proves nothing, since it may wait for a resourceVersion that a restored etcd has not reached yet.
 */
export class Freshness {
  readonly #options: FreshnessOptions;
  readonly #kinds = new Map<string, Hearing>();

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  /** What the reflector of a kind is to tell. */
  observer(kind: string): ReflectorObserver {
    let state: ReflectorState = 'listing';
    return {
      ...NO_OBSERVER,
      onState: (next) => {
        state = next;
        this.#turn(kind, next);
      },
      onListed: () => {
        this.#hear(kind, { heardAt: this.#options.clock.now(), brokeOffAt: undefined });
      },
      onActivity: (at) => {
        const known = this.#kinds.get(kind);
        // A first list that is still under way is no knowledge yet; and a list that breaks off again and again never brings what is gone.
        if (known) this.#hear(kind, { heardAt: at, brokeOffAt: state === 'watching' ? undefined : (known.brokeOffAt ?? at) });
      },
    };
  }

  /** The kinds that are unheard now. */
  unheard(): Unheard[] {
    const now = this.#options.clock.now();
    return [...this.#kinds]
      .filter(([, hearing]) => this.#isUnheard(hearing, now))
      .map(([kind, { heardAt, brokeOffAt = Infinity }]) => ({ kind, since: Math.min(heardAt, brokeOffAt) }));
  }

  /** Whether a kind is unheard now. */
  isUnheard(kind: string): boolean {
    const hearing = this.#kinds.get(kind);
    return hearing !== undefined && this.#isUnheard(hearing, this.#options.clock.now());
  }

  /** When the next kind will be unheard if nothing comes of it, in milliseconds since the epoch; Infinity for never. */
  get nextEnd(): number {
    const now = this.#options.clock.now();
    const ends = [...this.#kinds.values()].map((hearing) => endOf(hearing, this.#options.limitMs));
    return Math.min(...ends.filter((end) => end > now));
  }

  #turn(kind: string, state: ReflectorState): void {
    const known = this.#kinds.get(kind);
    const now = this.#options.clock.now();
    // What is refused is known no more, which is said elsewhere.
    if (state === 'refused') this.#kinds.delete(kind);
    else if (known && state !== 'watching') this.#kinds.set(kind, { ...known, brokeOffAt: known.brokeOffAt ?? now });
    else if (known && !this.#isUnheard(known, now)) this.#kinds.set(kind, { ...known, brokeOffAt: undefined });
  }

  #hear(kind: string, hearing: Hearing): void {
    const known = this.#kinds.get(kind);
    this.#kinds.set(kind, hearing);
    const { heardAt } = hearing;
    if (known && this.#isUnheard(known, heardAt) && !this.#isUnheard(hearing, heardAt)) this.#options.onHeard();
  }

  #isUnheard(hearing: Hearing, now: number): boolean {
    return endOf(hearing, this.#options.limitMs) <= now;
  }
}

function endOf({ heardAt, brokeOffAt }: Hearing, limitMs: number): number {
  if (brokeOffAt === undefined) return heardAt + limitMs + QUIET_MS;
  // A list on which objects come is given more time.
  return Math.min(Math.max(heardAt, brokeOffAt) + limitMs, Math.min(heardAt, brokeOffAt) + limitMs + QUIET_MS);
}
