import { parseArgs } from 'node:util';
import type { Target } from './target.ts';
import { shareOf, TARGETS } from './targets.ts';

const USAGE = `usage: npm run fuzz -- [--count NUMBER] [--seed NUMBER]
Passes corrupted bytes and texts to the parsers, and ends at the first wrong result, with its seed and the smallest case that shows it.

  --count NUMBER   how many cases to play (default: 1000000)
  --seed NUMBER    repeat the cases of an earlier run
  -h, --help       print this help`;

const AT_ONCE = 5000;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [count, firstSeed] = [Number(values.count), Number(values.seed ?? Date.now() % 2 ** 31)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(firstSeed)) throw new Error('--count and --seed take whole numbers');

const beginning = performance.now();
let done = 0;

function fuzz(target: Target): void {
  const seen = new Map<string, number>();
  const note = (outcome: string): void => {
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  };
  const runs = shareOf(target, count);
  for (let played = 0; played < runs; played += AT_ONCE) {
    const now = Math.min(AT_ONCE, runs - played);
    // A property that is played again with its seed would begin again.
    target.play(now, (firstSeed + played) % 2 ** 31, note);
    done += now;
    const { heapUsed } = process.memoryUsage();
    console.log(`${done} cases, ${seconds()} s, heap ${Math.round(heapUsed / 2 ** 20)} MiB`);
  }
  console.log(`${target.name}: ${runs} cases: ${[...seen].map(([outcome, times]) => `${outcome} ${times}`).join(', ')}`);
}

function seconds(): number {
  return Math.round((performance.now() - beginning) / 1000);
}

function fuzzAll(): void {
  console.log(`fuzzing ${count} cases from seed ${firstSeed}`);
  for (const target of TARGETS) fuzz(target);
  console.log(`${done} cases in ${seconds()} s, none came out wrong`);
}

if (values.help) console.log(USAGE);
else fuzzAll();
