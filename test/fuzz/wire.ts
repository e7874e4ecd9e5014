import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { keyOf, type Facts } from '../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import type { ApiError } from '../../src/client/wire/errors.ts';
import { DecodeError } from '../../src/client/wire/errors.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { decide } from '../../src/sources/list/retry.ts';
import { readErrorOf } from '../../src/sources/list/read-error.ts';
import { REPORT_RESOURCE } from '../../src/sources/report-resource.ts';
import type { Resource } from '../../src/sources/resources.ts';
import { decodeStatus } from '../../src/client/wire/codec.ts';
import { errorOfStatus, retryAfterOf } from '../../src/client/wire/status.ts';
import { KINDS, NOW } from '../core/build.ts';
import { framed } from '../client/support/encode.ts';
import { checkFacts } from './checked.ts';
import { allRecordings, isInJson, resources, type Recording } from './corpus.ts';
import { edit, editMessage, mutate, someMutations, type Edit, type Mutation } from './mutations.ts';
import { encodeMessage, parseMessage, type Message } from './protobuf.ts';
import { target, type Target } from './target.ts';

const RECORDINGS = allRecordings();
/** A resource whose facts share nothing with other cases, so that each case can be played again. */
const resourceOf = (kind: string): Resource<unknown> => {
  const found = resources(new Interner()).find((resource) => resource.kind === kind);
  if (!found) throw new Error(`there is no resource of kind ${kind}`);
  return found;
};

function isJson({ kind }: Pick<Recording, 'kind'>): boolean {
  return isInJson(resourceOf(kind));
}

/** The frames of all watches that were recorded, by kind. */
const FRAMES = new Map(
  resources(new Interner()).map(({ kind, codec }) => [
    kind,
    RECORDINGS.filter((one) => one.form === 'watch' && one.kind === kind).flatMap(({ bytes }) => [...codec.splitter().push(bytes)]),
  ]),
);
const ALL_FRAMES = [...FRAMES.values()].flat();
const PAGES = RECORDINGS.filter(({ form }) => form === 'page');
const STATUSES = RECORDINGS.filter(({ form }) => form === 'status');

/** All objects of the recorded pages as facts: the cluster into which spoilt ones come. */
const CLUSTER: readonly Facts[] = PAGES.filter((page) => !isJson(page)).flatMap(({ kind, bytes }) => {
  const resource = resourceOf(kind);
  return resource.codec.decodePage(bytes).items.map((item) => resource.parse(item) as Facts);
});

const someEdits = fc.array(fc.tuple(edit, fc.nat()), { maxLength: 4 });

function edited(bytes: Buffer, edits: readonly (readonly [Edit, number])[], donors: readonly Buffer[]): Buffer {
  const message = edits.length > 0 ? messageOf(bytes) : undefined;
  if (!message) return bytes;
  return encodeMessage(
    edits.reduce((sum, [change, donor]) => editMessage(sum, change, messageOf(donors[donor % donors.length]!) ?? sum), message),
  );
}

const MESSAGES = new WeakMap<Buffer, { readonly message: Message | undefined }>();

/** A recording as a message, which takes longer to parse than what is done with it; undefined where it is JSON. */
function messageOf(recorded: Buffer): Message | undefined {
  const known = MESSAGES.get(recorded) ?? { message: parseMessage(recorded) };
  MESSAGES.set(recorded, known);
  return known.message;
}

interface WatchCase {
  readonly kind: string;
  readonly frames: readonly { readonly nth: number; readonly edits: readonly (readonly [Edit, number])[] }[];
  /** Of the whole stream, the lengths of its frames included. */
  readonly mutations: readonly Mutation[];
  readonly cuts: readonly number[];
  readonly evaluated: boolean;
}

const watchCase: fc.Arbitrary<WatchCase> = fc.record({
  kind: fc.constantFrom(...FRAMES.keys()),
  frames: fc.array(fc.record({ nth: fc.nat(), edits: someEdits }), { minLength: 1, maxLength: 3 }),
  mutations: someMutations(),
  cuts: fc.array(fc.nat(), { maxLength: 4 }),
  evaluated: fc.nat(7).map((number) => number === 0),
});

function streamOf({ kind, frames, mutations }: WatchCase): Buffer {
  const recorded = FRAMES.get(kind)!;
  const parts = frames.map(({ nth, edits }) => {
    const frame = recorded[nth % recorded.length]!;
    return isJson({ kind }) ? Buffer.concat([frame, Buffer.from('\n')]) : framed(edited(frame, edits, ALL_FRAMES));
  });
  return mutate(Buffer.concat(parts), mutations, ALL_FRAMES[mutations.length % ALL_FRAMES.length]!);
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

/** Frames until the stream ends or is refused. */
function framesOf(
  { codec }: Resource<unknown>,
  chunks: readonly Buffer[],
): { readonly frames: readonly Buffer[]; readonly refused: boolean } {
  const splitter = codec.splitter();
  const frames: Buffer[] = [];
  for (const chunk of chunks) {
    const came = orDecodeError(() => splitter.push(chunk));
    if (came === undefined) return { frames, refused: true };
    frames.push(...came);
  }
  return { frames, refused: false };
}

/** What it gives; undefined where it throws the error that it may. */
function orDecodeError<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (error.message.length > 600) throw new Error(`a message of ${error.message.length} characters`, { cause: error });
    return undefined;
  }
}

