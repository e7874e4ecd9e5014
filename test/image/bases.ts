import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '../../scripts/root.ts';
import type { Parts } from './parts.ts';

/** What the commands of the Dockerfile and of npm call. */
const COMMANDS = ['sh', 'env', 'chmod', 'cp', 'mkdir', 'touch'];
/** Where a container runtime mounts something. */
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run'];
const USERS = { passwd: 'root:x:0:0:root:/root:/none\nnonroot:x:65532:65532:nonroot:/:/none\n', group: 'root:x:0:\nnonroot:x:65532:\n' };

/** The program of the package `node`, as npm has it for this machine. */
const NODE = fromRoot('node_modules', 'node', 'bin', 'node');

/** Writes the root of a stand-in for the image that runs the program: Node, the libraries that it is linked with, and no more. */
export async function writeRuntimeRoot(root: string, { libraries }: Parts): Promise<void> {
  await cp(libraries, root, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(root);
  await addProgram(NODE, join(root, 'nodejs', 'bin', 'node'));
  for (const name of [...MOUNT_POINTS, 'var']) await mkdir(join(root, name));
  await symlink('../run', join(root, 'var', 'run'));
  await mkdir(join(root, 'etc'), { recursive: true });
  for (const [name, lines] of Object.entries(USERS)) await writeFile(join(root, 'etc', name), lines);
}

/** Writes the root of a stand-in for the image that builds: Node, npm and a shell. */
export async function writeBuildRoot(root: string, { libraries, shell }: Parts): Promise<void> {
  await cp(libraries, root, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(root);
  const local = join(root, 'usr', 'local');
  await addProgram(NODE, join(local, 'bin', 'node'));
  await cp(npmFolder(), join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin', 'npm'));
  const busybox = ['usr/bin/busybox', 'bin/busybox'].map((path) => join(shell, path)).find(existsSync);
  if (busybox === undefined) throw new Error('the package busybox-static holds no busybox');
  await addProgram(busybox, join(root, 'usr', 'bin', 'busybox'));
  for (const name of COMMANDS) await symlink('busybox', join(root, 'usr', 'bin', name));
  await symlink('usr/bin', join(root, 'bin'));
  for (const name of ['tmp', 'root']) await mkdir(join(root, name));
}

/** Where npm is configured to get packages from on this machine, and keeps those that it has. */
export async function npmSettings(): Promise<{ readonly registry: string; readonly cache: string }> {
  const [registry, cache] = await Promise.all(['registry', 'cache'].map(npmSetting));
  return { registry: registry!, cache: cache! };
}

async function npmSetting(name: string): Promise<string> {
  return (await promisify(execFile)('npm', ['config', 'get', name])).stdout.trim();
}

/** From Debian 13 on `lib` and `lib64` are links, which come with no package of these. */
async function linkLibraries(root: string): Promise<void> {
  for (const name of ['lib', 'lib64']) if (!existsSync(join(root, name))) await symlink(`usr/${name}`, join(root, name));
}

async function addProgram(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, 0o755);
}

function npmFolder(): string {
  const command = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find(existsSync);
  if (command === undefined) throw new Error('there is no npm on the PATH');
  return dirname(dirname(realpathSync(command)));
}
