import type { Clock } from '../../core/clock.ts';
import type { Requester, RequestOptions } from '../transport/connection.ts';
import { textOf } from '../transport/connection.ts';
import { NetworkError } from '../wire/errors.ts';
import { DeadlineError, withDeadline } from '../transport/deadline.ts';

/** When a write is to be given up. */
export interface Patience {
  readonly clock: Clock;
  /** Aborting it breaks the write off. */
  readonly signal: AbortSignal;
}

/** Others wait meanwhile. A slow connection gets a second more for each kB, up to a limit near the API server's own. */
const ANSWER_MS = 15_000;
const MS_PER_BYTE = 1;
const LONGEST_MS = 60_000;

/**
 * Sends a body, and reads the whole answer.
 * @throws ApiError; NetworkError, also where the answer has not come in time; the signal's reason once it aborts
 */
export async function writeInTime(
  connection: Requester,
  path: string,
  { clock, signal: outer }: Patience,
  options: RequestOptions & { readonly body: string },
): Promise<string> {
  const ms = Math.min(LONGEST_MS, ANSWER_MS + Buffer.byteLength(options.body) * MS_PER_BYTE);
  try {
    return await withDeadline(clock, outer, ms, async ({ signal }) => {
      const response = await connection.request(path, { ...options, signal });
      return textOf(response.body);
    });
  } catch (error) {
    throw error instanceof DeadlineError ? new NetworkError(error) : error;
  }
}
