import { lstatSync, mkdtempSync, readFileSync, rmSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import packageJson from '../../package.json' with { type: 'json' };
import { bundle, BUNDLE_NAME } from '../../scripts/bundle.ts';
import { fromRoot } from '../../scripts/root.ts';
import { SBOM_NAME, writeSbom } from '../../scripts/sbom.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { node } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import { buildImage } from './build.ts';
import { runContainer, startContainer } from './container.ts';
import { filesUnder, type Image } from './layout.ts';
import { serviceAccountOf } from './service-account.ts';

const USER = 65_532;
const EPOCH = 1_700_000_000;
const REVISION = '0123456789abcdef0123456789abcdef01234567';

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`);

interface File {
  readonly path: string;
  readonly stats: Stats;
}

describe('the image that the Dockerfile makes', function () {
  this.timeout(240_000);
  let folder: string;
  let rootfs: string;
  let image: Image;
  let files: readonly File[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dualstack-image-test-'));
    image = await buildImage({ folder: join(folder, 'image'), revision: REVISION, sourceDateEpoch: EPOCH });
    rootfs = join(folder, 'image', 'rootfs');
    files = filesUnder(rootfs).map((path) => ({ path, stats: lstatSync(join(rootfs, path)) }));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs the program as a user that is not root, and says what it is', () => {
    const { created, os, config } = image.config;
    expect({ created, os }).to.deep.equal({ created: '2023-11-14T22:13:20Z', os: 'linux' });
    expect(config).to.deep.include({ User: `${USER}:${USER}`, Cmd: ['run'], ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} } });
    expect(config.Entrypoint).to.deep.equal([
      '/nodejs/bin/node',
      '--max-semi-space-size=2',
      '--no-wasm-tier-up',
      '--no-wasm-dynamic-tiering',
      `/app/${BUNDLE_NAME}`,
    ]);
    expect(config.Labels).to.deep.include({
      'org.opencontainers.image.title': packageJson.name,
      'org.opencontainers.image.description': packageJson.description,
      'org.opencontainers.image.licenses': packageJson.license,
      'org.opencontainers.image.version': packageJson.version,
      'org.opencontainers.image.revision': REVISION,
      'org.opencontainers.image.base.name': 'localhost/runtime',
    });
  });

  it('adds one layer of four files to its base, none of which bears the time of the build', () => {
    expect(image.layers).to.have.length(2);
    const added = files.filter(({ path }) => path === 'app' || path.startsWith('app/'));
    expect(added.map(({ path }) => path)).to.have.members([
      'app',
      'app/LICENSE',
      `app/${BUNDLE_NAME}`,
      `app/${BUNDLE_NAME}.LEGAL.txt`,
      `app/${SBOM_NAME}`,
    ]);
    for (const { path, stats } of added) {
      expect(stats.mtimeMs, path).to.equal(EPOCH * 1000);
      expect(stats.mode & 0o777, path).to.equal(stats.isDirectory() ? 0o755 : 0o644);
    }
  });

  it('holds the same bytes as a build in another folder: program, licenses and SBOM', async () => {
    const again = join(folder, 'again');
    await bundle(fromRoot('src', 'main.ts'), again);
    await writeSbom(again, { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) });
    for (const name of [BUNDLE_NAME, `${BUNDLE_NAME}.LEGAL.txt`, SBOM_NAME])
      expect(inApp(name).equals(readFileSync(join(again, name))), name).to.be.true;
    expect(inApp('LICENSE').equals(readFileSync(fromRoot('LICENSE')))).to.be.true;
    for (const license of ['Apache License', '(MIT)', '(ISC)', '(BSD-3-Clause)'])
      expect(inApp(`${BUNDLE_NAME}.LEGAL.txt`).toString(), license).to.contain(license);
  });

  it('holds one program, which is Node: no shell, no npm', () => {
    const programs = files.filter(({ path, stats }) => stats.isFile() && (stats.mode & 0o111) !== 0 && !/\.so(\.\d+)*$/.test(path));
    expect(programs.map(({ path }) => path)).to.deep.equal(['nodejs/bin/node']);
    expect(files.filter(({ path }) => /(^|\/)(npm|npx|corepack|sh|bash|dash|busybox|apt|dpkg)$/.test(path))).to.deep.equal([]);
  });

  it('holds nothing that its user owns or may write, and nothing that makes it another user', () => {
    expect(files).to.have.length.above(50);
    for (const { path, stats } of files) {
      expect({ uid: stats.uid, gid: stats.gid }, path).to.deep.equal({ uid: 0, gid: 0 });
      if (!stats.isSymbolicLink()) expect(stats.mode & 0o022, path).to.equal(0);
      if (stats.isFile()) expect(stats.mode & 0o6000, path).to.equal(0);
    }
  });

  it('is small', () => {
    const compressed = image.layers.reduce((sum, { size }) => sum + size, 0);
    expect(compressed).to.be.within(30e6, 70e6);
    expect(image.layers.at(-1)!.size).to.be.below(2e6);
  });

  it('prints its version', async () => {
    const said = await runContainer({ rootfs, config: image.config.config, args: ['--version'] });
    expect(said).to.deep.equal({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  describe('in a cluster', () => {
    let controlPlane: ControlPlane;
    let operator: OperatorProcess | undefined;

    before(async () => {
      controlPlane = await startControlPlane();
      await controlPlane.kubectl(['apply', '--kustomize', fromRoot('manifests')]);
      await controlPlane.create([node('worker-1', 1), node('worker-2', 2)]);
    });

    after(async () => {
      await operator?.kill();
      await controlPlane.stop();
    });

    it('reports and serves metrics with a ServiceAccount of manifests/, without capabilities, on a root that it cannot write', async () => {
      const serviceAccount = await serviceAccountOf(controlPlane);
      operator = await startContainer({ rootfs, config: image.config.config, ...serviceAccount });
      await operator.ready();
      const status = operator.proc('status');
      for (const line of [
        `Uid:\t${USER}\t`,
        `Gid:\t${USER}\t`,
        'Groups:\t \n',
        'CapPrm:\t0000000000000000\n',
        'CapEff:\t0000000000000000\n',
        'NoNewPrivs:\t1\n',
      ])
        expect(status).to.contain(line);
      expect(writableMounts(operator.proc('mountinfo'))).to.deep.equal(['/proc', ...DEVICES]);
      await waitFor('the report', async () => {
        const report = (await controlPlane.get('/apis/dualstack.dev/v1alpha1/dualstackreports/cluster')) as {
          readonly status?: { readonly nodes?: { readonly ratio: string } };
        };
        return report.status?.nodes?.ratio === '2/2';
      });
      expect(await operator.metrics()).to.contain('dualstack_nodes{families="dual"} 2\n');
      expect(operator.log.filter(({ level }) => level >= 50)).to.deep.equal([]);
      expect((await operator.stop()).code).to.equal(0);
    });
  });

  function inApp(name: string): Buffer {
    return readFileSync(join(rootfs, 'app', name));
  }
});

/** Where a process has something mounted that is not read-only. */
function writableMounts(mountinfo: string): readonly string[] {
  const mounts = mountinfo
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  expect(mounts.map((fields) => fields[4])).to.include('/');
  return mounts.flatMap((fields) => (fields[5]!.split(',').includes('ro') ? [] : [fields[4]!]));
}
