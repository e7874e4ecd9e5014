import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../control-plane/progress.ts';
import { cachedFolder } from '../support/cached-folder.ts';
import { unpackWithDependencies, withAptFolder, type WithDependencies } from '../support/debian-packages.ts';

/** What an image is built with where there is neither a container engine nor a registry. */
const PACKAGES = {
  /** Executes the Dockerfile. */
  builder: { name: 'buildah', dependencies: 'missing' },
  /** What the program `node` is linked with. */
  libraries: { name: 'libstdc++6', dependencies: 'all' },
  /** The shell of the stage that builds. */
  shell: { name: 'busybox-static', dependencies: 'all' },
} as const satisfies Readonly<Record<string, WithDependencies>>;

/** Folders, each with the tree of a Debian package and of those that it needs. */
export type Parts = Readonly<Record<keyof typeof PACKAGES, string>>;

/**
 * Finds the Debian packages of which images are built in the cache, after downloading them the first time. Nothing is installed.
 *
 * @param output where progress is shown
 * @throws Error that says what is to be done where they cannot be downloaded
 */
export async function ensureParts(env: NodeJS.ProcessEnv, output: Output): Promise<Parts> {
  const label = (): string => 'downloading buildah, and the packages of a base image (first time only)';
  const folder = await cachedFolder(
    { name: `image-parts-${process.arch}`, label, isComplete: existsSync, fill: download },
    { env, output },
  );
  const tree = ({ name }: WithDependencies): string => join(folder, name);
  return { builder: tree(PACKAGES.builder), libraries: tree(PACKAGES.libraries), shell: tree(PACKAGES.shell) };
}

async function download(draft: string, env: NodeJS.ProcessEnv): Promise<void> {
  const names = Object.values(PACKAGES).map(({ name }) => name);
  const failing = (reason: string): string =>
    `What the image is built with could not be downloaded as Debian's packages ${names.join(', ')}: ${reason}\n` +
    'It takes a Debian whose apt-get reaches its archive, once; see docs/image.md.';
  await withAptFolder(draft, failing, (folder) =>
    unpackWithDependencies(Object.values(PACKAGES), folder, (name) => join(draft, name), env),
  );
}
