import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';

const HEADINGS = [...readFileSync(fromRoot('docs', 'rules.md'), 'utf8').matchAll(/^### ([\w-]+)$/gm)].map(([, name = '']) => name);

/** The rules that the source cites: `rules.md#skipped-nodes`, and those that follow in the same place: `, #windows-overlay`. */
function citedIn(text: string): string[] {
  return [...text.matchAll(/rules\.md#[\w-]+(?:, #[\w-]+)*/g)].flatMap(([cited]) =>
    [...cited.matchAll(/#([\w-]+)/g)].map(([, name = '']) => name),
  );
}

describe('docs/rules.md', () => {
  const cited = new Set(globSync('src/**/*.ts', { cwd: fromRoot('.') }).flatMap((file) => citedIn(readFileSync(fromRoot(file), 'utf8'))));

  it('has a heading for each rule that the source cites', () => {
    expect(HEADINGS).to.include.members([...cited]);
  });

  it('has no heading that nothing cites', () => {
    expect(HEADINGS.filter((name) => !cited.has(name))).to.deep.equal([]);
  });

  it('says where each rule is written', () => {
    for (const name of HEADINGS)
      expect(sectionOf(name), name).to.match(/k\/k#\d+|KEP-\d+|[\w-]+\/[\w.-]+#\d+|documentation|validation|observed/i);
  });
});

/** A heading with its text, up to the next heading. */
function sectionOf(name: string): string {
  const text = readFileSync(fromRoot('docs', 'rules.md'), 'utf8');
  const [section = ''] = text.slice(text.indexOf(`### ${name}\n`)).split(/\n##+ /);
  return section;
}
