import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
 * Has `work` download packages into a folder within `draft` that nobody needs afterwards, and removes it.
 *
 * @param failing what to say of a failure, by its reason: what there is to do about it
 * @throws Error with these words
 */
export async function withAptFolder(
  draft: string,
  failing: (reason: string) => string,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(draft, 'apt-'));
  try {
    await work(folder);
  } catch (error) {
    throw new Error(failing(error instanceof Error ? error.message : String(error)), { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads a package from the sources that apt knows on this machine and unpacks it, without root, and without touching what is installed.
 *
 * @param folder an empty one; the files of the package are in `unpacked` of it, and it holds some 50 MB that nobody needs afterwards
 * @returns the path of `unpacked`
 * @throws Error with what apt-get or dpkg-deb said
 */
export async function unpackDebianPackage(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const aptGet = await updatedLists(folder, env);
  await aptGet('download', name);
  const archive = (await readdir(folder)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${name} left no package behind`);
  const unpacked = join(folder, 'unpacked');
  await runIn(folder, env, 'dpkg-deb', ['--extract', archive, unpacked]);
  return unpacked;
}

/** A package, and which of those that it depends on go with it: all, or those that are not installed on this machine. */
export interface WithDependencies {
  readonly name: string;
  readonly dependencies: 'all' | 'missing';
}

/**
 * As `unpackDebianPackage`, for packages with what they depend on, each into a folder of its own.
 *
 * @param folder an empty one; it holds some 60 MB that nobody needs afterwards
 * @param into the folder of each package by its name; it has not to exist yet
 * @throws Error with what apt-get or dpkg-deb said
 */
export async function unpackWithDependencies(
  packages: readonly WithDependencies[],
  folder: string,
  into: (name: string) => string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const aptGet = await updatedLists(folder, env);
  const nothing = join(folder, 'nothing-installed');
  writeFileSync(nothing, '');
  const archives = join(folder, 'cache', 'archives');
  for (const { name, dependencies } of packages) {
    const installed = dependencies === 'all' ? [`--option=Dir::State::status=${nothing}`] : [];
    // What is installed already is reinstalled: its archive is what is wanted.
    await aptGet(...installed, '--yes', '--no-install-recommends', '--download-only', '--reinstall', 'install', name);
    for (const archive of (await readdir(archives)).filter((file) => file.endsWith('.deb'))) {
      await runIn(folder, env, 'dpkg-deb', ['--extract', join(archives, archive), into(name)]);
      rmSync(join(archives, archive));
    }
  }
}

/** Runs apt-get with some arguments. */
type AptGet = (...args: readonly string[]) => Promise<void>;

/** An apt-get that keeps everything in a folder, and has read there what the sources offer. */
async function updatedLists(folder: string, env: NodeJS.ProcessEnv): Promise<AptGet> {
  for (const part of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const configuration = join(folder, 'apt.conf');
  writeFileSync(configuration, aptConfiguration(folder));
  const aptGet: AptGet = (...args) => runIn(folder, env, 'apt-get', [`--config-file=${configuration}`, '-qq', ...args]);
  await aptGet('update');
  return aptGet;
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
