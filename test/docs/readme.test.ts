import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { runProgram } from '../../src/cli/program.ts';
import { printed } from '../cli/printed.ts';

const README = readFileSync(fromRoot('README.md'), 'utf8');
const [, ARGUMENTS = '', PICTURE = ''] = /^\$ npm run --silent scan -- ?(.*)\n([^]*?)^```$/m.exec(README) ?? [];

/** The parts of a text between lines that are only `…`. */
function shownParts(text: string): readonly string[] {
  return text
    .split(/^…\n/m)
    .map(flowing)
    .filter((part) => part !== '');
}

/** Without what depends on the terminal: where lines break, and colors. */
function flowing(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').trim();
}

describe('README.md', () => {
  it('shows what scan prints of the cluster of the demo, in its order', async () => {
    const args = ARGUMENTS.split(' ').map((arg) => (arg.startsWith('demo/') ? fromRoot(arg) : arg));
    const { output } = await printed(() => runProgram(['scan', ...args]));
    const parts = shownParts(PICTURE);
    const places = parts.map((part) => flowing(output).indexOf(part));
    for (const [index, place] of places.entries()) expect(place, parts[index]).to.be.above(places[index - 1] ?? -1);
    expect(parts).to.have.length.above(1);
  });
});
