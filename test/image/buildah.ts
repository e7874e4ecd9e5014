import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The mount is seen by buildah and what it starts only: as if its package were installed, for as long as it runs. */
const AS_IF_INSTALLED = 'mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr && exec buildah "$@"';
const MOST_OUTPUT = 2 ** 24;

/** Runs buildah with some arguments, and returns what it wrote to stdout. */
export type Buildah = (command: string, ...args: readonly string[]) => Promise<string>;

/**
 * Buildah as root, without daemon, registry and container runtime.
 *
 * @param tree the unpacked package
 * @param folder where it keeps its images; may be removed afterwards
 * @returns it, which throws an Error with the end of its output where it fails
 */
export function buildahIn(tree: string, folder: string): Buildah {
  const files = { storage: join(folder, 'storage.conf'), registries: join(folder, 'registries.conf'), policy: join(folder, 'policy.json') };
  const tmp = join(folder, 'tmp');
  mkdirSync(tmp);
  // Slower than overlay, but at home on every file system.
  const storage = `[storage]\ndriver = "vfs"\ngraphroot = "${join(folder, 'images')}"\nrunroot = "${join(folder, 'run')}"\n`;
  writeFileSync(files.storage, storage);
  writeFileSync(files.registries, '');
  writeFileSync(files.policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const env = {
    ...process.env,
    LC_ALL: 'C',
    TMPDIR: tmp,
    BUILDAH_ISOLATION: 'chroot',
    CONTAINERS_STORAGE_CONF: files.storage,
    CONTAINERS_REGISTRIES_CONF: files.registries,
  };
  return async (command, ...args) => {
    const words = ['--mount', 'sh', '-c', AS_IF_INSTALLED, tree, command, `--signature-policy=${files.policy}`, ...args];
    try {
      return (await promisify(execFile)('unshare', words, { env, maxBuffer: MOST_OUTPUT })).stdout;
    } catch (error) {
      throw new Error(`buildah ${command}: ${endOf(error)}`, { cause: error });
    }
  };
}

function endOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const written = [error].flatMap((each) => ('stdout' in each && 'stderr' in each ? [each.stdout, each.stderr] : [])).join('\n');
  return written.trim() === '' ? error.message : written.trim().split('\n').slice(-20).join('\n');
}
