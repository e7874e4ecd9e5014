import { ApiError, CredentialsError, DecodeError, NetworkError } from '../../client/wire/errors.ts';
import { DeadlineError } from '../../client/transport/deadline.ts';
import type { Situation, ReadError } from './retry.ts';

/** So many watches in a row that end early are a error. One alone may be that the server stops. */
export const EARLY_ENDS = 2;

/**
 * What an error means for a reflector.
 * @param accepted whether the request under way had been accepted when it was thrown
 * @returns undefined for what neither the server nor the network did: it is not to be retried
 */
export function readErrorOf(error: unknown, phase: Situation['phase'], accepted: boolean): ReadError | undefined {
  if (error instanceof ApiError) {
    const { status, reason, retryAfterSeconds } = error;
    return { kind: 'api', status, reason, retryAfterSeconds, inStream: accepted };
  }
  if (error instanceof DeadlineError) return { kind: phase === 'streaming' && accepted ? 'endless' : 'silent' };
  if (error instanceof NetworkError) return { kind: 'network' };
  if (error instanceof CredentialsError) return { kind: 'credentials' };
  return error instanceof DecodeError ? { kind: 'undecodable' } : undefined;
}

/** The kind of a error in a word or two, one of few: for the log and a metric's label. */
export function kindOf(readError: ReadError): string {
  return readError.kind === 'api' ? `api ${readError.status}` : readError.kind;
}
