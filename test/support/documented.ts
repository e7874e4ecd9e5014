import { readFileSync } from 'node:fs';
import { fromRoot } from '../../scripts/root.ts';

/** The cells of the rows of the one table under a heading of `docs/reliability.md`, by the first cell of each. */
export function rowsUnder(heading: string): Readonly<Record<string, readonly string[]>> {
  const page = readFileSync(fromRoot('docs', 'reliability.md'), 'utf8');
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(rows.map(([, what = '', ...cells]) => [what, cells.slice(0, -1)]));
}
