import type { Clock } from '../../core/clock.ts';
import type { Requester } from '../../client/transport/connection.ts';
import { bytesOf } from '../../client/transport/connection.ts';
import { DecodeError } from '../../client/wire/errors.ts';
import type { Resource } from '../resources.ts';
import type { Page } from '../../client/wire/codec.ts';
import { withDeadline } from '../../client/transport/deadline.ts';

/** client-go's page size. */
export const PAGE_SIZE = 500;
/**
 * A page is held as a whole, twice while it is put together, and decoded; several kinds are listed at a time, in 512 MiB. 500 Pods have 5 to
 * 10 MiB, and one object has no more than etcd takes, 1.5 MiB.
 */
export const PAGE_LIMIT_BYTES = 16 * 1024 * 1024;
const SHRINK = 5;
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

/** A page has more bytes than there is room for. */
export class PageTooLongError extends DecodeError {}

/** How many objects to ask for where so many have too many bytes; 0 where that was one. */
export function smallerThan(limit: number): number {
  return limit <= 1 ? 0 : Math.max(1, Math.floor(limit / SHRINK));
}

/**
 * Reads a list in pages.
 * @throws as `readPage`
 */
export async function* pagesOf<T>(
  connection: Requester,
  resource: Resource<T>,
  options: Pick<PageOptions, 'clock' | 'signal'>,
): AsyncGenerator<Page, void> {
  let next = { limit: PAGE_SIZE, continueToken: '' };
  do {
    const page = await readPageThatFits(connection, resource, { ...options, ...next });
    yield page;
    next = { limit: page.limit, continueToken: page.continueToken };
  } while (next.continueToken !== '');
}

/**
 * Reads a page of a list, of fewer objects where it is too long otherwise.
 * @returns the page, and how many objects the next one may have
 * @throws as `readPage`
 */
async function readPageThatFits<T>(
  connection: Requester,
  resource: Resource<T>,
  options: PageOptions,
): Promise<Page & { readonly limit: number }> {
  const { limit } = options;
  try {
    return { ...(await readPage(connection, resource, options)), limit };
  } catch (error) {
    const smaller = smallerThan(limit);
    if (!(error instanceof PageTooLongError) || smaller === 0) throw error;
    return readPageThatFits(connection, resource, { ...options, limit: smaller });
  }
}

/**
 * Reads one page of a list.
 * @throws PageTooLongError, a DecodeError, after which a page of fewer objects may be requested; ApiError (410 where the continue token is too old), NetworkError, DecodeError, DeadlineError; the signal's reason once it aborts
 */
export async function readPage(
  connection: Requester,
  { path, plural, selectors, codec }: Resource<unknown>,
  { limit, continueToken, clock, signal: outer }: PageOptions,
): Promise<Page> {
  return withDeadline(clock, outer, SILENCE_MS, async ({ signal, extend }) => {
    const { body } = await connection.request(path, {
      query: { limit, ...selectors, ...(continueToken === '' ? {} : { continue: continueToken }) },
      headers: { Accept: codec.acceptList },
      bodyTimeoutMs: 0,
      signal,
    });
    const tooLong = (): Error => new PageTooLongError(`a page of ${limit} ${plural} is larger than ${PAGE_LIMIT_BYTES} bytes`);
    const bytes = await bytesOf(body, PAGE_LIMIT_BYTES, tooLong, () => {
      extend(SILENCE_MS);
    });
    return codec.decodePage(bytes);
  });
}
