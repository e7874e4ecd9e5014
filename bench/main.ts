/** `npm run bench`: measures the bundled operator on a real control plane of this machine. `--help` lists the flags. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseOptions, type BenchOptions } from './options.ts';
import type { Row } from './row.ts';
import { runBench } from './run.ts';
import { tableOf } from './table.ts';
import { elapsed } from '../test/control-plane/progress.ts';

/** What a JSON file of results holds. */
interface Results {
  readonly startedAt: string;
  readonly node: string;
  readonly cores: number;
  /** The load of the machine in the minute before: above 0, others took part of it. */
  readonly loadBefore: number;
  readonly options: BenchOptions;
  readonly rows: readonly Row[];
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const started = Date.now();
  const progress = (line: string): void => {
    process.stderr.write(`${elapsed(Date.now() - started).padStart(6)}  ${line}\n`);
  };
  const [loadBefore = NaN] = loadavg();
  const rows = await runBench(options, progress);
  progress('done');
  process.stdout.write(tableOf(rows));
  if (options.json === undefined) return 0;
  const results: Results = {
    startedAt: new Date(started).toISOString(),
    node: process.version,
    cores: availableParallelism(),
    loadBefore,
    options,
    rows,
  };
  writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
