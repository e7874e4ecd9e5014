/**
 * Runs scripts of package.json that test something, one after the other, whatever comes of each: `node scripts/suites.ts test test:cluster`.
 * The last line of each is "N passed, N failed" (and ", N skipped"), and so is the last one here. A skipped test counts as failed, and so
 * does a script that prints no such line, as where lint fails. Before the last line come what failed and the slowest files.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LAST_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const SLOWEST = 20;
const LONGEST_MESSAGE_LINES = 12;

/** What the reporter of mocha says of a run. */
interface Results {
  readonly files: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly title: string; readonly message: string }[];
  readonly skipped: readonly string[];
}

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Runs one script, shows all that it prints but its last line, and counts. */
async function run(name: string): Promise<Outcome> {
  const started = performance.now();
  console.log(`\n=== ${name}`);
  const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  let counts: RegExpExecArray | null = null;
  for await (const line of createInterface(child.stdout)) {
    counts = LAST_LINE.exec(line);
    console.log(line);
  }
  const code = await ended;
  const [passed = 0, failed = 0, skipped = 0] = (counts ?? []).slice(1).map((count: string | undefined) => Number(count ?? 0));
  const broken = failed + skipped === 0 && (counts === null || code !== 0) ? 1 : 0;
  return { name, passed, failed: failed + skipped + broken, seconds: Math.round((performance.now() - started) / 1000) };
}

function resultsIn(path: string): readonly Results[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Results);
}

function showFaults(results: readonly Results[], outcomes: readonly Outcome[]): void {
  if (outcomes.every(({ failed }) => failed === 0)) return;
  console.log('\nWhat failed:');
  for (const { name, failed } of outcomes) if (failed > 0) console.log(`- ${name}: ${failed}`);
  for (const { title, message } of results.flatMap(({ failed }) => failed)) {
    console.log(`- ${title}\n    ${message.split('\n').slice(0, LONGEST_MESSAGE_LINES).join('\n    ')}`);
  }
  for (const title of results.flatMap(({ skipped }) => skipped)) console.log(`- skipped: ${title}`);
}

function showSlowest(results: readonly Results[]): void {
  const files = results.flatMap(({ files }) => Object.entries(files));
  console.log('\nThe slowest files, in seconds:');
  for (const [file, ms] of files.sort(([, a], [, b]) => b - a).slice(0, SLOWEST)) {
    console.log(`${(ms / 1000).toFixed(1).padStart(7)}  ${file}`);
  }
}

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-suites-'));
  const path = join(folder, 'results.jsonl');
  const outer = process.env['TEST_RESULTS_FILE'];
  process.env['TEST_RESULTS_FILE'] = path;
  writeFileSync(path, '');
  const outcomes: Outcome[] = [];
  for (const name of names) outcomes.push(await run(name));
  const results = resultsIn(path);
  // Of suites within suites the outermost shows them.
  if (outer) writeFileSync(outer, readFileSync(path), { flag: 'a' });
  rmSync(folder, { recursive: true });
  if (!outer) {
    showSlowest(results);
    showFaults(results, outcomes);
  }
  console.log('');
  for (const { name, passed, failed, seconds } of outcomes) console.log(`${name}: ${passed} passed, ${failed} failed in ${seconds} s`);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`${sum(outcomes.map(({ passed }) => passed))} passed, ${failed} failed`);
}

await main(process.argv.slice(2));
