import type { Clock } from '../../core/clock.ts';
import type { Requester } from '../../client/transport/connection.ts';
import type { ApiResponse } from '../../client/transport/response.ts';
import { DecodeError, NetworkError } from '../../client/wire/errors.ts';
import type { Log } from '../../client/transport/log.ts';
import { isBefore } from '../../client/transport/resource-version.ts';
import type { Resource } from '../resources.ts';
import type { WatchEvent } from '../../client/wire/codec.ts';
import { fields, text } from '../../core/kinds/shapes.ts';
import type { Deadline } from '../../client/transport/deadline.ts';
import { withDeadline } from '../../client/transport/deadline.ts';
import { NO_OBSERVER } from './observer.ts';
import type { ReflectorObserver } from './observer.ts';
import { pagesOf, readPage } from '../list/pages.ts';
import { discoverUnavailability, isForbidden, makesUnavailable, type UnavailableError } from '../list/unavailable.ts';
import { decide, hasNoStreaming } from '../list/retry.ts';
import type { Decision, Situation, ReadError } from '../list/retry.ts';
import type { ReflectorSink } from '../list/sink.ts';
import { EARLY_ENDS, kindOf, readErrorOf } from '../list/read-error.ts';
import { ErrorLog } from '../../client/transport/error-log.ts';

export interface ReflectorOptions<T> {
  readonly connection: Requester;
  readonly resource: Resource<T>;
  readonly sink: ReflectorSink<T>;
  /** Aborting it ends the reflector. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: ReflectorObserver;
  /**
   * Whether what is known counts as wrong by now. It is then listed again once the server answers: a watch that goes on may be quiet for
   * minutes, and does not say that it has sent everything.
   */
  readonly isStale?: () => boolean;
  /** Whether what is known is kept where the API server forbids the resource, since the permission may come back in a moment. */
  readonly keepsKnown?: () => boolean;
}

/** The server ends a watch after a time between this and twice this, as client-go asks for. */
const WATCH_S = 300;
/** Bookmarks come about once a minute, the first after two (seen on 1.36.3); servers without them get another request. */
export const SILENCE_MS = 180_000;
/** Until a watch is accepted. */
export const ACCEPT_MS = 65_000;
/** Old servers ignore what makes a list of a watch: its objects come, and then no end of them. */
export const INITIAL_QUIET_MS = 30_000;
export const INITIAL_MOST_MS = 5 * 60_000;
/** Servers are upgraded, and what made a streaming list stall may be over. */
export const PAGES_MS = 6 * 60 * 60_000;
/** A watch that held this long was well; the backoff starts afresh. */
const HEALTHY_MS = 60_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Lists a resource and watches it, for as long as the signal does not abort: whatever breaks is tried again, as `decide` says.
 * The list is a streaming one where the server has it, else it comes in pages; objects are handed on as they come.
 * @returns once the signal has aborted
 * @throws what the sink throws, or a fault of this program; never for what the server or the network does
 */
export async function runReflector<T>(options: ReflectorOptions<T>): Promise<void> {
  await new Reflector(options).run();
}

interface Failure {
  readonly readError: ReadError;
  readonly error?: unknown;
}

/** `gone`: nothing ran there. `unreachable`: it, or what is in front of it, could not be reached or failed. */
type Absence = 'gone' | 'unreachable';

class Reflector<T> {
  readonly #connection: Requester;
  /** With the path of the version that is tried. */
  #resource: Resource<T>;
  readonly #paths: readonly string[];
  readonly #sink: ReflectorSink<T>;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #observer: ReflectorObserver;
  readonly #isStale: () => boolean;
  readonly #keepsKnown: () => boolean;
  readonly #log: Log;
  readonly #errorLog: ErrorLog;
  /** Until when lists come in pages. */
  #pagesUntil = 0;
  /** Where to watch on from; undefined where a list is needed. */
  #resourceVersion: string | undefined;
  #phase: Situation['phase'] = 'streaming';
  #attempt = 0;
  /** How many watches have ended early since one was well. */
  #earlyEnds = 0;
  /** Whether the server has rejected a request since a watch was well: it could be reached, and was not busy. */
  #answered = false;
  /** How the server was away since it last was watched, when its etcd may have been restored to an older state. */
  #absence: Absence | undefined;
  /** Whether the request under way was accepted, and when it was sent. */
  #accepted = false;
  #sentAt = 0;
  #listedObjects = 0;
  #unavailability = '';
  /** How many versions in a row the server did not have. */
  #missing = 0;

