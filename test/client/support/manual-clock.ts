import type { Clock } from '../../../src/core/clock.ts';

/** A clock that stops until a test moves it on, and of which the time of day can be set. */
export class ManualClock implements Clock {
  chance = 0.5;
  #now = Date.UTC(2026, 0, 1);
  #ahead = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  time(): number {
    return this.#now + this.#ahead;
  }

  /** Sets the time of day so much forward, or back. */
  set(ms: number): void {
    this.#ahead += ms;
  }

  random(): number {
    return this.chance;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    const sleeper = { until: this.#now + ms, wake };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    this.#sleepers.delete(sleeper);
  }

  /** How many milliseconds the sleepers have left, the shortest first. */
  get sleeping(): readonly number[] {
    return [...this.#sleepers].map(({ until }) => until - this.#now).sort((a, b) => a - b);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
  }
}
