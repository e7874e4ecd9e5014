import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '../../client/support/manual-clock.ts';

/** Nothing here needs so many sleeps at one time: whoever takes more does not sleep at all. */
const MOST_SLEEPS_AT_ONCE = 1_000;

/** A clock that stops until a test lets time pass, and catches loops that never wait. */
export class StrictClock extends ManualClock {
  /** How often anybody went to sleep. */
  sleeps = 0;
  #sleepsNow = 0;

  /** @param start milliseconds since the epoch */
  constructor(start: number) {
    super();
    super.advance(start - this.now());
  }

  override async sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps += 1;
    this.#sleepsNow += 1;
    if (this.#sleepsNow > MOST_SLEEPS_AT_ONCE) throw new Error('a loop sleeps again and again while no time passes');
    await super.sleep(ms, signal);
  }

  override advance(ms: number): void {
    this.#sleepsNow = 0;
    super.advance(ms);
  }

  /** Lets time pass, and whoever wakes on the way do what there is to do at that time. */
  async pass(ms: number): Promise<void> {
    const end = this.now() + ms;
    await settled();
    while (this.now() < end) {
      const next = Math.max(1, this.sleeping[0] ?? Infinity);
      this.advance(Math.min(next, end - this.now()));
      await settled();
    }
  }
}

/** Resolves once everybody has done what can be done without waiting for time or for the network. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}

/** Runs work on a machine on which every look at the time costs so many milliseconds: long work has to yield, however fast it is. */
export async function onSlowMachine<T>(msPerLook: number, work: () => Promise<T>): Promise<T> {
  const real = performance.now.bind(performance);
  let looks = 0;
  performance.now = () => {
    looks += 1;
    return real() + looks * msPerLook;
  };
  try {
    return await work();
  } finally {
    performance.now = real;
  }
}
