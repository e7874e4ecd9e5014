import { median } from '../../bench/statistics.ts';
import { megabytes } from '../../bench/units.ts';
import type { Sample } from './sample.ts';

/** What one measure of one replica was in the first and in the last quarter of the samples. */
export interface Comparison {
  readonly what: string;
  readonly first: string;
  readonly last: string;
  /** What the last one may be. */
  readonly most: string;
  readonly isFlat: boolean;
}

interface Measure {
  readonly what: string;
  readonly of: (sample: Sample) => number;
  /** The number of a quarter: what is measured too high now and then is taken in its middle, what has to be given back at its height. */
  readonly typical: (numbers: readonly number[]) => number;
  /** By how much the last quarter may be above the first. */
  readonly allowance: number;
  readonly words: (number: number) => string;
}

const MOST_HEAP_GROWTH = 2e6;
/** V8 and the allocator keep what they may need again. */
const MOST_RESIDENT_GROWTH = 20e6;
/** A pool keeps a connection or two for a while, and the leader has other work than its follower. */
const MOST_MORE = 2;

const highest = (numbers: readonly number[]): number => Math.max(...numbers);
const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);

const memory = (what: string, allowance: number, of: Measure['of']): Measure => ({
  what,
  of,
  typical: median,
  allowance,
  words: megabytesExactly,
});
const count = (what: string, of: Measure['of']): Measure => ({ what, of, typical: highest, allowance: MOST_MORE, words: String });

const MEASURES: readonly Measure[] = [
  memory('live heap', MOST_HEAP_GROWTH, ({ heapBytes }) => heapBytes),
  memory('resident memory', MOST_RESIDENT_GROWTH, ({ residentBytes }) => residentBytes),
  count('sockets', ({ descriptors }) => descriptors['socket'] ?? 0),
  count('other open files', ({ descriptors }) => sumOf(descriptors) - (descriptors['socket'] ?? 0)),
  count('handles', ({ handles }) => sumOf(handles)),
  count('timers', ({ resources }) => resources['Timeout'] ?? 0),
];

/**
 * Compares the last quarter of the samples of each replica with the first. Those of the first third of the run are skipped: code that was never
 * needed before is compiled then, which takes memory for good.
 * @throws Error where there are none
 */
export function compareQuarters(samples: readonly Sample[]): readonly Comparison[] {
  const replicas = [...new Set(samples.map(({ replica }) => replica))];
  if (replicas.length === 0) throw new Error('nothing was measured');
  return replicas.flatMap((replica) => {
    const own = samples.filter((sample) => sample.replica === replica);
    const warm = own.slice(Math.floor(own.length / 3));
    return MEASURES.map((measure) => compare(measure, replica, warm));
  });
}

function compare({ what, of, typical, allowance, words }: Measure, replica: number, samples: readonly Sample[]): Comparison {
  const quarter = Math.ceil(samples.length / 4);
  const first = typical(samples.slice(0, quarter).map(of));
  const last = typical(samples.slice(-quarter).map(of));
  const most = first + allowance;
  return { what: `replica ${replica}: ${what}`, first: words(first), last: words(last), most: words(most), isFlat: last <= most };
}

function megabytesExactly(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : megabytes(bytes);
}
