import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../control-plane/build.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { withLock } from '../control-plane/lock.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';
import { unpackWithDependencies, type WithDependencies } from '../support/debian-packages.ts';

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
  const cache = join(cacheFolder(env), 'dualstack-operator');
  const folder = join(cache, `image-parts-${process.arch}`);
  mkdirSync(cache, { recursive: true });
  const download = async (): Promise<void> => {
    if (!existsSync(folder))
      await withProgress(
        output,
        () => 'downloading buildah, and what a base image is made of (first time only)',
        () => downloadInto(folder, env),
      );
  };
  await withLock(`${folder}.lock`, download, () => undefined);
  const tree = ({ name }: WithDependencies): string => join(folder, name);
  return { builder: tree(PACKAGES.builder), libraries: tree(PACKAGES.libraries), shell: tree(PACKAGES.shell) };
}

async function downloadInto(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await withDraft(folder, async (draft) => {
    const work = mkdtempSync(join(draft, 'apt-'));
    try {
      await unpackWithDependencies(Object.values(PACKAGES), work, (name) => join(draft, name), env);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const names = Object.values(PACKAGES).map(({ name }) => name);
      throw new Error(
        `What the image is built with could not be downloaded as Debian's packages ${names.join(', ')}: ${reason}\n` +
          'It takes a Debian whose apt-get reaches its archive, once; see docs/image.md.',
        { cause: error },
      );
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}
