import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { anchorsIn, linksIn } from '../support/markdown.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'charts/*/*.md'], { cwd: fromRoot('.') });
/** A file or folder of the repository, named in code; one that somebody is to write is called `my-…`. */
const PATHS = /`((?:\.ci|bench|charts|crds|demo|docs|manifests|monitoring|scripts|src|test)\/[\w./-]*[\w/])`/g;

function textOf(page: string): string {
  return readFileSync(fromRoot(page), 'utf8');
}

/** The relative links of a page: the file that each leads to, from the root, and the anchor in it. */
function targetsOf(page: string): readonly { readonly link: string; readonly file: string; readonly anchor: string | undefined }[] {
  const relatives = linksIn(textOf(page)).filter((link) => !/^https?:/.test(link));
  return relatives.map((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : relative(fromRoot('.'), join(dirname(fromRoot(page)), path));
    return { link, file, anchor };
  });
}

describe('the pages', () => {
  for (const page of PAGES) {
    it(`lead from ${page} to what is there`, () => {
      for (const { link, file, anchor } of targetsOf(page)) {
        expect(existsSync(fromRoot(file)), link).to.equal(true);
        if (anchor !== undefined) expect([...anchorsIn(textOf(file))], link).to.include(anchor);
      }
    });

    it(`name in ${page} files that are there`, () => {
      const named = [...textOf(page).matchAll(PATHS)].map(([, path = '']) => path).filter((path) => !path.includes('/my-'));
      expect(named.filter((path) => !existsSync(fromRoot(path)))).to.deep.equal([]);
    });
  }

  it('can all be reached from README.md', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) for (const { file } of targetsOf(page)) if (file.endsWith('.md')) reached.add(file);
    const all = readdirSync(fromRoot('docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`);
    expect(all.filter((page) => !reached.has(page))).to.deep.equal([]);
  });
});
