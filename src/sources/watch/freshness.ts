import type { StaleSource } from '../../core/report/conditions.ts';
import type { Clock } from '../../core/clock.ts';
import type { ReflectorObserver, ReflectorState } from './observer.ts';
import { NO_OBSERVER } from './observer.ts';

export interface FreshnessOptions {
  readonly clock: Clock;
  /** How long a watch may fail, in milliseconds. */
  readonly limitMs: number;
  /** Called when a source is heard of that was stale or forbidden, and when one is forbidden that is kept. */
  readonly onContact: () => void;
}

/** On a quiet cluster bookmarks come about once a minute, the first after two, so that a watch which is well may be silent for so long. */
const QUIET_MS = 180_000;

interface Moment {
  /** As the clock's `now` has it. */
  readonly at: number;
  /** In milliseconds since the epoch, as the time of day was then. */
  readonly time: number;
}

interface Contact {
  readonly contacted: Moment;
  /** Since when no watch has held; undefined while one does. */
  readonly brokeOff: Moment | undefined;
  /** Whether the API server forbids the source, and what is known is kept all the same. */
  readonly isForbidden?: boolean;
}

/**
 * Of which sources the API server has said nothing for too long, though their objects were known once: what is known may be wrong by now.
 * That it accepts a watch proves nothing, since it may wait for a resourceVersion that a restored etcd has not reached yet.
 */
export class Freshness {
  readonly #options: FreshnessOptions;
  readonly #sources = new Map<string, Contact>();

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  /** What the reflector of a source reports to, of which nothing is known once it is unavailable. */
  observer(source: string): ReflectorObserver {
    return this.#observer(source, false);
  }

  /** The same of a source of which what is known is kept while it is unavailable, for as long as {@link keeps} says. */
  keepingObserver(source: string): ReflectorObserver {
    return this.#observer(source, true);
  }

  #observer(source: string, keepsUnavailable: boolean): ReflectorObserver {
    let state: ReflectorState = 'listing';
    return {
      ...NO_OBSERVER,
      onState: (next) => {
        state = next;
        if (next === 'unavailable') this.#noteUnavailable(source, keepsUnavailable);
        else this.#turn(source, next);
      },
      onListed: () => {
        this.#noteContact(source, { contacted: this.#moment(), brokeOff: undefined });
      },
      onActivity: () => {
        const known = this.#sources.get(source);
        const contacted = this.#moment();
        // A first list that is still under way is no knowledge yet; and a list that breaks off again and again never brings what is gone.
        if (known) this.#noteContact(source, { contacted, brokeOff: state === 'watching' ? undefined : (known.brokeOff ?? contacted) });
      },
    };
  }

  /** The sources that are stale now. */
  staleSources(): StaleSource[] {
    const now = this.#options.clock.now();
    return [...this.#sources]
      .filter(([, contact]) => this.#isStale(contact, now))
      .map(([source, { contacted, brokeOff = contacted }]) => ({
        kind: source,
        since: (brokeOff.at < contacted.at ? brokeOff : contacted).time,
      }));
  }

  /** The sources that are forbidden and not stale yet: what is known of them is kept. */
  forbiddenSources(): StaleSource[] {
    const now = this.#options.clock.now();
    return [...this.#sources]
      .filter(([, contact]) => contact.isForbidden === true && !this.#isStale(contact, now))
      .map(([source, { contacted }]) => ({ kind: source, since: contacted.time }));
  }

  /** Whether what is known of a source is to be kept though the API server forbids it now. */
  keeps(source: string): boolean {
    return this.#sources.has(source) && !this.isStale(source);
  }

  /** Whether a source is stale now. */
  isStale(source: string): boolean {
    const contact = this.#sources.get(source);
    return contact !== undefined && this.#isStale(contact, this.#options.clock.now());
  }

  /** When the next source will be stale if nothing comes of it, as the clock's `now` has it; Infinity for never. */
  get nextEnd(): number {
    const now = this.#options.clock.now();
    const ends = [...this.#sources.values()].map((contact) => endOf(contact, this.#options.limitMs));
    return Math.min(...ends.filter((end) => end > now));
  }

  #turn(source: string, state: ReflectorState): void {
    const known = this.#sources.get(source);
    const moment = this.#moment();
    if (known && state !== 'watching') this.#sources.set(source, { ...known, brokeOff: known.brokeOff ?? moment });
    else if (known && !this.#isStale(known, moment.at)) this.#sources.set(source, { ...known, brokeOff: undefined });
  }

  /** An unavailable source that is not kept has no facts; status.sources says so. */
  #noteUnavailable(source: string, keepsUnavailable: boolean): void {
    const known = this.#sources.get(source);
    if (!known) return;
    const moment = this.#moment();
    if (!keepsUnavailable || this.#isStale(known, moment.at)) {
      this.#sources.delete(source);
      return;
    }
    this.#sources.set(source, { ...known, brokeOff: known.brokeOff ?? moment, isForbidden: true });
    if (known.isForbidden !== true) this.#options.onContact();
  }

  #noteContact(source: string, contact: Contact): void {
    const known = this.#sources.get(source);
    this.#sources.set(source, contact);
    const { at } = contact.contacted;
    const wasMissing = known && (known.isForbidden === true || this.#isStale(known, at));
    if (wasMissing && !this.#isStale(contact, at)) this.#options.onContact();
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { at: clock.now(), time: clock.time() };
  }

  #isStale(contact: Contact, now: number): boolean {
    return endOf(contact, this.#options.limitMs) <= now;
  }
}

function endOf({ contacted, brokeOff }: Contact, limitMs: number): number {
  if (brokeOff === undefined) return contacted.at + limitMs + QUIET_MS;
  // A list on which objects come is given more time.
  return Math.min(Math.max(contacted.at, brokeOff.at) + limitMs, Math.min(contacted.at, brokeOff.at) + limitMs + QUIET_MS);
}
