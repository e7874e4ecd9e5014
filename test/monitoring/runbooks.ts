import { readFileSync } from 'node:fs';
import { fromRoot } from '../../scripts/root.ts';

/** A section of docs/runbooks.md. */
export interface Runbook {
  readonly heading: string;
  readonly text: string;
  /** The commands that it shows, line by line. */
  readonly commands: readonly string[];
}

/** All sections of docs/runbooks.md, in their order. */
export function runbookSections(): readonly Runbook[] {
  const [, ...sections] = readFileSync(fromRoot('docs', 'runbooks.md'), 'utf8').split(/^## /m);
  return sections.map((section) => {
    const end = section.indexOf('\n');
    const blocks = [...section.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) => commands.trimEnd());
    return { heading: section.slice(0, end), text: section.slice(end).trim(), commands: blocks.flatMap((block) => block.split('\n')) };
  });
}

/** The sections that are about alerts. */
export function runbooks(): readonly Runbook[] {
  return runbookSections().filter(({ heading }) => heading.startsWith('DualStack'));
}
