import { freeForm, bytesMap, map, object, objects, string, time, type Fields } from './fields.ts';
import type { Interner } from './interner.ts';
import type { Shape } from './shapes.ts';
import { fields, items, text, timeOf } from './shapes.ts';

/** What is read of every object's metadata; and annotations, since the bookmark that ends a streaming list is known by one. */
export const META_FIELDS = {
  name: string(1),
  namespace: string(3),
  uid: string(5),
  resourceVersion: string(6),
  creationTimestamp: time(8),
  deletionTimestamp: time(9),
} as const;

/** Metadata as most kinds need it. */
export const METADATA = object(1, { ...META_FIELDS, labels: map(11), annotations: map(12) });

/** What is read of metadata where it matters when the fields of the spec were changed, by {@link lastChangeOf}. */
export const MANAGED_FIELDS = {
  ...META_FIELDS,
  annotations: bytesMap(12),
  managedFields: objects(17, { manager: string(1), time: time(4), fieldsV1: freeForm(7), subresource: string(8) }),
} as const;

/** Metadata with {@link MANAGED_FIELDS} alone. */
export const MANAGED_METADATA = object(1, MANAGED_FIELDS);

/** An entry of `status.conditions`. */
export const CONDITION_FIELDS: Fields = { type: string(1), status: string(2), lastTransitionTime: time(4) };

/** What kinds read of `metadata`. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  /** Milliseconds since the epoch; 0 where unknown. */
  readonly createdAt: number;
  readonly deleting: boolean;
  readonly labels: Shape;
  readonly annotations: Shape;
}

/** What every kind that is read may be called (RFC 1123, a subdomain). */
const NAME = /^[a-z\d](?:[-a-z\d.]*[a-z\d])?$/;
const LONGEST_NAME = 253;

/**
 * @returns undefined where the object has no name, or one that no API server would take: keys and commands contain
 *   names, so a slash or a semicolon in one would lead astray
 */
export function metadataOf(object: unknown, interner: Interner): Metadata | undefined {
  const metadata = fields(fields(object)['metadata']);
  const name = text(metadata['name']);
  const namespace = text(metadata['namespace']);
  if (!isName(name) || (namespace !== '' && !isName(namespace))) return undefined;
  return {
    name,
    namespace: interner.text(namespace),
    createdAt: timeOf(metadata['creationTimestamp']),
    deleting: present(metadata['deletionTimestamp']) && metadata['deletionTimestamp'] !== '',
    labels: fields(metadata['labels']),
    annotations: fields(metadata['annotations']),
  };
}

/**
 * When a manager of fields of the spec last changed some of its own: others, who only keep annotations, may do so for ever.
 * @returns undefined where `managedFields` do not show it
 */
export function lastChangeOf(object: unknown): number | undefined {
  return items(fields(fields(object)['metadata'])['managedFields'])
    .map(fields)
    .filter(({ subresource, fieldsV1 }) => text(subresource) === '' && hasSpec(fieldsV1))
    .reduce<number | undefined>((last, { time }) => Math.max(last ?? 0, timeOf(time)), undefined);
}

/** Whether a field set names the spec: in JSON it is an object, in protobuf the bytes of one. */
function hasSpec(fieldsV1: unknown): boolean {
  const { raw } = fields(fieldsV1);
  return raw instanceof Uint8Array ? includesBytes(raw, SPEC_KEY) : 'f:spec' in fields(fieldsV1);
}

/** `"f:spec"` in ASCII. */
const SPEC_KEY: readonly number[] = [0x22, 0x66, 0x3a, 0x73, 0x70, 0x65, 0x63, 0x22];

function includesBytes(bytes: Uint8Array, wanted: readonly number[]): boolean {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

function isName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name);
}

const UTF8 = new TextDecoder();

/** The value of an annotation, which protobuf may have as bytes; empty where it is not there. */
export function annotation(annotations: Shape, key: string): string {
  if (!Object.hasOwn(annotations, key)) return '';
  const value = annotations[key];
  return value instanceof Uint8Array ? UTF8.decode(value) : text(value);
}

/** Whether some key begins so. */
export function hasKeyOf(labelsOrAnnotations: Shape, prefix: string): boolean {
  return Object.keys(labelsOrAnnotations).some((key) => key.startsWith(prefix));
}

/** Whether a field has any value: protobuf gives null for a message that is absent, JSON may. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const NOTHING: readonly string[] = Object.freeze([]);

/** More than any object has. */
const MOST_ADDRESSES = 1000;

/**
 * The first entries of a list of addresses or CIDRs: a text that is none takes long to be refused, and a frame has room for a million.
 * A copy, which takes no more memory than its entries, while a list that grew has room for more.
 */
export function readable<T>(list: readonly T[]): readonly T[] {
  return list.slice(0, MOST_ADDRESSES);
}

/** The list of a plural field, or where it is empty the one value of the singular field of older versions. */
export function listOrOne(list: readonly string[], one: unknown): readonly string[] {
  if (list.length > 0) return readable(list);
  return text(one) === '' ? NOTHING : [text(one)];
}

/** The condition of a type out of `status.conditions`, else an empty one. */
export function conditionOf(conditions: unknown, type: string): Shape {
  return fields(items(conditions).find((condition) => fields(condition)['type'] === type));
}
