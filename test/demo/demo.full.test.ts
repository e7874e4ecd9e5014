import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { waitFor } from '../support/waiting.ts';

/** The command lines of all processes that name a folder. */
async function processesNaming(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('npm run demo', function () {
  this.timeout(400_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dualstack-demo-test-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [fromRoot('demo', 'main.ts'), ...args], {
      env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async function expectNothingLeft(): Promise<void> {
    await waitFor('everything that the demo started to be gone', async () => (await processesNaming(folder)).length === 0);
    expect(await readdir(folder)).to.deep.equal([]);
  }

  it('shows the faults of its cluster and no others, fixes a node with the command of the report, and leaves nothing behind', async () => {
    const demo = start('--exit');
    const [stdout, stderr, code] = await Promise.all([text(demo.stdout!), text(demo.stderr!), exitCodeOf(demo)]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('The report names exactly the 12 faults and effects of demo/expected-findings.yaml.');
    expect(stdout).to.match(/worker-3 +10\.244\.\d+\.0\/24 +192\.168\.1\.44/);
    expect(stdout).to.match(/cluster +DualStack +True +False +4\/6 +34\/40 +11\/16 +1 +6 /);
    expect(stdout).to.include('kubectl drain worker-3 --ignore-daemonsets --delete-emptydir-data && kubectl delete node worker-3');
    expect(stdout).to.include('dualstack_node_pod_cidr_missing{node="worker-3",family="IPv6"} 1');
    expect(stdout).to.match(/The verdict now[^]*cluster +DualStack +True +False +5\/6 +40\/40 +11\/16 +0 +3 /);
    await expectNothingLeft();
  });

  it('ends at an interrupt, whatever it is doing, and leaves nothing behind', async () => {
    const demo = start();
    let output = '';
    demo.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await waitFor('the migration to begin', () => output.includes('five more nodes join'), { deadlineMs: 120_000 });
    demo.kill('SIGINT');
    expect(await exitCodeOf(demo)).to.equal(130);
    await expectNothingLeft();
  });

  it('explains itself, and refuses what it does not know', async () => {
    const help = start('--help');
    const [shown, code] = await Promise.all([text(help.stdout!), exitCodeOf(help)]);
    expect(code).to.equal(0);
    expect(shown).to.include('--exit');
    const wrong = start('--exti');
    const [message, wrongCode] = await Promise.all([text(wrong.stderr!), exitCodeOf(wrong)]);
    expect(wrongCode).to.equal(2);
    expect(message).to.include("'--exti'");
  });
});
