import fc from 'fast-check';
import { countFields, encodeMessage, nthField, replaceNth, varint, type Field, type Message } from './protobuf.ts';

/** Where something is, as a number that is taken modulo how many places there are. */
type Place = number;

/** A change of bytes, whatever they mean. */
export type Mutation =
  | { readonly do: 'flip'; readonly at: Place; readonly bit: number }
  | { readonly do: 'put'; readonly at: Place; readonly bytes: Uint8Array }
  | { readonly do: 'insert'; readonly at: Place; readonly bytes: Uint8Array }
  | { readonly do: 'truncate'; readonly at: Place }
  | { readonly do: 'cut'; readonly at: Place; readonly length: number }
  | { readonly do: 'repeat'; readonly at: Place; readonly length: number; readonly times: number }
  | { readonly do: 'splice'; readonly at: Place; readonly from: Place; readonly length: number };

/** A change of one field of a protobuf message, after which all lengths are right again. */
export type Edit =
  | { readonly do: 'drop'; readonly field: Place }
  | { readonly do: 'repeat'; readonly field: Place; readonly times: number }
  | { readonly do: 'fill'; readonly field: Place; readonly bytes: Uint8Array }
  | { readonly do: 'retag'; readonly field: Place; readonly id: number; readonly wire: number }
  | { readonly do: 'nest'; readonly field: Place; readonly depth: number; readonly how: 'message' | 'group' }
  | { readonly do: 'take'; readonly field: Place; readonly other: Place };

const place = fc.nat();
const FEW = 24;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Lengths and varints at the edges of what their types hold, and of the limit of a frame. */
const NUMBERS = [0, 1, 0x7f, 0x80, 0xffff, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 0x7fffffff, 0x80000000, 0xffffffff];
const lengths = fc.constantFrom(
  ...NUMBERS.flatMap((value) => [uint32(value), varint(value)]),
  Buffer.alloc(10, 0xff),
  Buffer.alloc(11, 0x80),
);
const fewBytes = fc.uint8Array({ maxLength: FEW });

/** @param most how often a few bytes are repeated at most */
export function mutationOf(most: number): fc.Arbitrary<Mutation> {
  const times = fc.oneof({ arbitrary: fc.nat(4), weight: 9 }, { arbitrary: fc.nat(most), weight: 1 });
  return fc.oneof(
    fc.record({ do: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
    fc.record({ do: fc.constant('put' as const), at: place, bytes: fc.oneof(lengths, fewBytes) }),
    fc.record({ do: fc.constant('insert' as const), at: place, bytes: fc.oneof(lengths, fewBytes) }),
    fc.record({ do: fc.constant('truncate' as const), at: place }),
    fc.record({ do: fc.constant('cut' as const), at: place, length: fc.nat(FEW) }),
    fc.record({ do: fc.constant('repeat' as const), at: place, length: fc.integer({ min: 1, max: FEW }), times }),
    fc.record({ do: fc.constant('splice' as const), at: place, from: place, length: fc.nat(400) }),
  );
}

/** Some changes, mostly none or few. */
export function someMutations(most = 4000): fc.Arbitrary<readonly Mutation[]> {
  return fc.oneof(fc.constant<readonly Mutation[]>([]), fc.array(mutationOf(most), { maxLength: 3 }));
}

/** Texts that mean something to a projection, or nearly so. */
const TEXTS = [
  '',
  '10.0.0.1',
  'fd00::1',
  '10.244.0.0/16',
  '::/0',
  'None',
  'IPv4',
  'IPv6',
  'True',
  'Ready',
  'Running',
  'InternalIP',
  '::ffff:1.2.3.4',
  '__proto__',
  'constructor',
  'toString',
  '\0',
  '\u{1f600}',
  'ADDED',
  'ERROR',
  '2026-01-01T00:00:00Z',
  'k8s\0',
];
const bad = fc.constantFrom(Buffer.from([0xff, 0xfe]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc0, 0x80]));
const huge = fc
  .tuple(fc.constantFrom('0', ':', '1.', '/', '[', '"', '\\', 'ä', '0:'), fc.nat(20_000))
  .map(([one, times]) => Buffer.from(one.repeat(times)));
const filling = fc.oneof(
  { arbitrary: fc.constantFrom(...TEXTS).map((text) => Buffer.from(text)), weight: 8 },
  { arbitrary: fewBytes, weight: 4 },
  { arbitrary: bad, weight: 2 },
  { arbitrary: huge, weight: 1 },
);

export const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant('drop' as const), field: place }),
  fc.record({
    do: fc.constant('repeat' as const),
    field: place,
    times: fc.oneof({ arbitrary: fc.nat(4), weight: 9 }, { arbitrary: fc.nat(500), weight: 1 }),
  }),
  fc.record({ do: fc.constant('fill' as const), field: place, bytes: filling }),
  fc.record({ do: fc.constant('retag' as const), field: place, id: fc.integer({ min: 0, max: 20 }), wire: fc.nat(7) }),
  fc.record({
    do: fc.constant('nest' as const),
    field: place,
    depth: fc.oneof({ arbitrary: fc.nat(5), weight: 4 }, { arbitrary: fc.nat(3000), weight: 1 }),
    how: fc.constantFrom('message' as const, 'group' as const),
  }),
  fc.record({ do: fc.constant('take' as const), field: place, other: place }),
);

