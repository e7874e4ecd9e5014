import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fromRoot } from './root.ts';

const MOST_OUTPUT = 64 * 1024 * 1024;

/**
 * What git prints about the repository whose root a folder is.
 * @returns undefined if git is not installed, or the folder is not the root of a repository, as in an archive of the sources
 * @throws Error with what git says, if it fails for another reason
 */
export function git(args: readonly string[], folder = fromRoot()): string | undefined {
  return isRepository(folder) ? run(args, folder) : undefined;
}

function isRepository(folder: string): boolean {
  const { status, stdout, stderr, error } = spawn(['rev-parse', '--show-toplevel'], folder);
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return false;
  if (status === 0) return realpathSync(stdout.trim()) === realpathSync(folder);
  if (stderr.includes('not a git repository')) return false;
  throw error ?? new Error(`git rev-parse: ${stderr.trim()}`);
}

function run(args: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawn(args, folder);
  if (status !== 0) throw error ?? new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

function spawn(
  args: readonly string[],
  folder: string,
): ReturnType<typeof spawnSync> & { readonly stdout: string; readonly stderr: string } {
  return spawnSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: MOST_OUTPUT, env: { ...process.env, LC_ALL: 'C' } });
}
