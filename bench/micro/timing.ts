import { Bench } from 'tinybench';

/** How long one run of something takes, in milliseconds. */
export interface Timing {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly runs: number;
}

const TIME_MS = 1_000;
const WARM_UP_MS = 300;

/** Times pieces of work by their names, one after the other. @throws what a piece of work throws */
export async function timed<N extends string>(work: Readonly<Record<N, () => void>>): Promise<Readonly<Record<N, Timing>>> {
  globalThis.gc?.();
  const bench = new Bench({ time: TIME_MS, warmupTime: WARM_UP_MS, throws: true });
  for (const [name, run] of Object.entries<() => void>(work)) bench.add(name, run);
  const tasks = await bench.run();
  return Object.fromEntries(
    tasks.map(({ name, result }) => {
      if (result.state !== 'completed') throw new Error(`${name} was not timed: ${result.state}`);
      const { p50, p99, samplesCount } = result.latency;
      return [name, { medianMs: p50, p99Ms: p99, runs: samplesCount }];
    }),
  ) as Record<N, Timing>;
}
