import type { Field, Fields } from '../../core/kinds/fields.ts';
import type { Kind } from '../../core/kinds/kind.ts';
import { fields, text } from '../../core/kinds/shapes.ts';

/**
 * What is wrong with the shape of an object in JSON, of all that is read of its kind: an API server would not give such a one, and to read
 * something else in its place would make up a verdict.
 * @returns in words, such as `status.podIPs is a text and no list`; undefined where nothing is wrong
 */
export function shapeFault({ resource, fields: read }: Pick<Kind, 'resource' | 'fields'>, object: unknown): string | undefined {
  const { metadata } = fields(object);
  if (text(fields(metadata)['name']) === '') return 'it has no metadata.name';
  if (resource.namespaced && text(fields(metadata)['namespace']) === '') return 'it has no metadata.namespace';
  return faultOfObject(read, object, '');
}

/** Declared fields have no cycle, so this goes no deeper than they do. */
function faultOfObject(read: Fields, value: unknown, path: string): string | undefined {
  if (nameOf(value) !== 'an object') return `${path} is ${nameOf(value)} and no object`;
  for (const [name, field] of Object.entries(read)) {
    const fault = faultOfField(field, fields(value)[name], path === '' ? name : `${path}.${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfField(field: Field, value: unknown, path: string): string | undefined {
  // Go writes null for what is empty.
  if (value === undefined || value === null) return undefined;
  if ('repeated' in field && field.repeated) return faultOfList(field, value, path);
  return field.type === 'map' ? faultOfMap(value, path) : faultOfOne(field, value, path);
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
  if (field.type === 'object') return faultOfObject(field.fields, value, path);
  const wanted = NAMES[field.type] ?? 'a text';
  return nameOf(value) === wanted ? undefined : `${path} is ${nameOf(value)} and no ${wanted.replace(/^an? /, '')}`;
}

/** What a field of a type that is neither text nor bytes nor a time is in JSON. */
const NAMES: Readonly<Record<string, string>> = { bool: 'a boolean', int32: 'a number', uint32: 'a number', freeForm: 'an object' };

/** What a value of JSON is, in words. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
