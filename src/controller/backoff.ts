import { retryAfterMs } from '../client/transport/retry-after.ts';
import { ApiError } from '../client/wire/errors.ts';

const FIRST_MS = 1_000;
export const LONGEST_BACKOFF_MS = 60_000;

/**
 * How long to wait after a failure that came after so many others in a row, in milliseconds. All that failed together comes back at different
 * times.
 * @param random from 0 to 1
 */
export function backoffAfter(failures: number, random: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_MS * 2 ** failures) * (0.5 + random);
}

/** How long the API server wants no request, by its Retry-After, in milliseconds. */
export function retryAfterOf(error: Error, random: number): number {
  return error instanceof ApiError ? retryAfterMs(error, random) : 0;
}
