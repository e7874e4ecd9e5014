import { readFileSync } from 'node:fs';
import { CHECKS } from '../src/core/checks/index.ts';
import { CRD_PATH } from './report-types.ts';
import { fromRoot } from './root.ts';

const NAMES_A_LINE = 4;

/**
 * The definition of DualStackReport, with the names of all checks in those of its rules that list them. All else of it is written by hand, so that it is made of
 * itself.
 */
export function definitionFile(): string {
  const present = readFileSync(fromRoot(CRD_PATH), 'utf8');
  return present.replaceAll(
    /^( *)(.*check in )\[[^\]]*\]/gm,
    (_, indent: string, before: string) => `${indent}${before}[${names(`,\n${indent}`)}]`,
  );
}

function names(newLine: string): string {
  const sorted = CHECKS.map(({ name }) => `'${name}'`).sort();
  const starts = [...sorted.keys()].filter((index) => index % NAMES_A_LINE === 0);
  return starts.map((start) => sorted.slice(start, start + NAMES_A_LINE).join(', ')).join(newLine);
}
