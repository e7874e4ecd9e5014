import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What apt-get needs to be run by anybody: lists and caches of its own, and none of the commands that images of containers hang onto it to clean up. */
function aptConfiguration(folder: string): string {
  return `Dir::State "${folder}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${folder}/cache";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}

/** Which packages to get: the one alone, or those too that it depends on and that this machine has not. */
export type Extent = 'alone' | 'with dependencies';

/**
 * Downloads a package from the sources that apt knows on this machine and unpacks it, without root, and without touching what is installed.
 *
 * @param folder an empty one; the files of the packages are in `unpacked` of it, and it holds at least 50 MB more that nobody needs afterwards
 * @returns the path of `unpacked`
 * @throws Error with what apt-get or dpkg-deb said
 */
export async function unpackDebianPackage(name: string, folder: string, env: NodeJS.ProcessEnv, extent: Extent = 'alone'): Promise<string> {
  const archives = join(folder, 'cache', 'archives');
  for (const part of [join(folder, 'state', 'lists', 'partial'), join(archives, 'partial')]) mkdirSync(part, { recursive: true });
  const configuration = join(folder, 'apt.conf');
  writeFileSync(configuration, aptConfiguration(folder));
  const run = (program: string, ...args: readonly string[]): Promise<void> => runIn(archives, env, program, args);
  const apt = (...args: readonly string[]): Promise<void> => run('apt-get', `--config-file=${configuration}`, '-qq', ...args);
  await apt('update');
  if (extent === 'alone') await apt('download', name);
  else await apt('--option=Debug::NoLocking=true', '--yes', '--no-install-recommends', '--download-only', 'install', name);
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  if (!files.some((file) => file.startsWith(`${name}_`))) throw new Error(`apt-get left no package ${name} behind`);
  const unpacked = join(folder, 'unpacked');
  for (const file of files) await run('dpkg-deb', '--extract', join(archives, file), unpacked);
  return unpacked;
}

async function runIn(cwd: string, env: NodeJS.ProcessEnv, program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd, env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } });
  } catch (error) {
    throw new Error(`${program} ${args.at(-1) ?? ''}: ${wordsOf(error)}`, { cause: error });
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'there is no such command on the PATH';
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== '' ? error.stderr.trim() : error.message;
}
