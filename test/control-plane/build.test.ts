import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromRoot } from '../../scripts/root.ts';
import { ensureBuilt } from './build.ts';
import { withLock } from './lock.ts';
import { elapsed, withProgress } from './progress.ts';
import { KUBERNETES_MODULE, KUBERNETES_VERSIONS } from './versions.ts';

/** A go command that builds at once: it writes what it was asked to write, and a line into `calls` and `arguments`. */
const BUILDING = `
echo "$1" >> "$HOME/calls"
echo "$@" >> "$HOME/arguments"
case $1 in
  env) echo go1.99.0 ;;
  build) while [ "$1" != -o ]; do shift; done; echo k8s.io/example >&2; echo binary > "$2" ;;
  list) echo "$HOME/kwok" ;;
esac`;

describe('building the control plane', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;
  let shown: string;
  const output = {
    write: (text: string): void => {
      shown += text;
    },
  };

  /** Puts a shell script named go on the PATH; it sees the home folder as $HOME. */
  function fakeGo(script: string): void {
    const go = join(home, 'bin', 'go');
    writeFileSync(go, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(go, 0o755);
  }

  function build(): Promise<string> {
    return ensureBuilt({ env, output });
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'build-'));
    shown = '';
    env = { HOME: home, PATH: join(home, 'bin') };
    mkdirSync(join(home, 'bin'));
    for (const stage of ['node/fast', 'node/heartbeat-with-lease', 'pod/fast']) {
      const folder = join(home, 'kwok', 'kustomize', 'stage', stage);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'kustomization.yaml'), '');
      writeFileSync(join(folder, `${stage.replace('/', '-')}.yaml`), '');
    }
  });

  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('says that Go is missing, which one it takes, and where to get it', async () => {
    expect(await build().catch(String)).to.equal(
      'Error: Building the Kubernetes control plane needs Go 1.26.0 or newer: there is no go command on the PATH. ' +
        'Get it from https://go.dev/dl/ and put its bin folder on the PATH.',
    );
  });

  it('says that Go is too old', async () => {
    fakeGo('[ "$GOTOOLCHAIN" = local ] && echo go1.9.7');
    expect(await build().catch(String)).to.contain('needs Go 1.26.0 or newer, and the PATH has Go 1.9.7. Get it from');
  });

  it('shows the end of the output of a failed build, and where all of it is', async () => {
    fakeGo('[ "$1" = env ] && echo go1.99.0 && exit; echo some/package >&2; echo "main.go:1: no such thing" >&2; exit 3');
    const failure = await build().catch(String);
    const [, log = ''] = /\[?The whole output is in (.*)$/.exec(failure) ?? [];
    expect(failure).to.match(/go build -v in .*control-plane\/go ended with 3:\nmain\.go:1: no such thing\nThe whole output/);
    expect(readFileSync(log, 'utf8')).to.equal('some/package\nmain.go:1: no such thing\n');
    expect(readdirSync(dirname(log)), 'no draft, no lock').to.deep.equal([log.slice(dirname(log).length + 1)]);
  });

  it('builds once, below the home folder, and then needs no Go', async () => {
    fakeGo(BUILDING);
    const folder = await build();
    expect(dirname(folder)).to.equal(join(home, '.cache', 'dualstack-operator', 'control-plane'));
    expect(readdirSync(folder)).to.have.members([
      ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'],
      ...['kubernetes', 'kwok', 'stages'],
    ]);
    expect(readlinkSync(join(folder, 'etcd'))).to.equal('kubernetes');
    expect(readdirSync(join(folder, 'stages'))).to.have.members(['node-fast.yaml', 'node-heartbeat-with-lease.yaml', 'pod-fast.yaml']);
    expect(shown).to.match(/^building the Kubernetes control plane \(first time only.*\): etcd, kube-apiserver.* … 0s\n$/);

    rmSync(join(home, 'bin'), { recursive: true });
    expect(await build()).to.equal(folder);
  });

  it('builds the requested version of Kubernetes, and keeps the others', async () => {
    fakeGo(BUILDING);
    const newest = await build();
    env = { ...env, KUBERNETES_VERSION: '1.33' };
    const oldest = await build();
    expect(oldest).to.not.equal(newest);
    expect([newest, oldest].map((folder) => existsSync(join(folder, 'kubernetes')))).to.deep.equal([true, true]);
    expect(readFileSync(join(home, 'arguments'), 'utf8'))
      .to.contain('-modfile=go.mod')
      .and.match(/-modfile=1\.33\.mod .*version\.gitVersion=v1\.33\.\d+ .*version\.gitMinor=33 /);
    env = { ...env, KUBERNETES_VERSION: '1.32' };
    expect(await build().catch(String)).to.equal('Error: KUBERNETES_VERSION is 1.32: there is a control plane of 1.33, 1.34, 1.35, 1.36');
  });

  it('can build each version of Kubernetes that is supported', () => {
    const minors = KUBERNETES_VERSIONS.map(({ minor }) => minor);
    expect(minors).to.deep.equal(['1.33', '1.34', '1.35', '1.36']);
    const [oldest, newest] = [minors[0], minors.at(-1)];
    expect(readFileSync(fromRoot('README.md'), 'utf8')).to.contain(`Kubernetes ${oldest} to ${newest} is supported`);
    const { scripts } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    for (const script of ['pretest:oldest', 'test:oldest']) expect(scripts[script]).to.contain(`KUBERNETES_VERSION=${oldest} `);
  });

  it('takes each version of Kubernetes whole: all its modules are of one release', () => {
    for (const { modFile, gitVersion } of KUBERNETES_VERSIONS) {
      const replacements = readFileSync(join(KUBERNETES_MODULE, modFile), 'utf8').matchAll(/=> k8s\.io\/\S+ (\S+)$/gm);
      expect(new Set([...replacements].map(([, version]) => version)), modFile).to.deep.equal(new Set([gitVersion.replace('v1', 'v0')]));
    }
  });

  it('keeps the result in the configured folder', async () => {
    fakeGo(BUILDING);
    env = { ...env, XDG_CACHE_HOME: join(home, 'xdg') };
    expect(await build()).to.satisfy((folder: string) => folder.startsWith(join(home, 'xdg', 'dualstack-operator')));
    env = { ...env, DUALSTACK_CACHE_DIR: join(home, 'own') };
    expect(await build()).to.satisfy((folder: string) => folder.startsWith(join(home, 'own', 'dualstack-operator')));
  });

  it('builds once when asked twice at the same time', async () => {
    fakeGo(BUILDING);
    const [one, two] = await Promise.all([build(), build()]);
    expect(one).to.equal(two);
    expect(readFileSync(join(home, 'calls'), 'utf8').match(/build/g)).to.have.lengthOf(2);
    expect(shown).to.contain(`waiting for process ${process.pid}, which is building the Kubernetes control plane\n`);
  });

  it('builds again what somebody removed a part of', async () => {
    fakeGo(BUILDING);
    const folder = await build();
    rmSync(join(folder, 'kwok'));
    await build();
    expect(existsSync(join(folder, 'kwok'))).to.be.true;
  });
});

