import type { ApiError } from '../wire/errors.ts';

/** A server that names a longer time is not believed. */
const LONGEST_S = 300;
/** Clients with the same Retry-After must not come back together. */
const JITTER_MS = 1_000;

/**
 * How long a server that is busy asks to be left alone, in milliseconds; 0 where it does not.
 * @param random at least 0 and less than 1
 */
export function retryAfterMs({ retryAfterSeconds }: Pick<ApiError, 'retryAfterSeconds'>, random: number): number {
  return retryAfterSeconds === undefined ? 0 : Math.min(retryAfterSeconds, LONGEST_S) * 1000 + random * JITTER_MS;
}
