import { listWay } from '../support/cluster.ts';
import type { OpenWatch } from './exchange.ts';
import {
  blown,
  doubled,
  errorPage,
  EXPIRED,
  garbageAfter,
  inTurn,
  pass,
  reset,
  shaped,
  slow,
  smallPages,
  stall,
  status,
  statusParts,
  swappedOnce,
  withoutBookmarks,
} from './faults.ts';
import type { Fault } from './proxy.ts';
import { FIRST_LIST, LIST } from './watched.ts';

/** What happens to the reads of one kind, and what has to come of it. */
export interface Row {
  /** The row of docs/reliability.md that it is one of. */
  readonly as: string;
  readonly what: string;
  /** What befalls its watch; undefined where its first list meets the fault. */
  readonly blow?: (watch: OpenWatch) => void;
  /** What becomes of the requests that follow, of so many of them. */
  readonly fault: Fault;
  readonly times: number;
  /** How many errors are counted, by reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** All that is asked from then on until all is well, next pages apart. */
  readonly asked: string;
  /** The least pauses before each of that, in milliseconds, with chance at one half; of a first list, between them. */
  readonly pauses: readonly number[];
  /** Whether it is unavailable in between. */
  readonly unavailable?: true;
  /** Whether it takes an API server with streaming lists. */
  readonly inStream?: true;
}

/** Half of 0.8 s, and twice as long each time. */
const GROWING = [400, 800, 1600] as const;
/** Three tries with some patience; then it is unavailable, and between 2.5 and 5 s pass. */
const PATIENT = [600, 1200, 2400, 3750] as const;
const RETRY_AFTER_S = 2;
/** And up to a second later. */
const LATER = RETRY_AFTER_S * 1000 + 500;

const CLOSES = 'closes or resets connections, immediately or at each request';
const SILENT = 'accepts connections or requests and never responds';
const GONE = 'responds with 409, or with 410 because a resourceVersion is too old';
const BUSY = 'responds with 429 or 503 and the header Retry-After';
const FAILS = 'responds with 500 or 503, or its load balancer responds with 502 and an HTML page';
const OTHER = 'responds with any other status of 300 or higher';
const BROKEN = 'is reset, or is interrupted in the middle of a frame';
const ENDS = 'ends too early, or ends in the middle of a frame';
const GARBAGE = 'sends data that cannot be decoded, or a frame that is too long';
const ERRORS = 'sends the error 410 or 500';

const is401 = status(401, 'Unauthorized');
const is403 = status(403, 'Forbidden');
const is404 = status(404, 'NotFound');
const is409 = status(409, 'Conflict');
const is410 = status(410, 'Expired');
const is413 = status(413, 'RequestEntityTooLarge');
const is429 = status(429, 'TooManyRequests', RETRY_AFTER_S);
const is500 = status(500, 'InternalError');
const is503 = status(503, 'ServiceUnavailable');
const is503WithRetryAfter = status(503, 'ServiceUnavailable', RETRY_AFTER_S);

function ends(watch: OpenWatch): void {
  watch.end();
}

function expires(watch: OpenWatch): void {
  watch.error(EXPIRED);
}

function fails(watch: OpenWatch): void {
  watch.error(statusParts(500, 'InternalError'));
}

function isThrottled(watch: OpenWatch): void {
  watch.error(statusParts(429, 'TooManyRequests'));
}

function isCut(watch: OpenWatch): void {
  watch.half('reset');
}

function endsInAFrame(watch: OpenWatch): void {
  watch.half('end');
}

function bringsGarbage(watch: OpenWatch): void {
  watch.write('\0\0\0\x04oops\n');
}

function bringsALongFrame(watch: OpenWatch): void {
  watch.write(`${'ÿ'.repeat(16)}\n`);
}

function isReordered(watch: OpenWatch): void {
  watch.shape = swappedOnce();
}

function isDoubled(watch: OpenWatch): void {
  watch.shape = doubled;
}

/** First lists that meet a fault a few times. */
function list(as: string, what: string, fault: Fault, reason: string, pauses: readonly number[] = GROWING): Row {
  const times = pauses.length;
  return { as, what, fault, times, errors: { [reason]: times }, asked: repeated('stream', times + 1), pauses };
}

/** The same, where only a streaming list can meet it. */
function stream(as: string, what: string, fault: Fault, reason: string): Row {
  return { ...list(as, what, fault, reason), inStream: true };
}

/** A watch that ends, as watches do, and watches after it that are answered so, twice. It is watched on at once, then after pauses. */
function watch(as: string, what: string, fault: Fault, reason: string, then: Pick<Row, 'asked' | 'pauses' | 'unavailable'>): Row {
  return { as, what, blow: ends, fault, times: then.pauses.length - 1, errors: { [reason]: then.pauses.length - 1 }, ...then };
}

