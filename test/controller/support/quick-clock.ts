import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../../../src/core/clock.ts';

/** Longer than any wait before a retry here, and shorter than any deadline. */
const LONGEST_RETRY_MS = 20_000;

/** A clock for talking to a server on this machine: waits before retries are short, deadlines never pass. */
export const quickClock: Clock = {
  now: () => performance.now(),
  time: () => Date.now(),
  random: () => 0.5,
  sleep: async (ms, signal) => {
    const real = ms <= LONGEST_RETRY_MS ? Math.min(Math.max(ms, 0), 5) : 2 ** 31 - 1;
    await sleepFor(real, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  },
};
