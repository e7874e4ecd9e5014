import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import packageJson from '../../package.json' with { type: 'json' };
import { bundle, BUNDLE_NAME } from '../../scripts/bundle.ts';
import { fromRoot } from '../../scripts/root.ts';

const run = promisify(execFile);

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Packages that the program imports itself. */
const DIRECT = Object.keys(packageJson.dependencies);

describe('the bundle', () => {
  let folder: string;
  let size: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dualstack-bundle-'));
    size = await bundle(join(import.meta.dirname, 'bundle-entry.ts'), join(folder, 'dist'));
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  it('runs where there is no node_modules, with all the libraries that the operator needs, and warns of nothing', async () => {
    const { stdout, stderr } = await run(process.execPath, [join(folder, 'dist', BUNDLE_NAME)], { cwd: folder });
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.include({
      version: packageJson.version,
      client: 'function',
      api: 'function',
      count: 42,
      long: 'function',
      metrics: true,
    });
  });

  it('comes with the license of each package in it, all of which are of production', async () => {
    const lock = JSON.parse(await readFile(fromRoot('package-lock.json'), 'utf8')) as { readonly packages: Record<string, Locked> };
    const production = Object.entries(lock.packages).filter(([, { dev }]) => !dev);
    const known = production.map(([path, { version, license = '' }]) => `${path.replace(/.*node_modules\//, '')} ${version} (${license})`);
    await bundle(fromRoot('src', 'main.ts'), join(folder, 'main'));
    const legal = await readFile(join(folder, 'main', `${BUNDLE_NAME}.LEGAL.txt`), 'utf8');
    const listed = [...legal.matchAll(/^=== (.*)$/gm)].map(([, heading]) => heading!);
    expect(known).to.include.members(listed);
    expect(listed.map((heading) => heading.split(' ')[0])).to.include.members(DIRECT);
    const [, ...texts] = legal.split(/^(?:=== .*\n)+/m);
    expect(texts).to.have.length.above(30);
    for (const text of texts) expect(text).to.match(/copyright|public domain/i);
  });

  it('is ASCII, since V8 keeps other text in two bytes a character, which is 4 MB more', async () => {
    await bundle(fromRoot('src', 'main.ts'), join(folder, 'text'));
    const text = await readFile(join(folder, 'text', BUNDLE_NAME), 'utf8');
    expect(text.match(/[^\0-\x7f]/g)).to.equal(null);
  });

  it('does not hold the whole Kubernetes client', () => {
    expect(size).to.be.within(1e6, 5e6);
  });
});
