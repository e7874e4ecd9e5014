import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { Operator } from '../operator.ts';
import { outcomeOn, type Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';
import { kilobytes, milliseconds } from '../units.ts';

/** Enough for a 99th percentile that is not just the slowest: the first one, before its code is compiled, is distinguished. */
const SCRAPES = 200;
const PAUSE_MS = 40;
const MOST_MS = 50;
const MOST_BYTES = 500e3;

/** How long a scrape takes whoever asks for it, and how much comes. */
export async function measureScrape({ options: { size } }: Bench, operator: Operator): Promise<readonly Row[]> {
  const tookMs: number[] = [];
  let bytes = 0;
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const started = performance.now();
    bytes = Buffer.byteLength(await operator.metrics());
    tookMs.push(performance.now() - started);
    await sleep(PAUSE_MS);
  }
  const p99 = quantile(tookMs, 0.99);
  const [firstMs = NaN] = tookMs;
  return [
    {
      id: 'scrape',
      what: 'scrape',
      measured: `p99 ${milliseconds(p99)}, median ${milliseconds(median(tookMs))}, first ${milliseconds(firstMs)}, ${kilobytes(bytes)}`,
      goal: 'under 50 ms and 500 kB at 150,000 pods, 200 namespaces',
      outcome: outcomeOn(p99 < MOST_MS && bytes < MOST_BYTES, size.pods >= 150_000 && size.namespaces >= 200),
      figures: { p99Ms: p99, firstMs, medianMs: median(tookMs), bytes, scrapes: SCRAPES },
    },
  ];
}
