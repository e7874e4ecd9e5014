import type { Type } from 'protobufjs/light.js';
import { DecodeError } from './errors.ts';
import { messageType } from './schema.ts';
import { fields } from '../../core/kinds/shapes.ts';

/** `k8s` and a zero byte: what every protobuf object of the API begins with. */
const MAGIC = 0x6b_38_73_00;
const MAGIC_BYTES = 4;

const UNKNOWN = messageType('Unknown');
const WATCH_EVENT = messageType('WatchEvent');

/** Whether bytes are a protobuf object of the API (rather than JSON or text). */
export function isEnveloped(bytes: Buffer): boolean {
  return bytes.length >= MAGIC_BYTES && bytes.readUInt32BE(0) === MAGIC;
}

/**
 * An object out of its wrapping: the four bytes of magic and a runtime.Unknown.
 * @throws DecodeError where the bytes are not that, or not an object of this type
 */
export function decodeEnveloped(bytes: Buffer, type: Type): unknown {
  if (!isEnveloped(bytes)) throw new DecodeError(`expected a protobuf object, got ${bytes.length} bytes that begin otherwise`);
  const unknown = decode(UNKNOWN, bytes.subarray(MAGIC_BYTES));
  return decode(type, bytesOf(fields(unknown)['raw']));
}

/**
 * The type of a watch event (`ADDED`, …) and its object, still in its wrapping.
 * @throws DecodeError where the frame is not a WatchEvent
 */
export function decodeWatchEvent(frame: Buffer): { readonly type: unknown; readonly object: Buffer } {
  const { type, object } = fields(decode(WATCH_EVENT, frame));
  return { type, object: bytesOf(fields(object)['raw']) };
}

function decode(type: Type, bytes: Buffer): unknown {
  try {
    return type.decode(bytes);
  } catch (error) {
    throw new DecodeError(`malformed protobuf ${type.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** protobufjs gives an empty list for bytes that are absent. */
function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}
