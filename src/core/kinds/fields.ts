/**
 * The fields that are read of an object, by their JSON names and with their protobuf numbers. From these declarations follow the messages that the
 * protobuf decoder reads, and the check of what a dump has in JSON.
 */
export type Fields = Readonly<Record<string, Field>>;

type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32';

interface Numbered {
  /** In the API's generated.proto; 0 for an object that comes in JSON only. */
  readonly number: number;
}

/** `time`: text in JSON, seconds in protobuf. `freeForm`: any object in JSON, its bytes in protobuf. */
export type Field = Numbered &
  (
    | { readonly type: Scalar; readonly repeated: boolean }
    | { readonly type: 'time' | 'freeForm' }
    | { readonly type: 'map'; readonly values: 'string' | 'bytes' }
    | { readonly type: 'object'; readonly repeated: boolean; readonly fields: Fields }
  );

const JSON_ONLY = 0;

/** A text. */
export function string(number = JSON_ONLY): Field {
  return { type: 'string', number, repeated: false };
}

/** A list of texts. */
export function strings(number = JSON_ONLY): Field {
  return { type: 'string', number, repeated: true };
}

/** A boolean, which reads as nothing where it is absent. */
export function bool(number = JSON_ONLY): Field {
  return { type: 'bool', number, repeated: false };
}

/** A whole number of 32 bits. */
export function int32(number = JSON_ONLY): Field {
  return { type: 'int32', number, repeated: false };
}

/** A moment. */
export function time(number = JSON_ONLY): Field {
  return { type: 'time', number };
}

/** An object of any shape. */
export function freeForm(number = JSON_ONLY): Field {
  return { type: 'freeForm', number };
}

/** A map from texts to texts. */
export function map(number = JSON_ONLY): Field {
  return { type: 'map', number, values: 'string' };
}

/** A map of many long values of which few are read: in protobuf they stay bytes, which are turned into text only where they are read. */
export function bytesMap(number = JSON_ONLY): Field {
  return { type: 'map', number, values: 'bytes' };
}

/** An object of these fields. */
export function object(number: number, fields: Fields): Field {
  return { type: 'object', number, repeated: false, fields };
}

/** A list of objects of these fields. */
export function objects(number: number, fields: Fields): Field {
  return { type: 'object', number, repeated: true, fields };
}
