/**
 * Fuzzes for long: `npm run fuzz -- --count 1000000 [--seed 1]`. Says how far it is, and ends at the first case that comes out wrong, with the
 * smallest such case and the seed that leads to it.
 */
import { parseArgs } from 'node:util';
import type { Target } from './target.ts';
import { shareOf, TARGETS } from './targets.ts';

const AT_ONCE = 5000;

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string' } } });
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

console.log(`fuzzing ${count} cases from seed ${firstSeed}`);
for (const target of TARGETS) fuzz(target);
console.log(`${done} cases in ${seconds()} s, none came out wrong`);
