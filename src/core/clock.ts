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

/** How long work shares the event loop with other work. Apart from the clock: a test that stops time does not stop work. */
export interface Pace {
  /** Milliseconds from any beginning, as they really pass. */
  elapsed(): number;
  /** Resolves once whatever else waits for the event loop has run. */
  turn(): Promise<void>;
}
