/** `npm run soak`: runs two replicas for long, and says whether they grow. `--help` lists the flags. The last line is one that CI adds up. */
import { writeFileSync } from 'node:fs';
import { grouped } from '../../bench/units.ts';
import { markdownTable } from '../../bench/table.ts';
import { elapsed } from '../control-plane/progress.ts';
import { compareQuarters } from './flatness.ts';
import { parseOptions } from './options.ts';
import { soak } from './soak.ts';

const HEADER = ['what', 'first quarter', 'last quarter', 'at most', ''] as const;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const started = Date.now();
  const progress = (line: string): void => {
    process.stderr.write(`${elapsed(Date.now() - started).padStart(6)}  ${line}\n`);
  };
  const soaked = await soak(options, progress);
  if (options.json !== undefined) {
    const results = { startedAt: new Date(started).toISOString(), node: process.version, options, ...soaked };
    writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  const comparisons = compareQuarters(soaked.samples);
  const body = comparisons.map(({ what, first, last, most, isFlat }) => [what, first, last, most, isFlat ? 'flat' : 'GROWS']);
  const { rounds, changes, requests, connections } = soaked;
  process.stdout.write(markdownTable(HEADER, body));
  process.stdout.write(
    `${rounds} rounds, each of which ended in the truth: ${grouped(changes)} changes, ${grouped(requests)} requests on ${grouped(connections)} connections\n`,
  );
  const failed = comparisons.filter(({ isFlat }) => !isFlat).length;
  // One more for the rounds: of one that does not end so nothing is said but that.
  process.stdout.write(`${comparisons.length - failed + 1} passed, ${failed} failed, 0 skipped\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
