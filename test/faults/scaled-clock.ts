import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/client/transport/clock.ts';

/** A clock that runs so many times faster than the machine's, so that minutes of backoff pass in seconds. Chance is fixed. */
export class ScaledClock implements Clock {
  readonly scale: number;
  readonly #chance: number;
  readonly #start = Date.now();
  readonly #zero = performance.now();

  constructor(scale: number, chance = 0.5) {
    this.scale = scale;
    this.#chance = chance;
  }

  now(): number {
    return this.#start + Math.floor((performance.now() - this.#zero) * this.scale);
  }

  time(): number {
    return this.now();
  }

  random(): number {
    return this.#chance;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await systemClock.sleep(ms / this.scale, signal);
  }
}
