import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import packageJson from '../../package.json' with { type: 'json' };
import { bundle, BUNDLE_NAME } from '../../scripts/bundle.ts';

const run = promisify(execFile);

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

  it('does not hold the whole Kubernetes client', () => {
    expect(size).to.be.within(1e6, 5e6);
  });
});