/** Something that befalls a watch, and then the stream that follows. */
function twice(as: string, what: string, blow: (watch: OpenWatch) => void, reason: string, then: 'watch' | 'stream'): Row {
  const row = { as, what, blow, fault: blown(blow), times: 1, errors: { [reason]: 2 }, asked: repeated(then, 2), pauses: [400, 800] };
  return then === 'stream' ? { ...row, inStream: true } : row;
}

/** A watch that expires, and what becomes of the streaming list that follows. */
function relist(as: string, what: string, then: Pick<Row, 'fault' | 'times' | 'errors' | 'asked' | 'pauses'> & Partial<Row>): Row {
  return { as, what, blow: expires, ...then, errors: { 'api 410': 1, ...then.errors }, inStream: true };
}

/** Pages of one object, with a change after the first of them. */
function changing(change: () => Promise<void>): Fault {
  let isChanged = false;
  return async (exchange) => {
    if (!isChanged && exchange.request.url.searchParams.has('continue')) {
      isChanged = true;
      await change();
    }
    await smallPages(1)(exchange);
  };
}

const RELISTED = { asked: 'watch stream stream', pauses: [0, 400, 800] } as const;
/** Before a server that was away is watched on, it is asked for its resourceVersion. */
const MEETING_AGAIN = { asked: 'watch page page watch', pauses: [0, 800, 1600] } as const;
const UNAVAILABLE = {
  asked: 'watch watch watch watch stream',
  pauses: [0, ...PATIENT],
  unavailable: true,
} as const;

/** What each kind meets at the same time. */
export type Group = Readonly<Record<string, Row>>;

/** Of each group the first lists of seven kinds. */
export const FIRST_LISTS: Readonly<Record<string, Group>> = {
  'first lists that are answered with errors': {
    Node: list(GONE, '409', is409, 'api 409'),
    Pod: list(GONE, '410', is410, 'api 410'),
    Service: { ...list('responds with 403', '403', is403, 'api 403', PATIENT), unavailable: true },
    EndpointSlice: list(FAILS, '502 and a page', errorPage, 'api 502'),
    ServiceCIDR: { ...list('responds with 404', '404', is404, 'api 404', [3750, 3750]), unavailable: true },
    Namespace: list(FAILS, '503', is503, 'api 503'),
    DualStackReport: list(FAILS, '500', is500, 'api 500'),
  },
  'first lists that are put off or broken off': {
    Node: list('responds with 401', '401', is401, 'api 401'),
    Pod: list(BUSY, '429 with Retry-After', is429, 'api 429', [LATER, LATER]),
    Service: list(BUSY, '503 with Retry-After', is503WithRetryAfter, 'api 503', [LATER, LATER]),
    EndpointSlice: list(CLOSES, 'a reset', reset, 'network'),
    ServiceCIDR: stream(
      GARBAGE,
      'garbage in frames',
      shaped(() => garbageAfter(0)),
      'undecodable',
    ),
    Namespace: stream(ERRORS, 'the error 500 in the stream', blown(fails), 'api 500'),
    DualStackReport: stream(BROKEN, 'half a frame', blown(isCut), 'network'),
  },
};

/** Of each group the watches of seven kinds, once all was well. */
export const WATCHES: Readonly<Record<string, Group>> = {
  'watches that are answered with errors': {
    Node: watch('responds with 401', '401', is401, 'api 401', { asked: 'watch watch watch', pauses: [0, 400, 800] }),
    Pod: watch('responds with 403', '403', is403, 'api 403', UNAVAILABLE),
    Service: watch('responds with 404', '404', is404, 'api 404', UNAVAILABLE),
    EndpointSlice: watch(GONE, '409', is409, 'api 409', RELISTED),
    ServiceCIDR: watch(GONE, '410', is410, 'api 410', RELISTED),
    Namespace: watch(BUSY, '429 with Retry-After', is429, 'api 429', { asked: 'watch watch watch', pauses: [0, LATER, LATER] }),
    DualStackReport: watch(FAILS, '500', is500, 'api 500', MEETING_AGAIN),
  },
  'watches that are answered by what is in between, or with an error in the stream': {
    Node: watch(FAILS, '502 and a page', errorPage, 'api 502', MEETING_AGAIN),
    Pod: watch(FAILS, '503', is503, 'api 503', MEETING_AGAIN),
    Service: watch(BUSY, '503 with Retry-After', is503WithRetryAfter, 'api 503', { ...MEETING_AGAIN, pauses: [0, LATER, LATER] }),
    EndpointSlice: watch(CLOSES, 'a reset', reset, 'network', MEETING_AGAIN),
    ServiceCIDR: twice(ERRORS, 'the error 410', expires, 'api 410', 'stream'),
    Namespace: twice(ERRORS, 'the error 500', fails, 'api 500', 'stream'),
    DualStackReport: twice('sends the error 429', 'the error 429', isThrottled, 'api 429', 'watch'),
  },
  'watches that go wrong': {
    Node: {
      as: 'sends an event that is older than the previous one',
      what: 'events in another order',
      blow: isReordered,
      fault: pass,
      times: 0,
      errors: { undecodable: 1 },
      asked: 'stream',
      pauses: [],
    },
    Pod: {
      as: 'sends an event twice',
      what: 'events twice',
      blow: isDoubled,
      fault: pass,
      times: 0,
      errors: {},
      asked: '',
      pauses: [],
    },
    Service: twice(GARBAGE, 'garbage', bringsGarbage, 'undecodable', 'stream'),
    EndpointSlice: twice(BROKEN, 'half a frame', isCut, 'network', 'watch'),
    ServiceCIDR: {
      as: ENDS,
      what: 'an end in the middle of a frame, three times',
      blow: endsInAFrame,
      fault: blown(endsInAFrame),
      times: 2,
      errors: { ended: 2 },
      asked: 'watch watch watch',
      pauses: [0, 800, 1600],
    },
    Namespace: twice(GARBAGE, 'a frame that is longer than any can be', bringsALongFrame, 'undecodable', 'stream'),
    DualStackReport: watch(OTHER, '413', is413, 'api 413', RELISTED),
  },
};

