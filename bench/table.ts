import type { Row, Outcome } from './row.ts';

const WORDS: Readonly<Record<Outcome, string>> = { met: 'met', missed: 'MISSED', notMeasured: '–' };
const HEADER = ['what', 'measured', 'goal', ''] as const;

/** The rows as a table in Markdown, so that it can be pasted as it is. */
export function tableOf(rows: readonly Row[]): string {
  return markdownTable(
    HEADER,
    rows.map(({ what, measured, goal, outcome }) => [what, measured, goal, WORDS[outcome]]),
  );
}

/** A table in Markdown, with columns as wide as what is in them. */
export function markdownTable(header: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [header, ...body];
  const widths = header.map((_, column) => Math.max(3, ...lines.map((cells) => (cells[column] ?? '').length)));
  const format = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |\n`;
  const [first = '', ...rest] = lines.map(format);
  return [first, format(widths.map((width) => '-'.repeat(width))), ...rest].join('');
}
