import type { Change, Facts, FactsKind } from '../../core/kinds/facts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Requester } from '../../client/transport/connection.ts';
import { ApiError } from '../../client/wire/errors.ts';
import type { FactSettings } from '../../core/kinds/kind.ts';
import { Interner } from '../../core/kinds/interner.ts';
import { pagesOf } from './pages.ts';
import { discoverUnavailability, makesUnavailable, type UnavailableError } from './unavailable.ts';
import { decide } from './retry.ts';
import { changeSink, type ReflectorSink } from './sink.ts';
import { readErrorOf } from './read-error.ts';
import { builtInResources, type BuiltInResource } from '../resources.ts';

/** After so many responses in a row that a busy server gives, no further request is sent. */
const MOST_ATTEMPTS = 5;

export interface SnapshotOptions {
  readonly connection: Requester;
  readonly clock: Clock;
  /** Aborting it ends the lists. */
  readonly signal: AbortSignal;
  readonly settings?: FactSettings;
  readonly onChange: (change: Change) => void;
  /** Called after each page, with what has come so far. */
  readonly onListed: (kind: FactsKind, objects: number) => void;
}

/** What came of listing everything once. */
export interface Snapshot {
  /** Why kinds are unavailable, one message each. */
  readonly unavailable: readonly string[];
  /** How many kinds it gave. */
  readonly listed: number;
  /** How many objects were none. */
  readonly dropped: number;
}

/**
 * Lists every built-in kind once. One that is unavailable is reported as a change, as a reflector does: forbidden, not found or malformed.
 * @throws ApiError for every other answer, NetworkError, CredentialsError, DeadlineError; the signal's reason once it aborts
 */
export async function listEverything(options: SnapshotOptions): Promise<Snapshot> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const lists = builtInResources(new Interner(), options.settings).map((resource) => new OneList(resource, { ...options, signal }));
  const running = lists.map((list) => list.run());
  try {
    await Promise.all(running);
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
  const unavailable = lists.flatMap((list) => list.unavailability ?? []);
  return { unavailable, listed: lists.length - unavailable.length, dropped: lists.reduce((sum, list) => sum + list.dropped, 0) };
}

class OneList {
  unavailability: string | undefined;
  dropped = 0;
  #resource: BuiltInResource;
  readonly #otherPaths: string[];
  readonly #options: SnapshotOptions;

  constructor(resource: BuiltInResource, options: SnapshotOptions) {
    this.#resource = resource;
    this.#otherPaths = [...(resource.otherPaths ?? [])];
    this.#options = options;
  }

  async run(): Promise<void> {
    const { clock, signal, onChange } = this.#options;
    const sink = changeSink(this.#resource.kind, onChange);
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#list(sink);
        return;
      } catch (error) {
        if (this.#triesAnotherVersion(error)) continue;
        if (makesUnavailable(error)) {
          await this.#reportUnavailable(error, sink);
          return;
        }
        const delayMs = this.#delayAfter(error, attempt);
        if (delayMs === undefined) throw error;
        await clock.sleep(delayMs, signal);
      }
    }
  }

  #triesAnotherVersion(error: unknown): boolean {
    if (!(error instanceof ApiError) || error.status !== 404) return false;
    const next = this.#otherPaths.shift();
    if (next === undefined) return false;
    this.#resource = { ...this.#resource, path: next };
    return true;
  }

  async #reportUnavailable(error: UnavailableError, sink: ReflectorSink<Facts>): Promise<void> {
    const { connection, clock, signal } = this.#options;
    const unavailability = await discoverUnavailability(connection, this.#resource, error, { clock, signal });
    this.unavailability = unavailability.message;
    sink.unavailable(unavailability);
  }

  async #list(sink: ReflectorSink<Facts>): Promise<void> {
    const { connection, clock, signal, onListed } = this.#options;
    let objects = 0;
    this.dropped = 0;
    sink.begin();
    for await (const page of pagesOf(connection, this.#resource, { clock, signal })) {
      for (const item of page.items) {
        const facts = this.#resource.parse(item);
        if (facts) sink.put(facts);
        else this.dropped += 1;
      }
      objects += page.items.length;
      onListed(this.#resource.kind, objects);
    }
    sink.end();
  }

  /** How long to wait before trying again; undefined for what does not pass by itself in a moment. */
  #delayAfter(error: unknown, attempt: number): number | undefined {
    if (!(error instanceof ApiError) || !isPassing(error.status) || attempt + 1 >= MOST_ATTEMPTS) return undefined;
    const readError = readErrorOf(error, 'pages', false);
    return readError && decide(readError, { phase: 'pages', attempt }, this.#options.clock.random()).delayMs;
  }
}

/** The continue token is too old, or the server is busy or failed. */
function isPassing(status: number): boolean {
  return status === 410 || status === 429 || status >= 500;
}
