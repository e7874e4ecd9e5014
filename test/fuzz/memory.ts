/** Measures how much memory frames take, in a process of its own with little else in it: `node --expose-gc test/fuzz/memory.ts`. */
import { DecodeError } from '../../src/client/wire/errors.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { node } from '../../src/core/kinds/node.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { jsonCodec } from '../../src/client/wire/codec.ts';
import { FRAME_LIMIT_BYTES, LengthPrefixedFrames, LineFrames, type FrameSplitter } from '../../src/client/wire/frames.ts';
import { messageType } from '../../src/client/wire/schema.ts';
import { storeOf } from '../core/build.ts';
import { framed } from '../client/support/encode.ts';
import { contentsOf, eventOf, objectOf, times, waysInto } from './crowded.ts';

/** How many bytes of memory each byte of something became. */
export interface Measurement {
  readonly what: string;
  readonly of: 'decoded' | 'waiting' | 'kept';
  readonly bytesPerByte: number;
}

const MIB = 1024 * 1024;
const collectGarbage = globalThis.gc ?? missing();

function missing(): never {
  throw new Error('to be run with --expose-gc');
}

/** What is in use once nothing is garbage any longer: buffers are given back a little after their objects. */
function used(): number {
  let last = Infinity;
  for (;;) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external >= last) return last;
    last = heapUsed + external;
  }
}

function memoryOf(make: () => unknown): number {
  const before = used();
  const made = make();
  const after = used();
  // Used here, lest it be collected before.
  if (made === undefined) throw new Error('nothing was made');
  return after - before;
}

function* decodedProtobuf(): Generator<Measurement> {
  for (const { kind, codec } of builtInResources(new Interner()))
    for (const way of waysInto(messageType(kind)))
      for (const content of contentsOf(way.field, MIB / 8)) {
        const frame = eventOf(objectOf(way, content));
        const what = [kind, ...way.through.map(({ name }) => name), way.field.name].join('.');
        yield {
          what: `${what} of ${content.toString('hex', 0, 6)}…`,
          of: 'decoded',
          bytesPerByte: memoryOf(() => codec.decodeEvent(frame)) / frame.length,
        };
      }
}

const JSON_UNITS = ['[],', '{},', '{"a":0},', '"",', '0,', '"\u0101",', '1e1,', 'null,'];
const JSON_NESTS = [
  ['[', ']'],
  ['{"a":', '}'],
] as const;

function* decodedJSON(): Generator<Measurement> {
  const flat = JSON_UNITS.map((unit) => [unit, `[${times(Buffer.from(unit), MIB / 8).toString()}0]`] as const);
  const deep = JSON_NESTS.map(([open, close]) => [open, `${open.repeat(MIB / 16)}0${close.repeat(MIB / 16)}`] as const);
  for (const [what, json] of [...flat, ...deep]) {
    const frame = Buffer.from(`{"type":"ADDED","object":${json}}`);
    yield { what: `JSON of ${what}…`, of: 'decoded', bytesPerByte: memoryOf(() => jsonCodec.decodeEvent(frame)) / frame.length };
  }
}

/** Bytes that come one by one, and lengths that are only claimed. */
function* waiting(): Generator<Measurement> {
  const splitters: readonly (readonly [string, FrameSplitter, Buffer])[] = [
    ['protobuf', new LengthPrefixedFrames(), framed(Buffer.alloc(MIB)).subarray(0, MIB)],
    ['JSON', new LineFrames(), Buffer.alloc(MIB, 'x')],
  ];
  for (const [what, splitter, bytes] of splitters) {
    const memory = memoryOf(() => {
      for (let at = 0; at < bytes.length; at++) splitter.push(bytes.subarray(at, at + 1));
      return splitter;
    });
    yield { what: `${what} in single bytes`, of: 'waiting', bytesPerByte: memory / bytes.length };
  }
  for (const length of [FRAME_LIMIT_BYTES, FRAME_LIMIT_BYTES + 1])
    yield { what: `a length of ${length}`, of: 'waiting', bytesPerByte: claimed(length) / length };
}

function claimed(length: number): number {
  const splitter = new LengthPrefixedFrames();
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return memoryOf(() => {
    try {
      splitter.push(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
    return splitter;
  });
}

/** The index of podCIDRs may keep them bit by bit: the less they have in common, the more there is to keep. */
function* kept(): Generator<Measurement> {
  const podCIDRs = Array.from(
    { length: 50_000 },
    (_, number) => `${((number * 40_503) % 65_536).toString(16)}:${number.toString(16)}::1/128`,
  );
  const facts = node.facts({ metadata: { name: 'a' }, spec: { podCIDRs } }, new Interner());
  if (!facts) throw new Error('no facts');
  yield { what: 'podCIDRs of a Node', of: 'kept', bytesPerByte: memoryOf(() => storeOf([facts])) / podCIDRs.join('').length };
}

const measurements = [...decodedProtobuf(), ...decodedJSON(), ...waiting(), ...kept()];
console.log(JSON.stringify(measurements));
