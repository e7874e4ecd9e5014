import { setImmediate as yieldToOthers } from 'node:timers/promises';

/** The event loop is held no longer than this at a time, in milliseconds. */
const LONGEST_STEP_MS = 10;

/**
 * Runs a generator to its end, and lets others run between its steps whenever these have taken long enough.
 * @returns what it returns
 */
export async function inShortSteps<T>(steps: Generator<void, T>): Promise<T> {
  let start = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (performance.now() - start < LONGEST_STEP_MS) continue;
    await yieldToOthers();
    start = performance.now();
  }
}