describe('the lock', () => {
  let folder: string;
  let lock: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    lock = join(folder, 'lock');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function holderWhileLocked(): Promise<string> {
    const waitedFor: number[] = [];
    const holder = await withLock(
      lock,
      () => Promise.resolve(readFileSync(lock, 'utf8')),
      (pid) => waitedFor.push(pid),
    );
    expect(waitedFor).to.deep.equal([]);
    return holder;
  }

  it('is gone after the work, also when that fails', async () => {
    expect(await holderWhileLocked()).to.equal(String(process.pid));
    expect(existsSync(lock)).to.be.false;
    const failing = withLock(
      lock,
      () => Promise.reject(new Error('no')),
      () => undefined,
    );
    expect(await failing.catch(String)).to.equal('Error: no');
    expect(existsSync(lock)).to.be.false;
  });

  it('is taken over from a dead process', async () => {
    const { pid } = spawnSync('/bin/sh', ['-c', 'exit']);
    writeFileSync(lock, String(pid));
    expect(await holderWhileLocked()).to.equal(String(process.pid));
  });

  it('is taken over when nobody touched it for a minute', async () => {
    writeFileSync(lock, String(process.ppid));
    const twoMinutesAgo = Date.now() / 1000 - 120;
    utimesSync(lock, twoMinutesAgo, twoMinutesAgo);
    expect(await holderWhileLocked()).to.equal(String(process.pid));
  });
});

describe('progress', () => {
  it('is one line on a terminal, wiped in the end', async () => {
    let shown = '';
    const write = (text: string): string => (shown += text);
    await withProgress(
      { isTTY: true, write },
      () => 'building',
      () => Promise.resolve(),
    );
    expect(shown).to.equal('\r\u001b[Kbuilding … 0s\r\u001b[K');
  });

  for (const [ms, text] of [
    [9_999, '9s'],
    [60_000, '1m00s'],
    [130_500, '2m10s'],
  ] as const) {
    it(`writes ${ms} ms as ${text}`, () => {
      expect(elapsed(ms)).to.equal(text);
    });
  }
});
