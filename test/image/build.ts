import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { fromRoot } from '../../scripts/root.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';
import { npmSettings, writeBuildRoot, writeRuntimeRoot } from './bases.ts';
import { buildahIn, type Buildah } from './buildah.ts';
import { readImage, unpackLayers, type Image } from './layout.ts';
import { ensureParts, type Parts } from './parts.ts';

/** The stand-ins for the images that the Dockerfile names. */
const BASES = { build: 'localhost/build', runtime: 'localhost/runtime' };
const RESULT = 'localhost/dualstack-operator';
const CA_OF_BUILD = '/etc/extra-ca.crt';

export interface ImageOptions {
  /** Where the image goes: `oci`, an image layout, and `rootfs`, what a container would see. It is made, or replaced. */
  readonly folder: string;
  /** The commit that it is built from. */
  readonly revision: string;
  /** The time that everything in it bears, in seconds since 1970. */
  readonly sourceDateEpoch: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly output?: Output;
}

/**
 * Has buildah execute the Dockerfile, with stand-ins for its base images, built from Debian's packages and npm's `node`: no image is pulled.
 * Debian's archive is asked the first time, npm's registry for what npm has not in its cache.
 *
 * @throws Error that says what is to be done where the user is not root, or what failed
 */
export async function buildImage(options: ImageOptions): Promise<Image> {
  const { folder, env = process.env, output = process.stderr } = options;
  if (process.getuid?.() !== 0)
    throw new Error('Building the image takes root, since its files belong to root and bases are mounted: run it as root.');
  const parts = await ensureParts(env, output);
  let step = '';
  const build = async (draft: string): Promise<void> => {
    const work = mkdtempSync(join(tmpdir(), 'dualstack-image-'));
    try {
      const buildah = buildahIn(parts.builder, work);
      step = 'base images';
      await buildBases(buildah, parts, join(work, 'bases'));
      step = 'Dockerfile';
      await buildah('bud', ...(await buildFlags(options)), fromRoot());
      step = 'unpacking';
      const layout = join(draft, 'oci');
      await buildah('push', '--quiet', RESULT, `oci:${layout}:${packageJson.version}`);
      await unpackLayers(layout, readImage(layout), join(draft, 'rootfs'));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
  await withProgress(
    output,
    () => `building the image: ${step}`,
    () => withDraft(folder, build),
  );
  return readImage(join(folder, 'oci'));
}

async function buildBases(buildah: Buildah, parts: Parts, folder: string): Promise<void> {
  const { registry } = await npmSettings();
  const ofNpm = { REGISTRY: registry, PREFER_OFFLINE: 'true', UPDATE_NOTIFIER: 'false' };
  const variables = Object.entries(ofNpm).map(([name, value]) => `NPM_CONFIG_${name}=${value}`);
  if (extraAuthorities() !== undefined) variables.push(`NODE_EXTRA_CA_CERTS=${CA_OF_BUILD}`);
  const bases = [
    { name: BASES.build, write: writeBuildRoot, rest: `ENV PATH=/usr/local/bin:/usr/bin ${variables.join(' ')}\n` },
    { name: BASES.runtime, write: writeRuntimeRoot, rest: '' },
  ];
  for (const { name, write, rest } of bases) {
    const context = join(folder, name);
    await mkdir(context, { recursive: true });
    await write(join(context, 'root'), parts);
    await writeFile(join(context, 'Dockerfile'), `FROM scratch\nCOPY root/ /\n${rest}`);
    await buildah('bud', '--quiet', '--timestamp=0', `--tag=${name}`, context);
    rmSync(context, { recursive: true });
  }
}

async function buildFlags({ revision, sourceDateEpoch }: ImageOptions): Promise<readonly string[]> {
  const authorities = extraAuthorities();
  const values = {
    BUILD_IMAGE: BASES.build,
    RUNTIME_IMAGE: BASES.runtime,
    VERSION: packageJson.version,
    REVISION: revision,
    SOURCE_DATE_EPOCH: sourceDateEpoch,
  };
  return [
    `--tag=${RESULT}`,
    `--timestamp=${sourceDateEpoch}`,
    ...Object.entries(values).map(([name, value]) => `--build-arg=${name}=${value}`),
    `--volume=${(await npmSettings()).cache}:/root/.npm`,
    ...(authorities === undefined ? [] : [`--volume=${authorities}:${CA_OF_BUILD}:ro`]),
  ];
}

/** The file of authorities that Node trusts on this machine beside its own, as behind a proxy that opens TLS. */
function extraAuthorities(): string | undefined {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file && existsSync(file) ? file : undefined;
}

async function git(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('git', args, { cwd: fromRoot() })).stdout.trim();
}

if (import.meta.main) {
  const folder = fromRoot('dist', 'image');
  const sourceDateEpoch = Number(process.env['SOURCE_DATE_EPOCH'] || (await git('log', '-1', '--format=%ct')));
  await mkdir(fromRoot('dist'), { recursive: true });
  const { layers, config } = await buildImage({ folder, revision: await git('rev-parse', 'HEAD'), sourceDateEpoch });
  const name = relative(process.cwd(), folder);
  process.stdout.write(`${name}/oci and ${name}/rootfs written, for ${config.os}/${config.architecture}\n`);
  for (const { digest, size } of layers) process.stdout.write(`layer ${digest}, ${(size / 1e6).toFixed(1)} MB\n`);
}
