import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReflectorObserver, ReflectorState } from '../../sources/watch/observer.ts';

const STATES: readonly ReflectorState[] = ['listing', 'watching', 'waiting', 'unavailable', 'stopped'];

type EventType = Parameters<ReflectorObserver['onEvent']>[0];

const EVENT_TYPES: readonly EventType[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

/** What happened since the last scrape; prom-client takes thousands of bytes to count one event. */
interface Since {
  readonly events: Record<EventType, number>;
  /** In milliseconds since the epoch; undefined where nothing came. */
  activityAt: number | undefined;
}

/** The metrics of the reflectors; the label `source` names what a reflector reads. */
export class ReflectorMetrics {
  readonly #since = new Map<string, Since>();
  readonly #state: Gauge;
  readonly #lists: Counter;
  readonly #watches: Counter;
  readonly #events: Counter;
  readonly #errors: Counter;
  readonly #dropped: Counter;
  readonly #lastSync: Gauge;
  readonly #lastActivity: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['source'];
    this.#state = new Gauge({
      name: 'dualstack_reflector_state',
      help: 'State of the reflector of each source, one of listing, watching, waiting (before a retry), unavailable and stopped: 1 for the present state, 0 for the others.',
      labelNames: ['source', 'state'],
      registers,
    });
    this.#lists = new Counter({
      name: 'dualstack_reflector_lists_total',
      help: 'Completed lists by method: stream or pages.',
      labelNames: ['source', 'method'],
      registers,
    });
    this.#watches = new Counter({
      name: 'dualstack_reflector_watches_total',
      help: 'Watches that the API server accepted.',
      labelNames,
      registers,
    });
    this.#events = new Counter({
      name: 'dualstack_reflector_events_total',
      help: 'Events of watches and streaming lists, by type.',
      labelNames: ['source', 'type'],
      registers,
      collect: () => {
        this.#countEvents();
      },
    });
    this.#errors = new Counter({
      name: 'dualstack_reflector_errors_total',
      help: 'Lists and watches that failed or were interrupted, by reason.',
      labelNames: ['source', 'reason'],
      registers,
    });
    this.#dropped = new Counter({
      name: 'dualstack_reflector_dropped_objects_total',
      help: 'Objects skipped because they could not be decoded as their kind.',
      labelNames,
      registers,
    });
    this.#lastSync = new Gauge({
      name: 'dualstack_reflector_last_sync_timestamp_seconds',
      help: 'Time at which the last list was completed.',
      labelNames,
      registers,
    });
    this.#lastActivity = new Gauge({
      name: 'dualstack_reflector_last_activity_timestamp_seconds',
      help: 'Time at which the API server last sent data, including bookmarks.',
      labelNames,
      registers,
      collect: () => {
        for (const [source, { activityAt }] of this.#since)
          if (activityAt !== undefined) this.#lastActivity.set({ source }, activityAt / 1000);
      },
    });
  }

  /**
   * The observer for one source.
   * @param source what is read, such as `Pod`
   * @param time the time of day, in milliseconds since the epoch
   */
  observer(source: string, time: () => number): ReflectorObserver {
    const watches = this.#watches.labels(source);
    const dropped = this.#dropped.labels(source);
    // A counter that begins with its first event hides that event from increase().
    for (const counter of [watches, dropped]) counter.inc(0);
    const since = this.#sinceOf(source);
    return {
      onState: (state) => {
        for (const each of STATES) this.#state.set({ source, state: each }, each === state ? 1 : 0);
      },
      onListed: (way) => {
        this.#lists.inc({ source, method: way });
        this.#lastSync.set({ source }, time() / 1000);
      },
      onWatch: () => {
        watches.inc();
      },
      onEvent: (type) => {
        since.events[type] += 1;
      },
      onActivity: () => {
        since.activityAt = time();
      },
      onDropped: () => {
        dropped.inc();
      },
      onError: (reason) => {
        this.#errors.inc({ source, reason });
      },
    };
  }

  #sinceOf(source: string): Since {
    const known = this.#since.get(source);
    if (known) return known;
    const since: Since = { events: { ADDED: 0, MODIFIED: 0, DELETED: 0, BOOKMARK: 0 }, activityAt: undefined };
    this.#since.set(source, since);
    return since;
  }

  #countEvents(): void {
    for (const [source, { events }] of this.#since) {
      for (const type of EVENT_TYPES) {
        this.#events.inc({ source, type }, events[type]);
        events[type] = 0;
      }
    }
  }
}
