import { messageType } from '../../../src/client/wire/schema.ts';

/** Objects as an API server writes them in protobuf, of the fields that the schema has. */
export function envelope(kind: string, object: object): Buffer {
  const raw = encode(kind, object);
  return Buffer.concat([Buffer.from('k8s\0'), encode('Unknown', { raw })]);
}

export function watchFrame(type: string, kind: string, object: object): Buffer {
  return framed(encode('WatchEvent', { type, object: { raw: envelope(kind, object) } }));
}

export function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function encode(kind: string, object: object): Uint8Array {
  const type = messageType(kind);
  return type.encode(type.fromObject(object)).finish();
}
