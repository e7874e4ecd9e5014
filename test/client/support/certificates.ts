import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** PEM; it is its own authority. */
  readonly cert: string;
  readonly key: string;
}

/**
 * A self-signed certificate for 127.0.0.1, ::1 and these names, for servers and clients. Node can make keys but no certificates,
 * so the few DER structures of X.509 (RFC 5280) are put together here.
 */
export function selfSigned(commonName: string, names: readonly string[] = ['localhost']): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const name = sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(commonName)))));
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(tagged(0x17, Buffer.from('250101000000Z')), tagged(0x17, Buffer.from('490101000000Z'))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extension(BASIC_CONSTRAINTS, sequence(tagged(0x01, [0xff]))), extension(ALTERNATIVE_NAME, alternatives(names)))),
  );
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function tagged(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  const length =
    bytes.length < 0x80 ? [bytes.length] : bytes.length < 0x100 ? [0x81, bytes.length] : [0x82, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), bytes]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function alternatives(names: readonly string[]): Buffer {
  return sequence(...LOOPBACK, ...names.map((name) => tagged(0x82, Buffer.from(name, 'ascii'))));
}

function integer(value: number): Buffer {
  return tagged(0x02, [value]);
}

function extension(identifier: Buffer, value: Buffer): Buffer {
  return sequence(identifier, tagged(0x04, value));
}

/** 1.2.840.10045.4.3.2, 2.5.4.3, 2.5.29.19 and 2.5.29.17. */
const ECDSA_WITH_SHA256 = tagged(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const COMMON_NAME = tagged(0x06, [0x55, 0x04, 0x03]);
const BASIC_CONSTRAINTS = tagged(0x06, [0x55, 0x1d, 0x13]);
const ALTERNATIVE_NAME = tagged(0x06, [0x55, 0x1d, 0x11]);
const LOOPBACK = [tagged(0x87, [127, 0, 0, 1]), tagged(0x87, [...Array<number>(15).fill(0), 1])];
