import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';

/** Of each row of the table, in its order: the folder, and those that it imports from. */
const ROWS = [...readFileSync(fromRoot('docs', 'architecture.md'), 'utf8').matchAll(/^\| `(src\/[\w/]+)` +\|.*\|(.*)\|$/gm)].map(
  ([, folder = '', imports = '']) => [folder, [...imports.matchAll(/`(src\/[\w/]+)`/g)].map(([, from = '']) => from)] as const,
);

const FILES = globSync('src/**/*.ts', { cwd: fromRoot('.') }).map((file) => file.replaceAll('\\', '/'));

function specifiersOf(file: string): readonly string[] {
  const text = readFileSync(fromRoot(file), 'utf8');
  return [...text.matchAll(/(?:from |import |import\()'([^']+)'/g)].map(([, specifier = '']) => specifier);
}

/** The folder of the table that a file is in: the one with the longest name. */
function folderOf(file: string): string {
  const holders = ROWS.map(([folder]) => folder).filter((folder) => file.startsWith(`${folder}/`));
  return holders.sort((one, other) => other.length - one.length)[0] ?? posix.dirname(file);
}

/** The other folders of the table that the files of one import from. */
function importsOf(folder: string): readonly string[] {
  const imported = FILES.filter((file) => folderOf(file) === folder).flatMap((file) =>
    specifiersOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => folderOf(posix.join(posix.dirname(file), specifier))),
  );
  return [...new Set(imported)].filter((other) => other !== folder && other.startsWith('src/'));
}

function packagesOf(folder: string): ReadonlySet<string> {
  const files = FILES.filter((file) => file.startsWith(`${folder}/`));
  return new Set(files.flatMap(specifiersOf).filter((specifier) => !specifier.startsWith('.')));
}

describe('docs/architecture.md', () => {
  it('has a row for every folder of src', () => {
    const folders = new Set(FILES.map(folderOf));
    folders.delete('src');
    expect(ROWS.map(([folder]) => folder)).to.have.members([...folders]);
  });

  for (const [index, [folder, imports]] of ROWS.entries()) {
    it(`says what ${folder} imports, and that all of it is further down`, () => {
      expect(importsOf(folder)).to.have.members(imports);
      expect(ROWS.slice(index + 1).map(([below]) => below)).to.include.members(imports);
    });
  }

  it('is right that src/core is pure: it imports only packages that are pure too', () => {
    expect(packagesOf('src/core')).to.deep.equal(new Set(['ipaddr.js', 'tinyqueue']));
  });

  it('is right that dumps need no API server', () => {
    const specifiers = FILES.filter((file) => file.startsWith('src/sources/dump/')).flatMap(specifiersOf);
    expect(specifiers.filter((specifier) => /^(?:undici|@kubernetes\/.*)$|\/connection\.ts$/.test(specifier))).to.deep.equal([]);
  });
});
