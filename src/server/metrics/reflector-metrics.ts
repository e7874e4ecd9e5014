import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReflectorObserver, ReflectorState } from '../../sources/watch/observer.ts';

const STATES: readonly ReflectorState[] = ['listing', 'watching', 'waiting', 'unavailable', 'stopped'];

/** The metrics of the reflectors; the label `source` names what a reflector reads. */
export class ReflectorMetrics {
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
    });
  }

  /**
   * The observer for one source.
   * @param source what is read, such as `Pod`
   * @param time the time of day, in milliseconds since the epoch
   */
  observer(source: string, time: () => number): ReflectorObserver {
    // Children are looked up once: an event must cost no more than an addition.
    const activity = this.#lastActivity.labels(source);
    const watches = this.#watches.labels(source);
    const dropped = this.#dropped.labels(source);
    // A counter that begins with its first event hides that event from increase().
    for (const counter of [watches, dropped]) counter.inc(0);
    const events = {
      ADDED: this.#events.labels(source, 'ADDED'),
      MODIFIED: this.#events.labels(source, 'MODIFIED'),
      DELETED: this.#events.labels(source, 'DELETED'),
      BOOKMARK: this.#events.labels(source, 'BOOKMARK'),
    };
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
        events[type].inc();
      },
      onActivity: () => {
        activity.set(time() / 1000);
      },
      onDropped: () => {
        dropped.inc();
      },
      onError: (reason) => {
        this.#errors.inc({ source, reason });
      },
    };
  }
}
