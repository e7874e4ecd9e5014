import { globSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';

/** Of each row of the table: the folder, and those that it imports from. */
const ROWS = [...readFileSync(fromRoot('docs', 'architecture.md'), 'utf8').matchAll(/^\| `src\/(\w+)` +\|.*\|(.*)\|$/gm)].map(
  ([, folder = '', imports = '']) => [folder, [...imports.matchAll(/`src\/(\w+)`/g)].map(([, from = '']) => from)] as const,
);

/** Everything that the files of a folder of src/ import. */
function specifiersIn(folder: string): readonly string[] {
  const texts = globSync(fromRoot('src', folder, '**', '*.ts')).map((file) => readFileSync(file, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/(?:from |import |import\()'([^']+)'/g)].map(([, specifier = '']) => specifier));
}

/** The other folders of src/ that the files of one import from. */
function importsOf(folder: string): readonly string[] {
  const folders = specifiersIn(folder).flatMap((specifier) => /^(?:\.\.\/)+(\w+)\//.exec(specifier)?.[1] ?? []);
  return readdirSync(fromRoot('src')).filter((other) => other !== folder && folders.includes(other));
}

describe('docs/architecture.md', () => {
  it('names every folder of src/', () => {
    const folders = readdirSync(fromRoot('src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(ROWS.map(([folder]) => folder)).to.have.members(folders.map(({ name }) => name));
  });

  for (const [folder, imports] of ROWS) {
    it(`says what src/${folder} imports`, () => {
      expect(importsOf(folder)).to.have.members(imports);
    });
  }

  it('is right that src/core is pure: it imports only itself and packages that are pure too', () => {
    const outside = specifiersIn('core').filter((specifier) => !specifier.startsWith('.'));
    expect(new Set(outside)).to.deep.equal(new Set(['ipaddr.js', 'tinyqueue']));
  });

  it('is right that src/dump needs no API server', () => {
    const specifiers = specifiersIn('dump');
    expect(specifiers.filter((specifier) => /^(?:undici|@kubernetes\/.*)$|\/connection\.ts$/.test(specifier))).to.deep.equal([]);
    expect(specifiers).to.include('../kubernetes/resources.ts');
  });
});
