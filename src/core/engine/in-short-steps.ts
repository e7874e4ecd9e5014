import type { Pace } from '../clock.ts';

/** The event loop is held no longer than this at a time, in milliseconds. */
const LONGEST_STEP_MS = 10;

/**
 * Runs a generator to its end, and lets others run between its steps whenever these have taken long enough.
 * @returns what it returns
 */
export async function inShortSteps<T>(steps: Generator<void, T>, pace: Pace): Promise<T> {
  let start = pace.elapsed();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (pace.elapsed() - start < LONGEST_STEP_MS) continue;
    await pace.turn();
    start = pace.elapsed();
  }
}

/** Runs a generator to its end without a pause, and returns what it returns. */
export function inOneStep<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
