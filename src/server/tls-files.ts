import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../client/transport/log.ts';

/** The paths of a certificate and its private key, both PEM. */
export interface TlsFiles {
  /** The certificate, and after it those between it and its authority. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsOptions extends TlsFiles {
  readonly clock: Clock;
}

/** A certificate and its private key, which fit each other. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  /** When the certificate expires, in its own words. */
  readonly expires: string;
}

/** The files cannot be served with; the message names the file and what is wrong. */
export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

/** The oldest version of TLS that is spoken: RFC 8996 has done away with those before it. */
export const TLS_VERSION = 'TLSv1.2';

/** As controller-runtime's certwatcher. A Secret that has changed takes the kubelet a minute or so to bring here. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Reads a certificate and its key.
 * @throws TlsFilesError where a file cannot be read, is not what it should be, or they do not belong together
 */
export async function readTlsPair({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  const [cert, key] = [await textOf('--tls-cert-file', certFile), await textOf('--tls-private-key-file', keyFile)];
  const certificate = certificateOf(cert, certFile);
  if (!certificate.checkPrivateKey(privateKeyOf(key, keyFile)))
    throw new TlsFilesError(`the private key ${keyFile} does not belong to the certificate ${certFile}`);
  try {
    createSecureContext({ cert, key, minVersion: TLS_VERSION });
  } catch (error) {
    throw new TlsFilesError(`the certificate ${certFile} cannot be served with: ${reasonOf(error)}`);
  }
  return { cert, key, expires: certificate.validTo };
}

export interface FollowOptions extends TlsOptions {
  /** What is served with at first. */
  readonly pair: TlsPair;
  readonly use: (cert: string, key: string) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Looks at the files again and again until the signal aborts, and hands over what has changed. Where they cannot be used, the pair before stays.
 * That is logged at the second look, since files may be replaced one after the other. Never fails.
 */
export async function followTlsFiles({ clock, log, signal, use, ...start }: FollowOptions): Promise<void> {
  let { pair } = start;
  let fault = '';
  let logged = '';
  while (true) {
    await clock.sleep(LOOK_AGAIN_MS, signal);
    if (signal.aborted) return;
    try {
      const fresh = await readTlsPair(start);
      [fault, logged] = ['', ''];
      if (fresh.cert === pair.cert && fresh.key === pair.key) continue;
      use(fresh.cert, fresh.key);
      pair = fresh;
      log.info({ expires: pair.expires }, 'serving with a new TLS certificate');
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === fault && reason !== logged) {
        logged = reason;
        log.warn({ reason, expires: pair.expires }, 'the TLS files have changed and cannot be used; serving with the certificate before');
      }
      fault = reason;
    }
  }
}

async function textOf(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new TlsFilesError(`the file of ${flag} cannot be read: ${reasonOf(error)}`);
  }
}

function certificateOf(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch {
    throw new TlsFilesError(`${file} does not begin with a certificate in PEM`);
  }
}

function privateKeyOf(key: string, file: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch {
    throw new TlsFilesError(`${file} is not a private key in PEM without a passphrase`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
