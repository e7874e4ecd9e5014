import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Pace } from '../../core/clock.ts';

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

export const systemPace: Pace = { elapsed: () => performance.now(), turn: nextTurn };
