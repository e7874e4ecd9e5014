import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../src/core/clock.ts';
import { ApiError } from '../../../src/client/wire/errors.ts';
import { LeaderElector } from '../../../src/client/election/leader-elector.ts';
import type { Lease, LeaseRecord, LeaseStore } from '../../../src/client/election/leader-lease.ts';
import { DEFAULT_TIMINGS, type LeaderTimings } from '../../../src/client/election/leader-timings.ts';
import { FieldsLog } from '../../controller/support/fields-log.ts';

/** From true time to true time, in milliseconds, a process is paused; it may do so for ever. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

export interface ReplicaOptions {
  readonly identity: string;
  /** How fast its clock runs; 1 is right. */
  readonly rate?: number;
  /** What its clock shows at the beginning. */
  readonly start?: number;
  /** Its time of day at the beginning: milliseconds since the epoch. */
  readonly timeOfDay?: number;
  readonly pauses?: readonly Pause[];
  readonly timings?: LeaderTimings;
}

/** What happens to a request: how long it and its answer travel, in milliseconds, or that they never arrive. */
export interface Travel {
  readonly there: number;
  readonly back: number;
}

interface Event {
  readonly at: number;
  readonly happens: () => void;
}

/** An API server with one lease and optimistic concurrency, candidates for it, and the true time, which no candidate knows. */
export class ElectionWorld {
  now = 0;
  readonly replicas: Replica[] = [];
  /** How the next request of a candidate travels. */
  travel: (identity: string) => Travel = () => ({ there: 1, back: 1 });
  /** What the server answers with in place of doing what it is asked. */
  refuse: (verb: 'read' | 'create' | 'update') => Error | undefined = () => undefined;
  /** The verbs of the requests that the server was asked. */
  readonly asked: string[] = [];
  #lease: { readonly record: LeaseRecord; readonly version: number } | undefined;
  #version = 0;
  readonly #events: Event[] = [];
  readonly #random: () => number;

  /** @param random what candidates take for chance */
  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  get record(): LeaseRecord | undefined {
    return this.#lease?.record;
  }

  /** Changes the lease as somebody else would; undefined takes it away. */
  edit(record: LeaseRecord | undefined): void {
    this.#version += 1;
    this.#lease = record && { record, version: this.#version };
  }

  /** Starts a candidate. */
  add(options: ReplicaOptions): Replica {
    const replica = new Replica(this, options, this.#random);
    this.replicas.push(replica);
    return replica;
  }

  /** The identities of those that believe that they lead now. */
  get leaders(): string[] {
    return this.replicas.filter(({ elector }) => elector.term !== undefined).map(({ identity }) => identity);
  }

  /** Something is to happen at a true time; never at one that is infinite. */
  at(time: number, happens: () => void): void {
    if (time === Infinity) return;
    const event = { at: Math.max(time, this.now), happens };
    const index = this.#events.findIndex(({ at }) => at > event.at);
    this.#events.splice(index === -1 ? this.#events.length : index, 0, event);
  }

  /** Lets everything happen until a true time, and calls `look` each time that something did. */
  async until(time: number, look: () => void = () => undefined): Promise<void> {
    await nextTurn();
    while ((this.#events[0]?.at ?? Infinity) <= time) {
      const event = this.#events.shift();
      this.now = event?.at ?? time;
      event?.happens();
      await nextTurn();
      look();
    }
    this.now = time;
  }

  /** Lets all end. */
  async stop(): Promise<void> {
    for (const replica of this.replicas) replica.abort.abort();
    await this.until(this.now + 600_000);
    await Promise.all(this.replicas.map(({ running }) => running));
  }

  /** What the server does with a request that has arrived. */
  answer(verb: 'read' | 'create' | 'update', record?: LeaseRecord, onto?: Lease): Lease | undefined {
    this.asked.push(verb);
    const unavailability = this.refuse(verb);
    if (unavailability) throw unavailability;
    const present = this.#present;
    if (verb === 'read') return present;
    if (verb === 'update' && !present) throw new ApiError(404, 'NotFound', 'leases.coordination.k8s.io "it" not found');
    if (verb === 'create' ? present : present?.object.version !== onto?.object['version']) {
      throw new ApiError(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version and try again');
    }
    this.edit(record);
    return this.#present;
  }

  get #present(): { readonly record: LeaseRecord; readonly object: { readonly version: number } } | undefined {
    return this.#lease && { record: this.#lease.record, object: { version: this.#lease.version } };
  }
}

/** A candidate as a process: with a clock of its own, and pauses of which it knows nothing. */
export class Replica {
  readonly identity: string;
  readonly elector: LeaderElector;
  readonly log = new FieldsLog();
  readonly abort = new AbortController();
  readonly running: Promise<void>;
  /** Terms as they were reported. */
  readonly reportedTerms: (number | undefined)[] = [];
  readonly #world: ElectionWorld;
  readonly #pauses: readonly Pause[];

  constructor(world: ElectionWorld, options: ReplicaOptions, random: () => number) {
    const { identity, rate = 1, start = 0, timeOfDay = Date.UTC(2026, 0, 1), pauses = [], timings = DEFAULT_TIMINGS } = options;
    this.#world = world;
    this.#pauses = pauses;
    this.identity = identity;
    const clock: Clock = {
      now: () => start + world.now * rate,
      time: () => timeOfDay + world.now,
      random,
      sleep: (ms, signal) => this.#wait(Math.max(0, ms) / rate, signal),
    };
    this.elector = new LeaderElector({
      identity,
      timings,
      lease: { namespace: 'ns', name: 'it' },
      store: this.#store(),
      clock,
      log: this.log,
      onChange: () => {
        this.reportedTerms.push(this.elector.term);
      },
    });
    this.running = this.elector.run(this.abort.signal);
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) wake();
    signal.addEventListener('abort', wake, { once: true });
    this.#world.at(this.#awake(this.#world.now + ms), wake);
    return promise;
  }

  /** When a process hears of what happens at a time. */
  #awake(time: number): number {
    const pause = this.#pauses.find(({ from, to }) => from <= time && time < to);
    return pause ? this.#awake(pause.to) : time;
  }

  #store(): LeaseStore {
    return {
      read: (signal) => this.#send(signal, () => this.#world.answer('read')),
      create: (record, signal) => this.#write(signal, () => this.#world.answer('create', record)),
      update: (onto, record, signal) => this.#write(signal, () => this.#world.answer('update', record, onto)),
    };
  }

  async #write(signal: AbortSignal, work: () => Lease | undefined): Promise<Lease> {
    const lease = await this.#send(signal, work);
    if (!lease) throw new Error('a write has no answer');
    return lease;
  }

  /** The server does what it is asked when a request arrives, whether or not anybody still waits for the answer. */
  async #send<T>(signal: AbortSignal, work: () => T): Promise<T> {
    signal.throwIfAborted();
    const { there, back } = this.#world.travel(this.identity);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#world.at(this.#world.now + there, () => {
      const answer = attempt(work);
      this.#world.at(this.#awake(this.#world.now + back), () => {
        if ('error' in answer) reject(answer.error);
        else resolve(answer.value);
      });
    });
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
    return promise;
  }
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: Error } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: error as Error };
  }
}
