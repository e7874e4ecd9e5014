import { fields, items, timeOf } from '../../core/kinds/shapes.ts';

/**
 * When a dump was written, as far as its objects say so. Heartbeats of nodes, renewals of leases and Events go on for as long as a cluster does, so the
 * newest of them is not long before the dump. The last change of a condition may be of any time: it counts beside these only.
 */
export class DumpClock {
  #sign = 0;
  #change = 0;

  /** Looks at an object of any kind. */
  see(object: unknown): void {
    const { kind, status, spec } = fields(object);
    for (const condition of items(fields(status)['conditions'])) {
      const { lastHeartbeatTime, lastTransitionTime } = fields(condition);
      if (kind === 'Node') this.#sign = Math.max(this.#sign, timeOf(lastHeartbeatTime));
      this.#change = Math.max(this.#change, timeOf(lastTransitionTime));
    }
    if (kind === 'Lease') this.#sign = Math.max(this.#sign, timeOf(fields(spec)['renewTime']));
    if (kind === 'Event') this.#sign = Math.max(this.#sign, ...timesOfEvent(object));
  }

  /** In milliseconds since the epoch; undefined where nothing says so. */
  get time(): number | undefined {
    return this.#sign === 0 ? undefined : Math.max(this.#sign, this.#change);
  }
}

/** Both versions of Events, core/v1 and events.k8s.io/v1. */
function timesOfEvent(event: unknown): readonly number[] {
  const { lastTimestamp, deprecatedLastTimestamp, eventTime, series } = fields(event);
  return [lastTimestamp, deprecatedLastTimestamp, eventTime, fields(series)['lastObservedTime']].map(timeOf);
}
