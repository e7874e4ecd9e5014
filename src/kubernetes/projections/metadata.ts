import type { Interner } from './interner.ts';
import type { Shape } from '../wire/shapes.ts';
import { fields, items, text, timeOf } from '../wire/shapes.ts';

/** What the projections read of `metadata`. */
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
 * @returns undefined where the object has no name, or one that no API server would take: keys and commands are made of
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

/** When each manager last changed fields of its own; those of the status do not count. Empty where `managedFields` are not there. */
export function changeTimes(object: unknown): number[] {
  return items(fields(fields(object)['metadata'])['managedFields'])
    .map(fields)
    .filter(({ subresource }) => text(subresource) === '')
    .map(({ time }) => timeOf(time));
}

function isName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name);
}

/** Whether a field has any value: protobuf gives null for a message that is absent, JSON may. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The list of a plural field, or where it is empty the one value of the singular field of older versions. */
export function listOrOne(list: readonly string[], one: unknown): readonly string[] {
  if (list.length > 0) return list;
  return text(one) === '' ? [] : [text(one)];
}

/** The condition of a type out of `status.conditions`, else an empty one. */
export function conditionOf(conditions: unknown, type: string): Shape {
  return fields(items(conditions).find((condition) => fields(condition)['type'] === type));
}
