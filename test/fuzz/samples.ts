import type { Field, Fields } from '../../src/core/kinds/fields.ts';
import type { Kind } from '../../src/core/kinds/kind.ts';
import { envelope, watchFrame } from '../client/support/encode.ts';
import type { Form, Recording } from './corpus.ts';

const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;
const METADATA = { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '7' };
const LIST_METADATA = { resourceVersion: '7' };

/** What a page and a watch of a kind look like, built from the fields that it declares: for kinds of which nothing is recorded yet. */
export function samplesOf(kind: Pick<Kind, 'name' | 'fields' | 'resource'>): readonly Recording[] {
  const { name } = kind;
  const isJson = kind.resource.encoding === 'json';
  const object = sampleOf(kind.fields, isJson);
  const list = { metadata: LIST_METADATA, items: [object] };
  const page = isJson ? Buffer.from(JSON.stringify(list)) : envelope(`${name}List`, list);
  const frames = TYPES.map((type) => (isJson ? Buffer.from(`${JSON.stringify({ type, object })}\n`) : watchFrame(type, name, object)));
  const recording = (form: Form, bytes: Buffer): Recording => ({ form, kind: name, name: `${form}.${name}`, bytes });
  return [recording('page', page), recording('watch', Buffer.concat(frames))];
}

/** An object that has something in each field. */
function sampleOf(fields: Fields, isJson: boolean): Readonly<Record<string, unknown>> {
  const { metadata, ...others } = fields;
  const filled = Object.entries(others).map(([name, field]) => [name, valueOf(field, isJson)] as const);
  const read = metadata?.type === 'object' ? sampleOf(metadata.fields, isJson) : {};
  return { ...Object.fromEntries(filled), ...(metadata ? { metadata: { ...read, ...METADATA } } : {}) };
}

function valueOf(field: Field, isJson: boolean): unknown {
  const one = oneOf(field, isJson);
  return 'repeated' in field && field.repeated ? [one, one] : one;
}

function oneOf(field: Field, isJson: boolean): unknown {
  return field.type === 'object' ? sampleOf(field.fields, isJson) : (isJson ? JSON_VALUES : PROTOBUF_VALUES)[field.type];
}

/** A value of each type as it is in JSON. */
const JSON_VALUES: Readonly<Record<Exclude<Field['type'], 'object'>, unknown>> = {
  string: '10.244.1.7',
  bytes: 'web',
  bool: true,
  int32: 7,
  uint32: 7,
  time: '2026-05-01T12:00:00Z',
  freeForm: { 'f:spec': {} },
  map: { app: 'web' },
};

/** The same as protobufjs takes it; bytes in base64, in maps too. */
const PROTOBUF_VALUES: typeof JSON_VALUES = {
  ...JSON_VALUES,
  bytes: 'd2Vi',
  time: { seconds: 1_777_636_800 },
  freeForm: { raw: Buffer.from('{"f:spec":{}}') },
  map: { app: 'd2Vi' },
};
