import { readFileSync } from 'node:fs';
import { fromRoot } from '../../scripts/root.ts';

/**
 * The blocks of shell under a heading of the second rank, such as `Install` of `README.md`: each a list of command lines, with those joined that go on
 * after a backslash.
 * @throws Error where there is no such heading, or no shell under it
 */
export function documentedCommands(page: string, heading: string): readonly (readonly string[])[] {
  const section = readFileSync(fromRoot(page), 'utf8')
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`));
  const blocks = [...(section ?? '').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) =>
    block.replaceAll('\\\n', ' ').trim().split('\n'),
  );
  if (blocks.length === 0) throw new Error(`${page} has no shell under ${heading}`);
  return blocks;
}
