import type { Field, Type } from 'protobufjs/light.js';
import type { FactsKind } from '../core/facts.ts';
import { messageType } from '../kubernetes/wire/schema.ts';
import { fields, text } from '../kubernetes/wire/shapes.ts';

const NAMESPACED: readonly FactsKind[] = ['Pod', 'Service', 'EndpointSlice'];

/** Bytes in protobuf, and an object of any shape in JSON. */
const FREE_FORM = 'FieldsV1';

/**
 * What is wrong with the shape of an object in JSON, of all that is read of its kind: an API server would not give such a one, and to read
 * something else in its place would make up a verdict.
 * @returns in words, such as `status.podIPs is a text and no list`; undefined where nothing is wrong
 */
export function shapeFault(kind: FactsKind, object: unknown): string | undefined {
  const { metadata } = fields(object);
  if (text(fields(metadata)['name']) === '') return 'it has no metadata.name';
  if (NAMESPACED.includes(kind) && text(fields(metadata)['namespace']) === '') return 'it has no metadata.namespace';
  return faultOfMessage(messageType(kind), object, '');
}

/** The schema has no cycle, so this goes no deeper than it does. */
function faultOfMessage(type: Type, value: unknown, path: string): string | undefined {
  if (nameOf(value) !== 'an object') return `${path} is ${nameOf(value)} and no object`;
  if (type.name === FREE_FORM) return undefined;
  for (const field of type.fieldsArray) {
    const fault = faultOfField(field, fields(value)[field.name], path === '' ? field.name : `${path}.${field.name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfField(field: Field, value: unknown, path: string): string | undefined {
  // Go writes null for what is empty.
  if (value === undefined || value === null) return undefined;
  if (field.repeated) return faultOfList(field, value, path);
  return field.map ? faultOfMap(value, path) : faultOfOne(field, value, path);
}

function faultOfList(field: Field, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return `${path} is ${nameOf(value)} and no list`;
  for (const [index, one] of value.entries()) {
    const fault = faultOfOne(field, one, `${path}[${index}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Labels and the like: all maps are of text, which protobuf may have as bytes. */
function faultOfMap(value: unknown, path: string): string | undefined {
  if (nameOf(value) !== 'an object') return `${path} is ${nameOf(value)} and no object`;
  const bad = Object.values(fields(value)).find((one) => typeof one !== 'string');
  return bad === undefined ? undefined : `${path} has a value that is ${nameOf(bad)} and no text`;
}

function faultOfOne(field: Field, value: unknown, path: string): string | undefined {
  const type = field.resolvedType;
  // Of a time JSON has the text.
  if (type && 'fieldsArray' in type && type.name !== 'Time') return faultOfMessage(type, value, path);
  const wanted = NAMES[field.type] ?? 'a text';
  return nameOf(value) === wanted ? undefined : `${path} is ${nameOf(value)} and no ${wanted.replace(/^an? /, '')}`;
}

/** What a field of a type that is neither text nor bytes nor a time is in JSON. */
const NAMES: Readonly<Record<string, string>> = { bool: 'a boolean', int32: 'a number', uint32: 'a number' };

/** What a value of JSON is, in words. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
