/** With chance at one half, in milliseconds, as docs/reliability.md has it: at first, and at most. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [400, 15_000];
/** Retry-After of a second, and half of one more. */
const RETRY_AFTER_PAUSE = 1_500;
/** Pauses start afresh after a watch that held for so long, and once before that. */
const HEALTHY = 60_000;
/**
 * Some requests follow at once: a watch after a list in pages, pages after a refused stream, a watch after the server was asked for its
 * resourceVersion.
 */
const AT_ONCE = 3;
/** Of a report, however often it changes: 5 s after each write, and with tries that fail between them (after 1, 2, 4 … s) 3 in 8 s at most. */
const WRITES_PER_MS = 3 / 8_000;

/**
 * The most requests there may be to list and watch one kind.
 * @param ms within so many milliseconds
 * @param isPutOff whether some were answered with a Retry-After of a second
 */
export function mostReads(ms: number, isPutOff: boolean): number {
  const series = Math.ceil(2 * (1 + ms / HEALTHY));
  return AT_ONCE * (series * triesWithin(ms / series) + (isPutOff ? ms / RETRY_AFTER_PAUSE : 0));
}

/** The most writes of the status of one report, beside those at once: when it is first evaluated, has another spec, or is listed again. */
export function mostWrites(ms: number): number {
  return 4 + ms * WRITES_PER_MS;
}

/** How many tries there may be in a row: the one after a watch that ended, and those after pauses that grow. */
function triesWithin(ms: number): number {
  let [tries, pause, left] = [2, FIRST_PAUSE, ms];
  while (left >= pause) {
    left -= pause;
    tries += 1;
    pause = Math.min(LONGEST_PAUSE, 2 * pause);
  }
  return tries;
}
