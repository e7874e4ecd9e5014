import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '../support/waiting.ts';
import { startControlPlane } from './control-plane.ts';
import { isAlive } from './lock.ts';

/** Whether the process runs. One that ended and that nobody has collected yet (PID 1 of some containers never does) does not. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return isAlive(pid) && !(existsSync(stat) && /\) Z/.test(readFileSync(stat, 'utf8')));
}

describe('the life of a control plane', () => {
  let folder: string;
  let parent: ChildProcess;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lifetime-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function serve(): ReturnType<typeof spawn> {
    const serve = join(import.meta.dirname, 'serve.ts');
    parent = spawn(process.execPath, [serve], { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
    return parent;
  }

  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    it(`ends with its parent, when that gets a ${signal}`, async function () {
      this.timeout(60_000);
      const { stdout } = serve();
      const [line] = (await once(createInterface(stdout!), 'line')) as [string];
      const { processIds, dir } = JSON.parse(line) as { processIds: number[]; dir: string };
      expect(processIds, 'supervisor, etcd, API server, controller manager, scheduler, kwok').to.have.lengthOf(6);
      expect(processIds.every(isRunning)).to.be.true;

      parent.kill(signal);
      await waitFor('the end of all processes', () => !processIds.some(isRunning));
      expect(existsSync(dir)).to.be.false;
    });
  }

  for (const stage of ['etcd.log', 'kube-apiserver.log']) {
    it(`ends with a parent that is killed while it starts, at ${stage}`, async function () {
      this.timeout(60_000);
      serve();
      const seen = (): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
      await waitFor(stage, () => seen().some((path) => path.endsWith(stage)), { everyMs: 5 });
      parent.kill('SIGKILL');
      await waitFor('the end of its folder', () => readdirSync(folder).length === 0);
    });
  }

  it('does not begin with a flag that the API server does not know, and says so', async function () {
    this.timeout(60_000);
    const failure = await startControlPlane({ apiServerFlags: ['--no-such-flag'] }).catch(String);
    expect(failure).to.match(/kube-apiserver ended with exit code 1; the end of its log:\n[^]*unknown flag: --no-such-flag/);
  });

  it('fails every call once a process has ended by itself, saying which', async function () {
    this.timeout(60_000);
    const controlPlane = await startControlPlane({ controllerManager: false, scheduler: false, kwok: false });
    try {
      const [, etcd] = controlPlane.processIds();
      process.kill(etcd!, 'SIGKILL');
      await waitFor('the end of etcd to be noticed', () => controlPlane.processIds().length === 2);
      expect(await controlPlane.get('/version').catch(String)).to.contain('etcd ended with signal SIGKILL');
      expect(await controlPlane.kubectl(['version']).catch(String)).to.contain('etcd ended with signal SIGKILL');
    } finally {
      await controlPlane.stop();
    }
    await controlPlane.stop();
    expect(existsSync(controlPlane.dir)).to.be.false;
  });
});