  constructor(options: ReflectorOptions<T>) {
    const { connection, resource, sink, signal, clock, log } = options;
    this.#connection = connection;
    this.#resource = resource;
    this.#paths = [resource.path, ...(resource.otherPaths ?? [])];
    this.#sink = sink;
    this.#signal = signal;
    this.#clock = clock;
    this.#observer = options.observer ?? NO_OBSERVER;
    this.#isStale = options.isStale ?? (() => false);
    this.#keepsKnown = options.keepsKnown ?? (() => false);
    this.#log = log;
    this.#errorLog = new ErrorLog(log, clock);
  }

  async run(): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        const failure = await this.#tryOnce();
        if (failure) await this.#recoverFrom(failure);
      }
    } finally {
      this.#observer.onState('stopped');
    }
  }

  /** Lists or watches until something ends it; nothing where the next step can follow at once. */
  async #tryOnce(): Promise<Failure | undefined> {
    this.#accepted = false;
    this.#sentAt = this.#clock.now();
    try {
      return await this.#step();
    } catch (error) {
      if (this.#signal.aborted && error === this.#signal.reason) return undefined;
      const readError = readErrorOf(error, this.#phase, this.#accepted);
      if (!readError) throw error;
      return { readError, error };
    }
  }

  async #step(): Promise<Failure | undefined> {
    if (this.#resourceVersion === undefined && this.#clock.now() < this.#pagesUntil) {
      await this.#pageList();
      return undefined;
    }
    if (this.#resourceVersion === undefined) await this.#streamList();
    else if (this.#absence !== undefined || this.#isStale()) return this.#meetAgain(this.#resourceVersion);
    else await this.#watch(this.#resourceVersion);
    return { readError: { kind: 'ended' } };
  }

  /**
   * Before a server that was away is watched on: one whose etcd was restored accepts a watch from a resourceVersion that is still to come, says
   * nothing until then, and never sends what happened before. One whose history was lost may have reached that resourceVersion already.
   */
  async #meetAgain(resourceVersion: string): Promise<Failure | undefined> {
    this.#phase = 'watch';
    const page = await readPage(this.#connection, this.#resource, {
      limit: 1,
      continueToken: '',
      clock: this.#clock,
      signal: this.#signal,
    });
    const wasGone = this.#absence === 'gone';
    this.#absence = undefined;
    if (isBefore(page.resourceVersion, resourceVersion)) {
      const words = `the API server went back from resourceVersion ${resourceVersion} to ${page.resourceVersion}`;
      return { readError: { kind: 'restored' }, error: new Error(words) };
    }
    if (wasGone || this.#isStale()) this.#resourceVersion = undefined;
    return undefined;
  }

  async #recoverFrom({ readError, error }: Failure): Promise<void> {
    if (this.#signal.aborted) return;
    if (this.#triesAnotherVersion(readError)) return;
    this.#noteAbsence(readError, error);
    this.#noteHealth(readError);
    if (hasNoStreaming(readError, this.#phase)) {
      this.#listInPages();
      this.#log.info({ ...this.#logged, reason: kindOf(readError) }, `listing ${this.#resource.source} in pages`);
      return;
    }
    if (this.#answersAgain(readError)) this.#attempt = 0;
    const decision = decide(readError, { phase: this.#phase, attempt: this.#attempt }, this.#clock.random());
    this.#attempt += 1;
    if (!this.#isUsual(readError)) this.#reportError(readError, error, decision);
    if (decision.action === 'paginate') this.#listInPages();
    if (decision.action !== 'resume') this.#resourceVersion = undefined;
    if (decision.action === 'unavailable' && makesUnavailable(error)) await this.#reportUnavailable(error);
    if (decision.delayMs === 0) return;
    this.#observer.onState(decision.action === 'unavailable' ? 'unavailable' : 'waiting');
    await this.#clock.sleep(decision.delayMs, this.#signal);
  }

  /** A server that does not have a kind in one version may have it in the next; once it has it in none, the first is tried again. */
  #triesAnotherVersion(readError: ReadError): boolean {
    if (this.#paths.length === 1 || readError.kind !== 'api' || readError.status !== 404 || readError.inStream) return false;
    const [first = ''] = this.#paths;
    const next = this.#paths[this.#paths.indexOf(this.#resource.path) + 1] ?? first;
    this.#resource = { ...this.#resource, path: next };
    this.#missing = (this.#missing + 1) % this.#paths.length;
    if (this.#missing === 0) return false;
    this.#resourceVersion = undefined;
    return true;
  }

  #noteHealth(readError: ReadError): void {
    if (this.#wasHealthy(readError)) [this.#attempt, this.#earlyEnds, this.#answered] = [0, 0, false];
    else if (this.#isEndOfWatch(readError)) this.#earlyEnds += 1;
  }

  #listInPages(): void {
    this.#pagesUntil = this.#clock.now() + PAGES_MS;
  }

  #isEndOfWatch({ kind }: ReadError): boolean {
    return kind === 'ended' && this.#phase === 'watch';
  }

  /** The server ends each watch after some minutes. */
  #isUsual(readError: ReadError): boolean {
    return this.#isEndOfWatch(readError) && this.#earlyEnds < EARLY_ENDS;
  }

  #noteAbsence(readError: ReadError, error: unknown): void {
    const failed = readError.kind === 'network' || (readError.kind === 'api' && readError.status >= 500);
    const isAway = readError.kind === 'silent' || (failed && !this.#accepted);
    if (this.#phase !== 'watch' || !isAway) return;
    const isGone = error instanceof NetworkError && error.code === 'ECONNREFUSED';
    this.#absence = isGone ? 'gone' : (this.#absence ?? 'unreachable');
  }

  #wasHealthy({ kind }: ReadError): boolean {
    return this.#accepted && this.#phase === 'watch' && kind !== 'silent' && this.#clock.now() - this.#sentAt >= HEALTHY_MS;
  }

  /**
   * After a restart of the server, its first 403 or 410, its first list of garbage, or that it went back, is not to wait as long as the server was away. Once in an outage: of
   * two servers behind a balancer one may be away, and one reject requests.
   */
  #answersAgain(readError: ReadError): boolean {
    const rejects =
      readError.kind === 'restored' ||
      readError.kind === 'undecodable' ||
      (readError.kind === 'api' && readError.status < 500 && readError.status !== 429);
    if (!rejects || this.#answered) return false;
    this.#answered = true;
    return true;
  }

  #reportError(readError: ReadError, error: unknown, { action, delayMs }: Decision): void {
    const kind = kindOf(readError);
    this.#observer.onError(kind);
    const why = error instanceof Error ? error.message : this.#endedEarly;
    this.#errorLog.failed(kind, { ...this.#logged, action, delayMs, reason: kind }, `watching ${this.#resource.source}: ${why}`);
  }

  get #logged(): { readonly resource: string; readonly source: string } {
    const { plural, source } = this.#resource;
    return { resource: plural, source };
  }

  get #endedEarly(): string {
    return this.#phase === 'watch' ? 'the API server keeps closing watches early' : 'the server closed the list before its end';
  }

  async #reportUnavailable(error: UnavailableError): Promise<void> {
    const options = { clock: this.#clock, signal: this.#signal };
    if (isForbidden(error) && this.#keepsKnown()) return;
    const unavailability = await discoverUnavailability(this.#connection, this.#resource, error, options);
    if (unavailability.message === this.#unavailability) return;
    this.#unavailability = unavailability.message;
    this.#sink.unavailable(unavailability);
  }

  async #streamList(): Promise<void> {
    this.#phase = 'streaming';
    this.#observer.onState('listing');
    const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
    await withDeadline(this.#clock, this.#signal, INITIAL_QUIET_MS, async (deadline) => {
      const response = await this.#open(query, deadline);
      this.#begin();
      await this.#follow(response, deadline);
    });
  }

  async #watch(resourceVersion: string): Promise<void> {
    this.#phase = 'watch';
    await withDeadline(this.#clock, this.#signal, ACCEPT_MS, async (deadline) => {
      const response = await this.#open({ resourceVersion }, deadline);
      deadline.extend(SILENCE_MS);
      this.#observer.onState('watching');
      await this.#follow(response, deadline);
    });
  }

  async #open(query: Readonly<Record<string, string | boolean>>, { signal }: Deadline): Promise<ApiResponse> {
    const timeoutSeconds = Math.floor(WATCH_S * (1 + this.#clock.random()));
    const response = await this.#connection.request(this.#resource.path, {
      query: { watch: true, allowWatchBookmarks: true, timeoutSeconds, ...this.#resource.selectors, ...query },
      headers: { Accept: this.#resource.codec.acceptWatch },
      bodyTimeoutMs: 0,
      signal,
    });
    this.#accepted = true;
    this.#observer.onWatch();
    return response;
  }

  async #follow({ body }: ApiResponse, deadline: Deadline): Promise<void> {
    const splitter = this.#resource.codec.splitter();
    const take = (chunk: Buffer): void => {
      const before = this.#listedObjects;
      for (const frame of splitter.push(chunk)) this.#take(this.#resource.codec.decodeEvent(frame));
      this.#observer.onActivity();
      this.#putOff(deadline, this.#listedObjects > before);
    };
    await body.read(take);
  }

  /** While a streaming list runs, only its objects count as signs of life: of a server that ignores its end, changes come too. */
  #putOff(deadline: Deadline, objectsCame: boolean): void {
    if (this.#phase === 'watch') {
      if (this.#errorLog.isFailing) this.#errorLog.recovered(this.#logged, `watching ${this.#resource.source} again`);
      deadline.extend(SILENCE_MS);
    } else if (objectsCame) {
      deadline.extend(Math.min(INITIAL_QUIET_MS, this.#sentAt + INITIAL_MOST_MS - this.#clock.now()));
    }
  }

  #take(event: WatchEvent): void {
    if (event.type === 'ERROR') throw event.error;
    this.#observer.onEvent(event.type);
    const resourceVersion = text(metadataOf(event.object)['resourceVersion']);
    // An older state of an object would take the place of the newer one, and a deletion might never be seen.
    if (this.#phase === 'watch' && isBefore(resourceVersion, this.#resourceVersion ?? '')) {
      throw new DecodeError(`a watch event of resourceVersion ${resourceVersion} after one of ${this.#resourceVersion ?? ''}`);
    }
    if (event.type === 'BOOKMARK') this.#bookmark(event.object);
    else this.#hand(event.object, event.type === 'DELETED' ? 'remove' : 'put');
    // The objects of a streaming list come in any order: only its end says from where to watch on.
    if (this.#phase === 'watch') this.#resourceVersion = resourceVersion || this.#resourceVersion;
    else if (event.type === 'ADDED') this.#listedObjects += 1;
  }

  #bookmark(object: unknown): void {
    if (this.#phase !== 'streaming') return;
    if (fields(metadataOf(object)['annotations'])[INITIAL_EVENTS_END] === undefined) return;
    const resourceVersion = text(metadataOf(object)['resourceVersion']);
    if (resourceVersion === '') throw new DecodeError('a streaming list without a resourceVersion at its end');
    this.#end('stream', resourceVersion);
    this.#observer.onState('watching');
  }

  #hand(object: unknown, how: 'put' | 'remove'): void {
    const parsed = this.#resource.parse(object);
    if (parsed === undefined) this.#observer.onDropped();
    else this.#sink[how](parsed);
  }

  async #pageList(): Promise<void> {
    this.#phase = 'pages';
    this.#observer.onState('listing');
    let resourceVersion = '';
    for await (const page of pagesOf(this.#connection, this.#resource, { clock: this.#clock, signal: this.#signal })) {
      this.#observer.onActivity();
      if (resourceVersion === '') this.#begin();
      resourceVersion ||= page.resourceVersion;
      for (const item of page.items) this.#hand(item, 'put');
      this.#listedObjects += page.items.length;
    }
    this.#end('pages', resourceVersion);
  }

  #begin(): void {
    this.#unavailability = '';
    this.#missing = 0;
    this.#listedObjects = 0;
    this.#sink.begin();
  }

  #end(way: 'stream' | 'pages', resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#phase = 'watch';
    this.#absence = undefined;
    this.#sink.end();
    this.#observer.onListed(way, this.#listedObjects, this.#clock.now() - this.#sentAt);
    this.#errorLog.recovered(this.#logged, `listed ${this.#resource.source}`);
  }
}

function metadataOf(object: unknown): Readonly<Record<string, unknown>> {
  return fields(fields(object)['metadata']);
}
