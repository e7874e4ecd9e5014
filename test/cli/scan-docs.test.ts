import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { MOST_OBJECTS } from '../../src/sources/dump/dump-reader.ts';
import { DEEPEST_LEVEL, OBJECT_LIMIT_BYTES } from '../../src/sources/dump/json-documents.ts';
import { DEEPEST_LEVEL as DEEPEST_OF_YAML, MOST_LEXEMES, YAML_LIMIT_BYTES } from '../../src/sources/dump/yaml-documents.ts';
import { parse } from './parsed.ts';

const MIB = 1024 * 1024;

function textOf(file: string): string {
  return readFileSync(fromRoot(file), 'utf8');
}

/** What is typed after the name of the command, in blocks of code. */
function argumentsIn(text: string, command: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => [...block.matchAll(new RegExp(`${command} ?([^#>|\\n]*)`, 'g'))].map(([, args = '']) => args.trim()));
}

describe('the docs of scan', () => {
  for (const [file, command, least] of [
    ['docs/scan.md', 'dualstack-operator scan', 6],
    ['README.md', 'npm run --silent scan --', 2],
  ] as const) {
    it(`type what the command takes: ${file}`, () => {
      const typed = argumentsIn(textOf(file), command);
      expect(typed).to.have.length.at.least(least);
      for (const args of typed)
        expect(parse(['scan', ...args.split(' ').filter((arg) => arg !== '')]).scanOptions, args).not.to.equal(undefined);
    });
  }

  it('name the limits', () => {
    const page = textOf('docs/scan.md').replaceAll(/\s+/g, ' ');
    expect(page).to.contain(`| one object in JSON | ${OBJECT_LIMIT_BYTES / MIB} MiB, nested ${DEEPEST_LEVEL} levels deep |`);
    expect(page).to.contain(`| ${YAML_LIMIT_BYTES / MIB} MiB, ${MOST_LEXEMES / 1e6} million words and marks (`);
    expect(page).to.contain(`of what kubectl writes), ${DEEPEST_OF_YAML} levels |`);
    expect(page).to.contain(`| objects that are evaluated | ${MOST_OBJECTS.toLocaleString('en')} |`);
  });
});