function runWatch(value: WatchCase): string {
  const resource = resourceOf(value.kind);
  const bytes = streamOf(value);
  const whole = framesOf(resource, [bytes]);
  const { frames, refused } = framesOf(resource, chunksOf(bytes, value.cuts));
  if (refused !== whole.refused) throw new Error('whether a stream is refused depends on where it is cut');
  if (!refused && !isDeepStrictEqual(frames, whole.frames)) throw new Error('frames depend on where a stream is cut');
  const store = value.evaluated ? storeOfCluster() : new ClusterStore();
  const outcomes = frames.map((frame) => takeEvent(resource, frame, store));
  if (value.evaluated) evaluateChecks(store);
  return outcomes.findLast((outcome) => outcome !== 'facts') ?? (refused ? 'too long' : outcomes.length > 0 ? 'facts' : 'nothing');
}

function takeEvent(resource: Resource<unknown>, frame: Buffer, store: ClusterStore): string {
  const event = orDecodeError(() => resource.codec.decodeEvent(frame));
  if (!event) return 'undecodable';
  if (event.type === 'ERROR') {
    checkError(event.error);
    return 'error';
  }
  return takeObject(resource, event.object, store, event.type === 'DELETED');
}

function takeObject(resource: Resource<unknown>, object: unknown, store: ClusterStore, gone: boolean): string {
  const parsed = resource.parse(object);
  if (parsed === undefined) return 'dropped';
  if (resource.kind === REPORT_RESOURCE.kind) return 'facts';
  const facts = parsed as Facts;
  checkFacts(facts, resource.kind);
  store.apply(gone ? { type: 'delete', kind: facts.kind, key: keyOf(facts) } : { type: 'upsert', facts });
  return 'facts';
}

/** An error has what a retry and a log need, whatever the server says. */
function checkError(error: ApiError): void {
  if (!Number.isInteger(error.status) || error.status < 300 || error.status > 599) throw new Error(`an error of status ${error.status}`);
  if (error.message === '' || error.message.length > 512) throw new Error(`a message of ${error.message.length} characters`);
  const readError = readErrorOf(error, 'watch', true);
  if (!readError) throw new Error('an error that is no error');
  const { delayMs } = decide(readError, { phase: 'watch', attempt: 0 }, 0.5);
  if (!(delayMs >= 0 && delayMs <= 301_000)) throw new Error(`a delay of ${delayMs} ms`);
}

function storeOfCluster(): ClusterStore {
  const store = new ClusterStore();
  for (const facts of CLUSTER) store.apply({ type: 'upsert', facts });
  for (const kind of KINDS) store.apply({ type: 'listed', kind });
  return store;
}

/** Evaluates and puts into words, as a report does. */
function evaluateChecks(store: ClusterStore): void {
  const evaluation = new Evaluation(store, NO_FAMILY, graceOf(0));
  Array.from(evaluation.evaluate(store.takeDirtySets(), NOW));
  for (const finding of evaluation.findings.values()) evaluation.describe(finding);
}

interface PageCase {
  readonly page: Recording;
  readonly edits: readonly (readonly [Edit, number])[];
  readonly mutations: readonly Mutation[];
}

const pageCase: fc.Arbitrary<PageCase> = fc.record({
  page: fc.constantFrom(...PAGES),
  edits: someEdits,
  mutations: someMutations(),
});

function runPage({ page, edits, mutations }: PageCase): string {
  const resource = resourceOf(page.kind);
  const donors = PAGES.map(({ bytes }) => bytes);
  const bytes = isJson(page) ? page.bytes : edited(page.bytes, edits, donors);
  const decoded = orDecodeError(() => resource.codec.decodePage(mutate(bytes, mutations, donors[mutations.length % donors.length]!)));
  if (!decoded) return 'undecodable';
  const store = new ClusterStore();
  const outcomes = decoded.items.map((item) => takeObject(resource, item, store, false));
  return outcomes.find((outcome) => outcome !== 'facts') ?? 'facts';
}

interface StatusCase {
  readonly status: Recording;
  readonly edits: readonly (readonly [Edit, number])[];
  readonly mutations: readonly Mutation[];
  readonly httpStatus: number;
  readonly retryAfter: string | string[] | undefined;
}

const header = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('', '-1', '1.5', '1e9', '0x10', ' 5', 'Wed, 21 Oct 2026 07:28:00 GMT', '9'.repeat(400)),
  fc.string({ maxLength: 12 }),
);

const statusCase: fc.Arbitrary<StatusCase> = fc.record({
  status: fc.constantFrom(...STATUSES),
  edits: someEdits,
  mutations: someMutations(),
  httpStatus: fc.integer({ min: 300, max: 599 }),
  retryAfter: fc.oneof(header, fc.array(header, { maxLength: 2 }), fc.constant(undefined)),
});

function runStatus({ status, edits, mutations, httpStatus, retryAfter }: StatusCase): string {
  const donors = STATUSES.map(({ bytes }) => bytes);
  const decoded = decodeStatus(mutate(edited(status.bytes, edits, donors), mutations, donors[mutations.length % donors.length]!));
  checkError(errorOfStatus(decoded, httpStatus, retryAfterOf(retryAfter)));
  return decoded === undefined ? 'no status' : 'status';
}

const EVENTS = ['facts', 'dropped', 'undecodable'] as const;

export const WIRE: readonly Target[] = [
  target({ name: 'watch', weight: 50, outcomes: [...EVENTS, 'error', 'too long', 'nothing'], arbitrary: watchCase, run: runWatch }),
  target({ name: 'page', weight: 20, outcomes: EVENTS, arbitrary: pageCase, run: runPage }),
  target({ name: 'status', weight: 10, outcomes: ['status', 'no status'], arbitrary: statusCase, run: runStatus }),
];