/**
 * Lists that take their time, each after a watch that has expired.
 * @param change something that happens between two pages
 */
export function slowLists(change: () => Promise<void>): Group {
  return {
    Node: relist('changes objects between two pages of a list', 'a change between two pages', {
      fault: changing(change),
      times: Infinity,
      errors: {},
      asked: 'stream page watch',
      pauses: [400, 0, 0],
    }),
    Pod: relist(SILENT, 'no answer', {
      fault: stall,
      times: 1,
      errors: { silent: 1 },
      asked: 'stream stream',
      // A deadline counts from before the connection is there.
      pauses: [400, 30_000],
    }),
    Service: relist('never ends a streaming list', 'no bookmark', {
      fault: shaped(() => withoutBookmarks),
      times: 1,
      errors: { endless: 1 },
      asked: 'stream page watch',
      pauses: [400, 30_000, 0],
    }),
    EndpointSlice: relist('is slow (1 kB per second)', '1 kB a second', {
      fault: slow(1000),
      times: 1,
      errors: {},
      asked: 'stream',
      pauses: [400],
    }),
    ServiceCIDR: relist('ends a streaming list before it is complete', 'an end before its end', {
      fault: blown(ends),
      times: 1,
      errors: { ended: 1 },
      asked: 'stream stream',
      pauses: [400, 800],
    }),
    Namespace: relist('responds with 410 to the continue token of the next page', 'a token that has expired', {
      fault: inTurn([smallPages(1), smallPages(1), is410, smallPages(1)]),
      times: Infinity,
      errors: { 'api 410': 2 },
      asked: 'stream page page watch',
      pauses: [400, 0, 800, 0],
    }),
    DualStackReport: relist('rejects a streaming list with 400 or 422', '422', {
      fault: smallPages(500),
      times: Infinity,
      errors: {},
      asked: 'stream page watch',
      pauses: [400, 0, 0],
    }),
  };
}

/** Rows of docs/reliability.md that take longer, or more than a proxy, and where they are held instead. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'requires credentials that the operator cannot get': 'test/client/auth/hanging-plugin.test.ts',
  'sends nothing, not even a bookmark': 'test/faults/streams.cluster.test.ts',
};

/** What there is of groups where the API server lists as the one under test does. */
export function here(groups: Readonly<Record<string, Group>>): Readonly<Record<string, Group>> {
  if (listWay() === 'stream') return groups;
  const rows = (group: Group): Group =>
    Object.fromEntries(
      Object.entries(group)
        .filter(([, { inStream }]) => !inStream)
        .map(([kind, row]) => [kind, inPages(row)]),
    );
  return Object.fromEntries(
    Object.entries(groups)
      .map(([name, group]) => [name, rows(group)] as const)
      .filter(([, group]) => Object.keys(group).length > 0),
  );
}

/** Where lists come in pages, the first one is asked for as a stream too. */
function inPages(row: Row): Row {
  if (!row.blow) return { ...row, asked: row.asked.replace(/stream$/, FIRST_LIST.join(' ')) };
  return { ...row, asked: row.asked.replace(/stream$/, LIST.join(' ')).replaceAll('stream', 'page') };
}

function repeated(word: string, times: number): string {
  return Array<string>(times).fill(word).join(' ');
}
