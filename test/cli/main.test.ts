import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../src/cli/version.ts';
import { listOfObjects } from '../sources/dump/read.ts';
import { FREE_PORTS } from '../support/operator-process.ts';
import { rawNode, replaced, soundObjects } from '../client/support/objects.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The process as a user starts it, in a folder without any configuration. */
function main(args: readonly string[], home: string, environment: Readonly<Record<string, string>> = {}, input = ''): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: home, NODE_NO_WARNINGS: '1', ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env, cwd: home, timeout: 15_000 }, (_error, output, errors) => {
      resolve({ code: child.exitCode, output, errors });
    });
    child.stdin?.end(input);
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
    [
      ['run', '--metrics-bind-address', ':http'],
      "error: option '--metrics-bind-address <address>' argument ':http' is invalid. The port must be a whole number from 0 to 65535.",
    ],
    [
      ['run', '--page-bind-address', ':8082'],
      'error: --page-bind-address=[::]:8082 would show the page to everyone who reaches that address',
    ],
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
        const { code, output, errors } = await main(['run', '--kubeconfig', file], home);
        expect([code, errors]).to.deep.equal([1, '']);
        expect(lastLine(output)).to.include({ msg: 'the operator cannot continue' }).and.not.to.have.property('err');
        expect(lastLine(output)['reason']).to.contain(file).and.to.contain(words);
      });
    }

    it('ends with 1 and says where it has looked for an API server', async () => {
      const { code, output } = await main(['run'], home);
      expect(code).to.equal(1);
      expect(lastLine(output)['reason']).to.contain('no API server is configured');
    });

    it('ends with 1 where its port is taken, and says which', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const flags = [`--metrics-bind-address=127.0.0.1:${port}`, '--kubeconfig', kubeconfig(home), '--context', 'nowhere'];
      const { code, output } = await main(['run', ...flags], home, { KUBECONFIG: join(home, 'is-not-there') });
      taken.close();
      expect(code).to.equal(1);
      expect(lastLine(output)['reason']).to.contain(`cannot listen on 127.0.0.1:${port}`);
    });

    it('runs while the API server cannot be reached, and ends with 0 on SIGTERM', async () => {
      const env = { PATH: process.env['PATH'], HOME: home, NODE_NO_WARNINGS: '1', ...FREE_PORTS };
      const flags = ['--kubeconfig', kubeconfig(home), '--context', 'nowhere'];
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

describe('main.ts scan', () => {
  let home: string;

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'dualstack-operator-'));
  });

  after(() => {
    rmSync(home, { recursive: true });
  });

  const sound = JSON.stringify(listOfObjects(soundObjects()));
  const broken = JSON.stringify(listOfObjects(replaced(soundObjects(), [rawNode('d', { podCIDRs: ['10.244.4.0/24'] })])));
  const half = JSON.stringify(listOfObjects([...soundObjects(), { kind: 'Pod' }]));

  for (const [what, input, args, code, output, errors] of [
    ['a sound cluster', sound, [], 0, /^Healthy: /, /^$/],
    ['one with findings, which are no failure', broken, [], 0, /^Not healthy: /, /^$/],
    ['one with findings, which are to be one', broken, ['--fail-on', 'warning'], 3, /^Not healthy: /, /^$/],
    ['one of which a part cannot be read', half, ['--fail-on=critical'], 1, /^Healthy: /, /^skipped: the standard input, items\[/],
    ['what is none', '{"a":', [], 1, /^$/, /^error: the standard input: it ends inside a JSON document/],
    ['nothing', '', [], 1, /^$/, /^error: there is nothing of any of these kinds: /],
    [
      'one, used wrongly',
      sound,
      ['--fail-on', 'everything'],
      2,
      /^$/,
      /^error: option '--fail-on <what>' argument 'everything' is invalid/,
    ],
  ] as const) {
    it(`ends with ${code} after ${what}`, async () => {
      const ended = await main(['scan', '--filename', '-', ...args], home, {}, input);
      expect(ended.code).to.equal(code);
      expect(ended.output).to.match(output);
      expect(ended.errors).to.match(errors);
    });
  }

  it('ends with 1 where no API server is configured, and where none answers', async () => {
    const none = await main(['scan'], home);
    expect([none.code, none.output]).to.deep.equal([1, '']);
    expect(none.errors).to.match(/^error: no API server is configured: [^\n]+\n$/);
    const away = await main(['scan', '--kubeconfig', kubeconfig(home), '--context', 'nowhere'], home);
    expect([away.code, away.output]).to.deep.equal([1, '']);
    expect(away.errors).to.match(/^error: the API server http:\/\/127\.0\.0\.1:1 cannot be listed: connect ECONNREFUSED[^\n]*\n$/);
  });

  it('ends with 1 and says so where an API server takes longer than it may', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const server = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const ended = await main(['scan', '--timeout', '300ms', '--kubeconfig', kubeconfig(home, server), '--context', 'nowhere'], home);
    silent.close();
    silent.closeAllConnections();
    expect([ended.code, ended.output, ended.errors]).to.deep.equal([
      1,
      '',
      `error: the API server ${server} could not be listed within 0.3 s; --timeout gives it longer\n`,
    ]);
  });

  it('ends quietly where nobody reads on', async () => {
    const child = execFile('/bin/sh', ['-c', `"${process.execPath}" "${MAIN}" scan --filename - --output json; echo "$?" >&2`], {
      timeout: 15_000,
    });
    child.stdout?.destroy();
    child.stdin?.end(broken);
    let errors = '';
    child.stderr?.on('data', (text: string) => {
      errors += text;
    });
    await once(child, 'close');
    expect(errors).to.equal('0\n');
  });
});

/** A kubeconfig without a current context, of whose one context the server is not there. */
function kubeconfig(folder: string, server = 'http://127.0.0.1:1'): string {
  const file = join(folder, 'nowhere.yaml');
  const cluster = { name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } };
  const context = { name: 'nowhere', context: { cluster: 'c', user: 'u' } };
  writeFileSync(file, JSON.stringify({ clusters: [cluster], users: [{ name: 'u', user: {} }], contexts: [context] }));
  return file;
}
