import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** What the reporter of mocha would append. */
const RESULTS = JSON.stringify({
  files: { 'test/slow.test.ts': 61_234, 'test/quick.test.ts': 12 },
  failed: [{ title: 'a service has an address', message: 'AssertionError: expected none' }],
  skipped: ['a pod is odd'],
});

describe('scripts that run scripts', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dualstack-scripts-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs one of them in a package that has these scripts, on all of these. */
  async function run(program: 'suites' | 'side-by-side', scripts: Readonly<Record<string, string>>): Promise<Ended> {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
    const args = [fromRoot('scripts', `${program}.ts`), ...Object.keys(scripts)];
    // These are the outermost ones, also where suites run this test.
    const env = { ...process.env, TEST_RESULTS_FILE: '' };
    const ended = await promisify(execFile)(process.execPath, args, { cwd: folder, env }).catch((error: unknown) => error as Ended);
    return { code: 0, ...ended };
  }

  it('add up what suites print in their last line', async () => {
    const { code, stdout } = await run('suites', { one: 'echo 3 passed, 0 failed, 0 skipped', two: 'echo 4 passed, 0 failed' });
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal('7 passed, 0 failed');
    expect(stdout).to.match(/\none: 3 passed, 0 failed in \d+ s\ntwo: 4 passed, 0 failed in \d+ s\n/);
    expect(code).to.equal(0);
  });

  for (const [what, script] of [
    ['a test that failed', 'echo 3 passed, 1 failed, 0 skipped; exit 1'],
    ['a skipped test', 'echo 3 passed, 0 failed, 1 skipped'],
    ['an end without counts, as where lint fails', 'echo 3 passed, 0 failed; echo error; exit 1'],
    ['an exit code without a failed test', 'echo 3 passed, 0 failed, 0 skipped; exit 7'],
  ] as const) {
    it(`count as failed ${what}, and run the others all the same`, async () => {
      const { code, stdout } = await run('suites', { one: script, two: 'echo 4 passed, 0 failed, 0 skipped' });
      expect(stdout.trimEnd().split('\n').at(-1)).to.match(/^(?:7|4) passed, 1 failed$/);
      expect(stdout).to.contain('\nWhat failed:\n- one: 1\n');
      expect(code).to.equal(1);
    });
  }

  it('show what failed or was skipped and the slowest files near the end', async () => {
    writeFileSync(join(folder, 'results.json'), `${RESULTS}\n`);
    const { stdout } = await run('suites', { one: 'cat results.json >> "$TEST_RESULTS_FILE"; echo 3 passed, 1 failed, 1 skipped; exit 2' });
    expect(stdout).to.contain('The slowest files, in seconds:\n   61.2  test/slow.test.ts\n    0.0  test/quick.test.ts\n');
    expect(stdout).to.contain('- a service has an address\n    AssertionError: expected none\n- skipped: a pod is odd\n');
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal('3 passed, 2 failed');
  });

  it('run side by side, show everything, and fail where one of them does', async () => {
    const sound = await run('side-by-side', { one: 'echo first', two: 'echo second' });
    expect(sound.stdout).to.contain('first\none: ').and.contain('second\ntwo: ');
    expect(sound.code).to.equal(0);
    const broken = await run('side-by-side', { one: 'echo first; exit 3', two: 'echo second' });
    expect(broken.stdout).to.contain('first\none failed with 3 after ').and.contain('second\ntwo: ');
    expect(broken.code).to.equal(1);
  });
});
