import { present } from '../../core/kinds/metadata.ts';
import { fields, items, text, timeOf } from '../../core/kinds/shapes.ts';

/** A kubelet sends its heartbeat every five minutes, so two that run, whose clocks are right, are less than this apart. */
const SPREAD = 6 * 60_000;
/** Collecting a large dump, such as a must-gather, takes less than this from the first object to the last. */
const LONGEST_COLLECTION = 30 * 60_000;
/** vcluster makes such nodes. Their heartbeats are of the time when it made them. */
const MADE_UP = 'vcluster.loft.sh/fake-node';

/**
 * When a dump was written, as far as its objects say so. Heartbeats of nodes, renewals of leases and Events go on for as long as a cluster does, so the
 * newest of them is not long before the dump. The last change of anything else may be of any time: it counts beside these only, or where no node was
 * read. Each writer has a clock of its own, which may be wrong: what one of several says alone does not count. The API server writes creations.
 */
export class DumpClock {
  readonly #signs = new Map<string, number>();
  readonly #changes = new Map<string, number>();
  #written = 0;
  #hasNodes = false;

  /** Looks at an object of any kind. */
  see(object: unknown): void {
    const { kind, metadata, status, spec } = fields(object);
    const { creationTimestamp, labels, managedFields, name } = fields(metadata);
    this.#written = Math.max(
      this.#written,
      timeOf(creationTimestamp),
      ...items(managedFields).map((entry) => timeOf(fields(entry)['time'])),
    );
    const conditions = items(fields(status)['conditions']).map(fields);
    const writer = kind === 'Node' ? text(name) : text(fields(spec)['nodeName']);
    for (const { lastTransitionTime } of conditions) note(this.#changes, writer, timeOf(lastTransitionTime));
    note(this.#changes, writer, timeOf(fields(status)['startTime']));
    if (kind === 'Node') {
      this.#hasNodes = true;
      if (present(fields(labels)[MADE_UP]) || isSilent(conditions)) return;
      for (const { lastHeartbeatTime } of conditions) note(this.#signs, writer, timeOf(lastHeartbeatTime));
    }
    if (kind === 'Lease') note(this.#signs, text(fields(spec)['holderIdentity']), timeOf(fields(spec)['renewTime']));
    if (kind === 'Event') note(this.#signs, reporterOf(object), Math.max(...timesOfEvent(object)));
  }

  /** In milliseconds since the epoch; undefined where nothing says so. */
  get time(): number | undefined {
    const sign = agreed(this.#signs, this.#written);
    const change = Math.max(this.#written, confirmed(this.#changes, Math.max(this.#written, sign)));
    // Without nodes there are no heartbeats to miss. What changed last may have changed just before.
    if (sign === 0) return this.#hasNodes || change === 0 ? undefined : change;
    // What was written long after the last sign shows that the signs had stopped.
    return change - sign > LONGEST_COLLECTION ? undefined : Math.max(sign, change);
  }
}

/** Whether the control plane waits for the heartbeats of a node: the last one is of any time. */
function isSilent(conditions: readonly ReturnType<typeof fields>[]): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'Unknown');
}

function note(times: Map<string, number>, writer: string, time: number): void {
  if (time > 0) times.set(writer, Math.max(times.get(writer) ?? 0, time));
}

/** The newest time that the next older one, or the time of reference, confirms; 0 where there is none. */
function confirmed(times: ReadonlyMap<string, number>, reference: number): number {
  const sorted = [...times.values()].sort((a, b) => b - a);
  return sorted.find((time, at) => time - Math.max(reference, sorted[at + 1] ?? 0) <= SPREAD) ?? 0;
}

/** The same of signs: where none confirms another, the oldest, since a clock that is ahead takes grace away. */
function agreed(signs: ReadonlyMap<string, number>, reference: number): number {
  return confirmed(signs, reference) || (signs.size === 0 ? 0 : Math.min(...signs.values()));
}

/** Whose clock an Event has, in both versions of Events. */
function reporterOf(event: unknown): string {
  const { source, deprecatedSource, reportingInstance } = fields(event);
  const { host, component } = fields(source ?? deprecatedSource);
  return text(host) || text(reportingInstance) || text(component);
}

/** Both versions of Events, core/v1 and events.k8s.io/v1. */
function timesOfEvent(event: unknown): readonly number[] {
  const { lastTimestamp, deprecatedLastTimestamp, eventTime, series } = fields(event);
  return [lastTimestamp, deprecatedLastTimestamp, eventTime, fields(series)['lastObservedTime']].map(timeOf);
}
