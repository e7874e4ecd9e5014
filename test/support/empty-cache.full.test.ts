import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { ensureParts } from '../image/parts.ts';

const MINUTE_MS = 60_000;
const LONGEST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** As on a machine on which nothing was built yet; Go's and npm's own caches are kept. */
describe('from an empty DUALSTACK_CACHE_DIR', function () {
  this.timeout(20 * MINUTE_MS);
  let cache: string;
  let env: NodeJS.ProcessEnv;

  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'dualstack-empty-cache-'));
    env = { ...process.env, DUALSTACK_CACHE_DIR: cache, NO_COLOR: '1', PROMETHEUS_DIR: '', CHROMIUM: '' };
  });

  after(() => {
    rmSync(cache, { recursive: true });
  });

  async function run(program: string, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return promisify(execFile)(program, args, { cwd: fromRoot('.'), env, maxBuffer: LONGEST_OUTPUT_BYTES });
  }

  /** Runs a script of package.json, and gives the last line that it prints. */
  async function built(script: string): Promise<string> {
    const { stdout } = await run('npm', 'run', '--silent', script);
    return stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  // The first one that uses the control plane builds it.
  it('the demo shows the recorded cluster, builds the control plane, and shows the cluster itself', async () => {
    expect(readdirSync(cache)).to.deep.equal([]);
    const { stdout } = await run('npm', 'run', '--silent', 'demo', '--', '--exit');
    const [recorded = '', live = ''] = stdout.split('Starting etcd');
    expect(recorded).to.contain('Node worker-3 has no IPv6 podCIDR');
    expect(recorded).to.contain('Building the Kubernetes control plane from source, which takes about 8 minutes on two cores');
    expect(live).to.contain('The report names exactly the 12 faults and effects of demo/expected-findings.yaml.');
  });

  it('the control plane that was built is found again', async () => {
    const folder = await built('control-plane');
    expect(folder.startsWith(cache), folder).to.equal(true);
    expect((await run(join(folder, 'kubectl'), 'version', '--client')).stdout).to.match(/^Client Version: v1\.36\./);
  });

  it('the benchmark builds what fills its cluster, and measures', async () => {
    const size = ['--nodes=20', '--pods=200', '--services=20', '--namespaces=3'];
    const { stdout } = await run('npm', 'run', '--silent', 'bench', '--', '--only=start', '--repeats=1', ...size);
    expect(stdout).to.match(/^\| .*(?:start|ready)/m);
    expect(readdirSync(join(cache, 'dualstack-operator', 'bench')).filter((name) => name.startsWith('filler-'))).to.have.length(1);
  });

  it('Prometheus and promtool are got', async () => {
    const folder = await built('prometheus');
    expect((await run(join(folder, 'promtool'), '--version')).stdout).to.match(/^promtool, version \d/);
  });

  it('Chromium is got', async () => {
    const executable = await built('chromium');
    expect(existsSync(executable), executable).to.equal(true);
  });

  it('helm, glua, kube-score and the definitions of Prometheus Operator are built', async () => {
    await run('npm', 'run', '--silent', 'tools');
    const { stdout } = await run(process.execPath, fromRoot('test', 'tools', 'install.ts'));
    expect(readdirSync(stdout.trim()).sort()).to.deep.equal(['glua', 'helm', 'kube-score']);
    expect((await run(join(stdout.trim(), 'helm'), 'version', '--short')).stdout).to.match(/^v4\./);
  });

  it('the parts of an image are got', async () => {
    const parts = await ensureParts(env, { write: () => undefined });
    for (const folder of Object.values(parts)) expect(readdirSync(folder), folder).to.not.be.empty;
  });
});
