import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import packageJson from '../../package.json' with { type: 'json' };
import { fromRoot } from '../../scripts/root.ts';
import { SBOM_NAME, writeSbom } from '../../scripts/sbom.ts';

/** The packages of the production tree by license. Who adds one looks at what it is, who keeps it, and whether it is needed, and lists it here. */
const KNOWN: Readonly<Record<string, string>> = {
  MIT: `
    @jsep-plugin/assignment @jsep-plugin/regex @pinojs/redact @types/js-yaml @types/node @types/stream-buffers agent-base
    async async-function async-generator-function asynckit atomic-sleep bintrees call-bind-apply-helpers combined-stream
    commander debug delayed-stream dunder-proto end-of-stream es-define-property es-errors es-object-atoms
    es-set-tostringtag extend fast-fifo form-data function-bind generator-function get-intrinsic get-proto gopd has-symbols
    has-tostringtag hasown hpagent https-proxy-agent ip-address ipaddr.js is-stream isomorphic-ws jose js-yaml jsep
    jsonpath-plus math-intrinsics mime-db mime-types ms node-fetch oauth4webapi on-exit-leak-free openid-client p-limit pino
    pino-abstract-transport pino-std-serializers process-warning pump quick-format-unescaped real-require rfc4648
    safe-stable-stringify smart-buffer socks socks-proxy-agent sonic-boom streamx tar-fs tar-stream tdigest teex
    thread-stream tr46 undici undici-types whatwg-url ws yocto-queue
`,
  'Apache-2.0': `
    @dot-i/k8s-operator @kubernetes/client-node @opentelemetry/api b4a bare-buffer bare-events bare-fs bare-path bare-stream
    bare-url events-universal gaxios long prom-client text-decoder
`,
  ISC: `
    once split2 tinyqueue wrappy yaml
`,
  'BSD-2-Clause': `
    webidl-conversions
`,
  'BSD-3-Clause': `
    protobufjs
`,
  // Python’s: as free as the others.
  'PSF-2.0': `
    argparse
`,
  // Given away to everybody.
  Unlicense: `
    stream-buffers
`,
};

/** Packages that want to run a script when they are installed, and whether they may. */
const INSTALL_SCRIPTS = { node: true, esbuild: false };

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly { readonly license: { readonly id: string } }[];
}

interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const lock = JSON.parse(readFileSync(fromRoot('package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const production = packages.filter(([, { dev }]) => !dev);

describe('the supply chain', () => {
  it('has direct dependencies of one version each', () => {
    for (const [name, version] of Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies }))
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
  });

  it('has these packages in production, under these licenses, and no others', () => {
    const found = new Map<string, Set<string>>();
    for (const [path] of production) {
      const { name, license } = installed(path);
      found.set(license, (found.get(license) ?? new Set()).add(name));
    }
    const known = Object.entries(KNOWN).map(([license, names]) => [license, names.trim().split(/\s+/)] as const);
    expect(Object.fromEntries([...found].map(([license, names]) => [license, [...names].sort()]))).to.deep.equal(Object.fromEntries(known));
  });

  it('is installed in production as it is locked', () => {
    for (const [path, { version, license }] of production) expect(installed(path), path).to.include({ version, license });
  });

  it('is locked by digest, from wherever a registry is', () => {
    for (const [path, { integrity, resolved, link }] of packages) {
      expect(integrity, path).to.match(/^sha512-/);
      expect({ resolved, link }, path).to.deep.equal({ resolved: undefined, link: undefined });
    }
  });

  it('runs no install script but that of node', () => {
    const wanting = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameIn(path));
    expect(wanting).to.have.members(Object.keys(INSTALL_SCRIPTS));
    expect(packageJson.allowScripts).to.include(INSTALL_SCRIPTS);
    expect(Object.entries(packageJson.allowScripts).flatMap(([name, allowed]) => (allowed ? [name] : []))).to.deep.equal(['node']);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript)).to.deep.equal([]);
  });

  describe('as the build lists it', () => {
    let folder: string;
    let written: string;
    let sbom: Sbom;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dualstack-sbom-'));
      expect(await writeSbom(folder)).to.equal(production.length);
      written = await readFile(join(folder, SBOM_NAME), 'utf8');
      sbom = JSON.parse(written) as Sbom;
    });

    after(async () => {
      await rm(folder, { recursive: true });
    });

    it('is in CycloneDX, of this program and version', () => {
      expect(sbom).to.include({ bomFormat: 'CycloneDX', specVersion: '1.5' });
      const { name, version, type } = sbom.metadata.component;
      expect({ name, version, type }).to.deep.equal({ name: packageJson.name, version: packageJson.version, type: 'application' });
    });

    it('is the production tree and nothing else, with licenses and digests', () => {
      const listed = sbom.components.map(({ name, version, purl, licenses, hashes }) => {
        expect(purl).to.equal(`pkg:npm/${name.replace('@', '%40')}@${version}`);
        return [name, version, licenses.map(({ license }) => license.id).join(), hashes?.map(digestOf).join()];
      });
      expect(listed).to.have.deep.members(
        production.map(([path, { version, license, integrity }]) => [nameIn(path), version, license, integrity]),
      );
    });

    it('says what depends on what', () => {
      const refs = [sbom.metadata.component, ...sbom.components].map((component) => component['bom-ref']);
      expect(sbom.dependencies.map(({ ref }) => ref)).to.have.members(refs);
      for (const { dependsOn } of sbom.dependencies) expect(refs).to.include.members(dependsOn);
      const reached = new Set(refs.slice(0, 1));
      for (const ref of reached) for (const one of sbom.dependencies.find((each) => each.ref === ref)!.dependsOn) reached.add(one);
      expect([...reached]).to.have.members(refs);
    });

    it('names no host from which packages came', () => {
      expect(new Set(written.match(/https?:\/\/[^/"]+/g))).to.deep.equal(new Set(['http://cyclonedx.org']));
    });

    it('is the same list, of the same number, whenever it is made, and says the configured time', async () => {
      const [one, two] = [await writtenAt('1700000000'), await writtenAt('1700000000')];
      expect(one).to.equal(two);
      const { serialNumber, metadata } = JSON.parse(one) as Sbom;
      expect(metadata.timestamp).to.equal('2023-11-14T22:13:20.000Z');
      expect(serialNumber).to.equal(sbom.serialNumber);
      expect(serialNumber).to.match(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(one.replace(metadata.timestamp, sbom.metadata.timestamp)).to.equal(written);
    });

    async function writtenAt(epoch: string): Promise<string> {
      await writeSbom(folder, { ...process.env, SOURCE_DATE_EPOCH: epoch });
      return readFile(join(folder, SBOM_NAME), 'utf8');
    }
  });
});

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** What a package says of itself. */
function installed(path: string): { readonly name: string; readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(fromRoot(path, 'package.json'), 'utf8')) as { name: string; version: string; license: string };
}

/** A digest as package-lock.json writes it. */
function digestOf({ alg, content }: { readonly alg: string; readonly content: string }): string {
  return `${alg.replace('SHA-', 'sha')}-${Buffer.from(content, 'hex').toString('base64')}`;
}
