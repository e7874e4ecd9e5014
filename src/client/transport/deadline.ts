import type { Clock } from '../../core/clock.ts';

/** A deadline has passed that was not put off in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** What work has to do with its deadline. */
export interface Deadline {
  /** Aborts when the deadline passes, with a DeadlineError for its reason, or when the outer signal does. */
  readonly signal: AbortSignal;
  /** Puts the deadline off to `ms` milliseconds from now. */
  readonly extend: (ms: number) => void;
}

/**
 * Does work that must show signs of life.
 * @param ms until the first deadline
 * @param work ends soon after its signal aborts
 * @returns what the work gives, or its error, once nothing is left running
 */
export async function withDeadline<T>(clock: Clock, outer: AbortSignal, ms: number, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const passed = new AbortController();
  const done = new AbortController();
  let at = clock.now() + ms;
  const guard = async (): Promise<void> => {
    while (!done.signal.aborted) {
      const left = at - clock.now();
      if (left <= 0) {
        passed.abort(new DeadlineError('no response in time'));
        return;
      }
      await clock.sleep(left, done.signal);
    }
  };
  const guarding = guard();
  try {
    return await work({
      signal: AbortSignal.any([outer, passed.signal]),
      extend: (more) => {
        at = clock.now() + more;
      },
    });
  } finally {
    done.abort();
    await guarding;
  }
}
