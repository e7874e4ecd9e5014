import { DecodeError } from './errors.ts';
import type { ApiError } from './errors.ts';
import { decodeEnveloped, decodeWatchEvent, isEnveloped } from './envelope.ts';
import type { FrameSplitter } from './frames.ts';
import { LengthPrefixedFrames, LineFrames } from './frames.ts';
import { messageType } from './schema.ts';
import { fields, items, text } from '../../core/kinds/shapes.ts';
import { errorOfStatus } from './status.ts';

/** A page of a list. */
export interface Page {
  readonly resourceVersion: string;
  /** Where the next page begins; empty after the last. */
  readonly continueToken: string;
  readonly items: readonly unknown[];
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** An event of a watch: an object of the kind, or the error that the server ends the watch with. */
export type WatchEvent = { readonly type: WatchEventType; readonly object: unknown } | { readonly type: 'ERROR'; readonly error: ApiError };

/** How the objects of one kind are written on the wire. What it gives has the JSON names, whatever the encoding. */
export interface Codec {
  /** The Accept header for a list. */
  readonly acceptList: string;
  /** The Accept header for a watch. */
  readonly acceptWatch: string;
  /** @throws DecodeError */
  decodePage(body: Buffer): Page;
  splitter(): FrameSplitter;
  /** @throws DecodeError */
  decodeEvent(frame: Buffer): WatchEvent;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const STATUS = messageType('Status');
/** An ERROR event whose Status has no code is a fault of the server's. */
const INTERNAL_ERROR = 500;
/** So much of the type of an unknown event is part of the error. */
const LONGEST_TYPE = 32;

/**
 * The protobuf encoding of a built-in kind.
 * @param kind such as `Pod`, with its list in the schema
 */
export function protobufCodec(kind: string): Codec {
  const [objectType, listType] = [messageType(kind), messageType(`${kind}List`)];
  return {
    acceptList: PROTOBUF,
    acceptWatch: `${PROTOBUF};stream=watch`,
    decodePage: (body) => pageOf(decodeEnveloped(body, listType)),
    splitter: () => new LengthPrefixedFrames(),
    decodeEvent: (frame) => {
      const { type, object } = decodeWatchEvent(frame);
      if (type === 'ERROR') return { type, error: errorOfStatus(decodeEnveloped(object, STATUS), INTERNAL_ERROR) };
      return { type: eventType(type), object: decodeEnveloped(object, objectType) };
    },
  };
}

/** The JSON encoding, which every kind has, and which is the only one of custom resources. */
export const jsonCodec: Codec = {
  acceptList: 'application/json',
  acceptWatch: 'application/json',
  decodePage: (body) => pageOf(parse(body)),
  splitter: () => new LineFrames(),
  decodeEvent: (frame) => {
    const { type, object } = fields(parse(frame));
    if (type === 'ERROR') return { type, error: errorOfStatus(object, INTERNAL_ERROR) };
    return { type: eventType(type), object };
  },
};

/** The `Status` in the body of an error, in either encoding; undefined where it is neither. */
export function decodeStatus(body: Buffer): unknown {
  try {
    return isEnveloped(body) ? decodeEnveloped(body, STATUS) : parse(body);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function pageOf(list: unknown): Page {
  const { metadata, items: objects } = fields(list);
  const { resourceVersion, continue: continueToken } = fields(metadata);
  if (text(resourceVersion) === '') throw new DecodeError('a list without a resourceVersion');
  return { resourceVersion: text(resourceVersion), continueToken: text(continueToken), items: items(objects) };
}

function eventType(type: unknown): WatchEventType {
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') return type;
  // Whatever is there instead may be a whole object, as deep as it is long.
  throw new DecodeError(
    `a watch event of unknown type${typeof type === 'string' ? ` ${JSON.stringify(type.slice(0, LONGEST_TYPE))}` : ''}`,
  );
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own error would quote the object.
    throw new DecodeError(`malformed JSON of ${bytes.length} bytes`);
  }
}
