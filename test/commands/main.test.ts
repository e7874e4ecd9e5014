import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../src/version.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The process as a user starts it, in a folder without any configuration. */
function main(args: readonly string[], home: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: home, NODE_NO_WARNINGS: '1', ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env, cwd: home, timeout: 15_000 }, (_error, output, errors) => {
      resolve({ code: child.exitCode, output, errors });
    });
  });
}

/** The last line of a log. */
function lastLine(output: string): Record<string, unknown> {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('main.ts', () => {
  let home: string;

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'dualstack-operator-'));
  });

  after(() => {
    rmSync(home, { recursive: true });
  });

  it('prints its version', async () => {
    expect(await main(['--version'], home)).to.deep.equal({ code: 0, output: `${VERSION}\n`, errors: '' });
  });

  for (const [args, words] of [
    [[], 'Usage: dualstack-operator'],
    [['run', '--port', 'http'], "error: option '--port <number>' argument 'http' is invalid. It has to be a whole number from 0 to 65535."],
  ] as const) {
    it(`ends with 2 and says why after ${['dualstack-operator', ...args].join(' ')}`, async () => {
      const { code, output, errors } = await main(args, home);
      expect([code, output]).to.deep.equal([2, '']);
      expect(errors).to.contain(words);
    });
  }

  describe('run', () => {
    for (const [what, content, words] of [
      ['is not there', undefined, 'does not exist'],
      ['is not YAML', 'clusters: [', 'is not YAML'],
    ] as const) {
      it(`ends with 1 and a line that names the kubeconfig that ${what}`, async () => {
        const file = join(home, `${what.replaceAll(' ', '-')}.yaml`);
        if (content !== undefined) writeFileSync(file, content);
        const { code, output, errors } = await main(['run', '--port', '0', '--kubeconfig', file], home);
        expect([code, errors]).to.deep.equal([1, '']);
        expect(lastLine(output)).to.include({ msg: 'the operator cannot go on' }).and.not.to.have.property('err');
        expect(lastLine(output)['reason']).to.contain(file).and.to.contain(words);
      });
    }

    it('ends with 1 and says where it has looked for an API server', async () => {
      const { code, output } = await main(['run', '--port', '0'], home);
      expect(code).to.equal(1);
      expect(lastLine(output)['reason']).to.contain('no API server is configured');
    });

    it('ends with 1 where its port is taken, and says which', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const flags = ['--bind-address', '127.0.0.1', '--port', String(port), '--kubeconfig', kubeconfig(home), '--context', 'nowhere'];
      const { code, output } = await main(['run', ...flags], home, { KUBECONFIG: join(home, 'is-not-there') });
      taken.close();
      expect(code).to.equal(1);
      expect(lastLine(output)['reason']).to.contain(`cannot listen on 127.0.0.1 port ${port}`);
    });

    it('runs while the API server cannot be reached, and ends with 0 on SIGTERM', async () => {
      const env = { PATH: process.env['PATH'], HOME: home, NODE_NO_WARNINGS: '1' };
      const flags = ['--bind-address', '127.0.0.1', '--port', '0', '--kubeconfig', kubeconfig(home), '--context', 'nowhere'];
      const child = execFile(process.execPath, [MAIN, 'run', ...flags], { env, timeout: 15_000 });
      let output = '';
      let asked = false;
      child.stdout?.on('data', (text: string) => {
        output += text;
        // A second signal would end it before it has stopped.
        if (!asked && output.includes('"listening"')) asked = child.kill('SIGTERM');
      });
      const [code] = (await once(child, 'close')) as [number | null];
      expect([code, lastLine(output)['msg']]).to.deep.equal([0, 'stopping']);
    });
  });
});

/** A kubeconfig without a current context, of whose one context the server is not there. */
function kubeconfig(folder: string): string {
  const file = join(folder, 'nowhere.yaml');
  const cluster = { name: 'c', cluster: { server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true } };
  const context = { name: 'nowhere', context: { cluster: 'c', user: 'u' } };
  writeFileSync(file, JSON.stringify({ clusters: [cluster], users: [{ name: 'u', user: {} }], contexts: [context] }));
  return file;
}
