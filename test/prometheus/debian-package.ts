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

/**
 * Downloads a package from the sources that apt knows on this machine and unpacks it, without root, and without touching what is installed.
 *
 * @param folder an empty one; the files of the package are in `unpacked` of it, and it holds some 50 MB that nobody needs afterwards
 * @returns the path of `unpacked`
 * @throws Error with what apt-get or dpkg-deb said
 */
export async function unpackDebianPackage(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  for (const part of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const configuration = join(folder, 'apt.conf');
  writeFileSync(configuration, aptConfiguration(folder));
  const run = (program: string, ...args: readonly string[]): Promise<void> => runIn(folder, env, program, args);
  await run('apt-get', `--config-file=${configuration}`, '-qq', 'update');
  await run('apt-get', `--config-file=${configuration}`, '-qq', 'download', name);
  const archive = (await readdir(folder)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${name} left no package behind`);
  const unpacked = join(folder, 'unpacked');
  await run('dpkg-deb', '--extract', archive, unpacked);
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
