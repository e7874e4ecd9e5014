import protobuf from 'protobufjs/light.js';
import type { Field, Type } from 'protobufjs/light.js';
import type { Facts, FactsKind } from '../../../src/core/kinds/facts.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { kindNamed } from '../../../src/core/kinds/registry.ts';
import { builtInResources } from '../../../src/sources/resources.ts';
import { messageType } from '../../../src/client/wire/schema.ts';
import { watchFrame } from './encode.ts';

/** How objects come: from the API server, or out of a file. */
export type Encoding = 'protobuf' | 'json';

/** What is kept of an object; undefined where it is none. */
export type Read = (kind: FactsKind, object: object) => Facts | undefined;

/**
 * Reads objects as a reflector does, from the bytes of the events of a watch.
 * @param onDecoded called with what was decoded
 */
export function wireReader(onDecoded: (kind: FactsKind, decoded: unknown) => void = () => undefined): Read {
  const resources = new Map(builtInResources(new Interner()).map((resource) => [resource.kind, resource]));
  return (kind, object) => {
    const resource = resources.get(kind)!;
    const [frame] = resource.codec.splitter().push(watchFrame('ADDED', kind, object));
    const event = resource.codec.decodeEvent(frame!);
    const decoded = event.type === 'ERROR' ? undefined : event.object;
    onDecoded(kind, decoded);
    return resource.parse(decoded);
  };
}

/** Reads objects as they come out of a file. */
export function fileReader(): Read {
  const interner = new Interner();
  return (kind, object) => kindNamed(kind).facts(JSON.parse(JSON.stringify(object)), interner);
}

/** Reads objects in JSON, over the wire or not. */
export function readerOf(encoding: Encoding): Read {
  if (encoding === 'json') return fileReader();
  const read = wireReader();
  return (kind, object) => read(kind, toWire(messageType(kind), object) as object);
}

/** An object in JSON as protobufjs takes it: times in seconds, and bytes where the schema has them in place of text. */
function toWire(type: Type, value: unknown): unknown {
  if (type.name === 'Time') return typeof value === 'string' ? { seconds: Date.parse(value) / 1000 } : value;
  if (typeof value !== 'object' || value === null) return value;
  const known = type.fieldsArray.filter(({ name }) => name in value);
  return Object.fromEntries(known.map((field) => [field.name, fieldToWire(field, (value as Record<string, unknown>)[field.name])]));
}

function fieldToWire(field: Field, value: unknown): unknown {
  const inner = field.resolve().resolvedType;
  const one = (each: unknown): unknown => (inner instanceof protobuf.Type ? toWire(inner, each) : bytesOrText(field, each));
  if (Array.isArray(value)) return value.map(one);
  if (!field.map || typeof value !== 'object' || value === null) return one(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, one(each)]));
}

function bytesOrText(field: Field, value: unknown): unknown {
  return field.type === 'bytes' && typeof value === 'string' ? Buffer.from(value) : value;
}
