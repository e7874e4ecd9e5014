import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/core/engine/finding.ts';
import type { DualStackReportStatus } from '../../src/core/report/types.ts';
import { Progress } from '../../src/cli/progress.ts';
import { evaluateOnce } from '../../src/cli/scan.ts';
import type { ScanOptions } from '../../src/cli/scan-options.ts';
import { scanText } from '../../src/outputs/text.ts';
import { differencesOf, readExpectation, writeExpectation, type Outcome } from './expectation.ts';

const EXPECTED = '.expected.yaml';
const CLUSTER = /\.(?:yaml|json)$/;

/** A file of the corpus that is not evaluated as expected. */
export interface Difference {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The names of the clusters in a folder. */
export function clustersIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => CLUSTER.test(file) && !file.endsWith(EXPECTED))
    .sort();
}

/** Evaluates one cluster of a folder, as `scan --filename` does, and compares it with what is expected. */
export async function compare(folder: string, file: string): Promise<Difference> {
  const name = file.replace(CLUSTER, '');
  const path = join(folder, `${name}${EXPECTED}`);
  if (!existsSync(path)) return { name, lines: [`- ${name}${EXPECTED}, which is not there`] };
  const expected = readExpectation(readFileSync(path, 'utf8'), `${name}${EXPECTED}`);
  return { name, lines: differencesOf(expected, await outcomeOf(join(folder, file))) };
}

/** Writes the headline that a cluster has now into what is expected of it; all else stays as a person wrote it. */
export async function updateHeadline(folder: string, file: string): Promise<void> {
  const path = join(folder, file.replace(CLUSTER, EXPECTED));
  const expected = readExpectation(readFileSync(path, 'utf8'), path);
  const { headline } = await outcomeOf(join(folder, file));
  if (headline !== expected.headline) writeFileSync(path, writeExpectation({ ...expected, headline }));
}

const OPTIONS: Omit<ScanOptions, 'filename'> = { timeout: 60_000, output: 'text', failOn: 'never', graceScale: 1, maxFindings: 1 };
const NO_TERMINAL = { isTTY: false, columns: 80, write: () => true };

/** What the report on a file says, where these families are expected. */
export async function outcomeOf(file: string, expected: Pick<ScanOptions, 'expectedFamilies'> = {}): Promise<Outcome> {
  const { result } = await evaluateOnce({ ...OPTIONS, ...expected, filename: [file] }, new Progress(NO_TERMINAL));
  const { status = {} } = result.report;
  const [headline = ''] = scanText(status, [], { width: Infinity, paint: (_style, text) => text }).split('\n');
  return { headline, rootCauses: result.rootCauses.map(causeOf), maxSeverity: worstOf(status) };
}

function causeOf({ check, object: { kind, namespace, name }, families }: Finding): Outcome['rootCauses'][number] {
  const object = kind === 'Cluster' ? kind : [kind, namespace, name].filter((part) => part !== '').join('/');
  return { check: check.name, object, families };
}

function worstOf({ summary }: DualStackReportStatus): string {
  const { critical = 0, warning = 0, info = 0 } = summary ?? {};
  if (critical > 0) return 'Critical';
  if (warning > 0) return 'Warning';
  return info > 0 ? 'Info' : 'None';
}
