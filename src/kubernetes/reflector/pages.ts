import type { Clock } from '../clock.ts';
import type { Requester } from '../connection.ts';
import { chunksOf } from '../connection.ts';
import { DecodeError } from '../errors.ts';
import type { Resource } from '../resources.ts';
import type { Page } from '../wire/codec.ts';
import { withDeadline } from './deadline.ts';

/** client-go's page size. */
export const PAGE_SIZE = 500;
const PAGE_LIMIT_BYTES = 256 * 1024 * 1024;
/** Until a page's first byte, and between two of its chunks: the API server gives a list a minute. */
const SILENCE_MS = 65_000;

export interface PageOptions {
  /** The most objects that it may have. */
  readonly limit: number;
  /** Where the page begins, as the page before it says; empty for the first. */
  readonly continueToken: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Reads one page of a list.
 * @throws ApiError (410 where the continue token is too old), NetworkError, DecodeError, DeadlineError; the signal's reason once it aborts
 */
export async function readPage(
  connection: Requester,
  { path, plural, codec }: Resource<unknown>,
  { limit, continueToken, clock, signal: outer }: PageOptions,
): Promise<Page> {
  return withDeadline(clock, outer, SILENCE_MS, async ({ signal, extend }) => {
    const { body } = await connection.request(path, {
      query: { limit, ...(continueToken === '' ? {} : { continue: continueToken }) },
      headers: { Accept: codec.acceptList },
      bodyTimeoutMs: 0,
      signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunksOf(body, signal)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > PAGE_LIMIT_BYTES) throw new DecodeError(`a page of ${limit} ${plural} is longer than ${PAGE_LIMIT_BYTES} bytes`);
      extend(SILENCE_MS);
    }
    return codec.decodePage(Buffer.concat(chunks));
  });
}
