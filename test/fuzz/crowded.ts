import type { Field, Type } from 'protobufjs/light.js';
import { varint } from './protobuf.ts';

const DELIMITED = 2;

function delimited(id: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(id * 8 + DELIMITED), varint(value.length), value]);
}

/** As many of these bytes, one after the other, as fit a size. */
export function times(bytes: Buffer, size: number): Buffer {
  return Buffer.alloc(Math.floor(size / bytes.length) * bytes.length, bytes);
}

/** A way to a field of a message that can come again and again. */
export interface Way {
  readonly through: readonly Field[];
  readonly field: Field;
}

/** All ways into a message and the messages in it. */
export function* waysInto(type: Type, through: readonly Field[] = []): Generator<Way> {
  for (const field of type.fieldsArray) {
    if (field.repeated || field.map) yield { through, field };
    // The schema has no cycle.
    if ('fieldsArray' in (field.resolvedType ?? {})) yield* waysInto(field.resolvedType as Type, [...through, field]);
  }
}

/** A repeated field of so many bytes, of the smallest things that can stand in it: with nothing in them, and with one empty thing. */
export function contentsOf(field: Field, size: number): Buffer[] {
  if (field.map) return [distinctEntries(field, size)];
  const type = field.resolvedType as Type | null;
  const inner = (type?.fieldsArray ?? []).map(({ id }) => delimited(id, Buffer.alloc(0)));
  return [Buffer.alloc(0), ...inner].map((value) => times(delimited(field.id, value), size));
}

/** Entries of a map, each with another key and a byte for its value. */
function distinctEntries({ id }: Field, size: number): Buffer {
  const entries: Buffer[] = [];
  for (let left = size; left > 0; left -= entries.at(-1)?.length ?? 0) {
    const key = delimited(1, Buffer.from(entries.length.toString(36)));
    entries.push(delimited(id, Buffer.concat([key, delimited(2, Buffer.from('x'))])));
  }
  return Buffer.concat(entries);
}

/** A watch event of an object. */
export function eventOf(object: Buffer): Buffer {
  const raw = Buffer.concat([Buffer.from('k8s\0'), delimited(2, object)]);
  return Buffer.concat([delimited(1, Buffer.from('ADDED')), delimited(2, delimited(1, raw))]);
}

const named = delimited(1, delimited(1, Buffer.from('a')));

/** An object with a name, and with this at the end of a way. */
export function objectOf({ through }: Way, content: Buffer): Buffer {
  return Buffer.concat([named, through.reduceRight((inner, { id }) => delimited(id, inner), content)]);
}