/** @param donor where splices come from */
export function mutate(bytes: Buffer, changes: readonly Mutation[], donor: Buffer): Buffer {
  return changes.reduce((sum, change) => changed(sum, change, donor), bytes);
}

function changed(bytes: Buffer, change: Mutation, donor: Buffer): Buffer {
  const at = 'at' in change ? change.at % (bytes.length + 1) : 0;
  switch (change.do) {
    case 'flip':
      return replaced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << change.bit)]));
    case 'put':
      return replaced(bytes, at, change.bytes.length, change.bytes);
    case 'insert':
      return replaced(bytes, at, 0, change.bytes);
    case 'truncate':
      return bytes.subarray(0, at);
    case 'cut':
      return replaced(bytes, at, change.length, Buffer.alloc(0));
    case 'repeat': {
      const repeated = bytes.subarray(at, at + change.length);
      return replaced(bytes, at, repeated.length, Buffer.concat(Array<Buffer>(change.times).fill(repeated)));
    }
    case 'splice': {
      const from = change.from % (donor.length + 1);
      return replaced(bytes, at, 0, donor.subarray(from, from + change.length));
    }
  }
}

function replaced(bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

/**
 * Changes a field of a message.
 * @param donor whose fields may be taken
 */
export function editMessage(message: Message, change: Edit, donor: Message): Message {
  const nth = change.field % Math.max(1, countFields(message));
  const target = nthField(message, nth);
  return target ? replaceNth(message, nth, edited(target, change, donor)) : message;
}

/** What is repeated within what is repeated would be without bounds. */
const LARGEST = 256 * 1024;

function sizeOf(field: Field): number {
  return encodeMessage({ enveloped: false, fields: [field] }).length;
}

function edited(field: Field, change: Edit, donor: Message): readonly Field[] {
  switch (change.do) {
    case 'drop':
      return [];
    case 'repeat':
      return Array<Field>(Math.min(change.times, Math.ceil(LARGEST / sizeOf(field)))).fill(field);
    case 'fill':
      return [{ ...field, wire: 2, value: Buffer.from(change.bytes) }];
    case 'retag':
      return [{ ...field, id: change.id, wire: change.wire }];
    case 'nest':
      return [{ ...field, wire: 2, value: nested(field, change.depth, change.how) }];
    case 'take': {
      const taken = nthField(donor, change.other % Math.max(1, countFields(donor)));
      return taken ? [field, { ...taken, id: field.id }] : [field];
    }
  }
}

const START_GROUP = 3;
const END_GROUP = 4;

const DEEPEST_MESSAGE = 300;

/** A field within fields of its own number, or in place of it groups within groups, which the API never uses: they have to be skipped. */
function nested({ id, value }: Field, depth: number, how: 'message' | 'group'): Buffer {
  if (how === 'group')
    return Buffer.concat([START_GROUP, END_GROUP].map((wire) => Buffer.concat(Array<Buffer>(depth).fill(varint(id * 8 + wire)))));
  let bytes = Buffer.isBuffer(value) ? value : encodeMessage(value);
  for (let level = 0; level < Math.min(depth, DEEPEST_MESSAGE); level++)
    bytes = Buffer.concat([varint(id * 8 + 2), varint(bytes.length), bytes]);
  return bytes;
}
