import { inspect } from 'node:util';

/** How long to wait, and how often to look, in milliseconds. */
export interface Patience {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
}

/**
 * For what follows an outage of the API server, or a definition that was gone: within a minute of another, or of a start, a kind may wait for half a
 * minute, and for as long again where it is refused then.
 */
export const AFTER_OUTAGE = { deadlineMs: 75_000 } as const satisfies Patience;

/** Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Falsy = undefined | null | false | 0 | '';
type Attempt<T> = { readonly value: T } | { readonly error: unknown } | 'unanswered';

/**
 * Calls `condition` until it gives something truthy, and returns that.
 * An exception counts as "not yet".
 *
 * @param what what is being waited for, as it should read after "gave up waiting for"
 * @param condition may be synchronous or not; one that never settles does not outlive the deadline
 * @throws Error naming `what` and the last value or exception seen, once `deadlineMs` (30,000 by default) have passed
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Falsy | Promise<T | Falsy>,
  { deadlineMs = 30_000, everyMs = 100 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let last: Attempt<T | Falsy> = 'unanswered';
  do {
    const now = await attempt(condition, deadline - performance.now());
    if (now !== 'unanswered') last = now;
    if (typeof last === 'object' && 'value' in last && last.value) return last.value;
    await pause(Math.min(everyMs, deadline - performance.now()));
  } while (performance.now() < deadline);
  throw new Error(`gave up waiting for ${what} after ${deadlineMs / 1000} s; ${describe(last)}`, {
    cause: typeof last === 'object' && 'error' in last ? last.error : undefined,
  });
}

async function attempt<T>(condition: () => T | Promise<T>, withinMs: number): Promise<Attempt<T>> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      (async () => ({ value: await condition() }))(),
      pause(withinMs, timer.signal).then(() => 'unanswered' as const),
    ]);
  } catch (error) {
    return { error };
  } finally {
    timer.abort();
  }
}

/** Resolves after `ms`; an abort only lets go of the timer, it does not reject. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, Math.min(ms, LONGEST_TIMER_MS)));
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
}

function describe(last: Attempt<unknown>): string {
  if (last === 'unanswered') return 'the condition never answered';
  if ('value' in last) return `last value: ${inspect(last.value, { depth: 6, breakLength: Infinity })}`;
  return `last error: ${last.error instanceof Error ? last.error.message : inspect(last.error)}`;
}
