import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ensureTools } from './install.ts';

describe('what tests of installing run', function () {
  this.timeout(600_000);
  let empty: string;

  before(() => {
    empty = mkdtempSync(join(tmpdir(), 'dualstack-tools-'));
  });

  after(() => {
    rmSync(empty, { recursive: true });
  });

  it('is there, and is found again without Go', async () => {
    const folder = await ensureTools();
    expect(readdirSync(folder)).to.have.members(['helm', 'glua', 'kube-score']);
    expect(await ensureTools({ env: { ...process.env, PATH: empty } })).to.equal(folder);
    const { stdout } = await promisify(execFile)(join(folder, 'helm'), ['version', '--short']);
    expect(stdout).to.match(/^v4\./);
  });

  it('asks for Go where it never was built', async () => {
    const error = await ensureTools({ env: { PATH: empty, DUALSTACK_CACHE_DIR: empty } }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(/^Error: Building helm, glua, kube-score needs Go 1\.\d+.*there is no go command on the PATH/);
    expect(readdirSync(join(empty, 'dualstack-operator'))).to.deep.equal([]);
  });
});
