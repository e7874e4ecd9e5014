import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time and chance as they are passed in, so that tests need neither wait nor hope. */
export interface Clock {
  /** Milliseconds from any beginning: for all that lasts or waits. It never jumps, as the time of day does when it is set. */
  now(): number;
  /** The time of day, in milliseconds since the epoch: for what is written, and for what is compared with the times of objects. */
  time(): number;
  /** At least 0 and less than 1. */
  random(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  time: () => Date.now(),
  random: () => Math.random(),
  sleep: async (ms, signal) => {
    try {
      await sleepFor(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
