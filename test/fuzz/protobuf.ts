/** A field of a protobuf message of which no schema is known: a text that reads as a message is taken for one. */
export interface Field {
  readonly id: number;
  readonly wire: number;
  readonly value: Buffer | Message;
}

/** Fields in their order, behind `k8s` and a zero byte where it is an object of the API. */
export interface Message {
  readonly enveloped: boolean;
  readonly fields: readonly Field[];
}

const MAGIC = Buffer.from('k8s\0', 'latin1');
const DELIMITED = 2;
const DEEPEST = 12;

/** The fields of a message; undefined where the bytes are none. */
export function parseMessage(bytes: Buffer, depth = 0): Message | undefined {
  const enveloped = bytes.length > MAGIC.length && bytes.subarray(0, MAGIC.length).equals(MAGIC);
  const fields: Field[] = [];
  for (let at = enveloped ? MAGIC.length : 0; at < bytes.length;) {
    const field = fieldAt(bytes, at, depth);
    if (!field) return undefined;
    fields.push(field.field);
    at = field.end;
  }
  return { enveloped, fields };
}

function fieldAt(bytes: Buffer, at: number, depth: number): { readonly field: Field; readonly end: number } | undefined {
  const tag = varintAt(bytes, at);
  if (!tag || tag.value < 8) return undefined;
  const [id, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  const extent = extentOf(bytes, tag.end, wire);
  if (!extent || extent.end > bytes.length) return undefined;
  const value = bytes.subarray(extent.from, extent.end);
  const nested = wire === DELIMITED && value.length > 1 && depth < DEEPEST ? parseMessage(value, depth + 1) : undefined;
  return { field: { id, wire, value: nested ?? value }, end: extent.end };
}

function extentOf(bytes: Buffer, at: number, wire: number): { readonly from: number; readonly end: number } | undefined {
  if (wire === 1) return { from: at, end: at + 8 };
  if (wire === 5) return { from: at, end: at + 4 };
  const varint = varintAt(bytes, at);
  if (!varint) return undefined;
  if (wire === 0) return { from: at, end: varint.end };
  return wire === DELIMITED ? { from: varint.end, end: varint.end + varint.value } : undefined;
}

function varintAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

/** The bytes of a message, with the lengths that its fields have by now. */
export function encodeMessage({ enveloped, fields }: Message): Buffer {
  return Buffer.concat([...(enveloped ? [MAGIC] : []), ...fields.map(encodeField)]);
}

function encodeField({ id, wire, value }: Field): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : encodeMessage(value);
  const head = varint(id * 8 + wire);
  return Buffer.concat(wire === DELIMITED ? [head, varint(bytes.length), bytes] : [head, bytes]);
}

/** A number as protobuf writes it: seven bits a byte, the lowest first. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** How many fields a message has, those of its fields included. */
export function countFields({ fields }: Message): number {
  return fields.reduce((sum, { value }) => sum + 1 + (Buffer.isBuffer(value) ? 0 : countFields(value)), 0);
}

/** The field of a number among all, outer ones before inner ones. */
export function nthField(message: Message, nth: number): Field | undefined {
  let left = nth;
  const find = ({ fields }: Message): Field | undefined => {
    for (const field of fields) {
      if (left-- === 0) return field;
      const found = Buffer.isBuffer(field.value) ? undefined : find(field.value);
      if (found) return found;
    }
    return undefined;
  };
  return find(message);
}

/** The same message with others in the place of its nth field, counted as `nthField` does. */
export function replaceNth(message: Message, nth: number, others: readonly Field[]): Message {
  let left = nth;
  const replaceIn = (one: Message): Message => ({
    ...one,
    fields: one.fields.flatMap((field) => {
      if (left < 0) return [field];
      if (left-- === 0) return others;
      return Buffer.isBuffer(field.value) ? [field] : [{ ...field, value: replaceIn(field.value) }];
    }),
  });
  return replaceIn(message);
}
