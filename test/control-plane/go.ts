import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';

const WHERE_TO_GET_IT = 'Get it from https://go.dev/dl/ and put its bin folder on the PATH.';
const TAIL_LINES = 30;

/** A run of the go command. */
export interface GoRun {
  readonly args: readonly string[];
  /** The folder of the module. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** A file that gets everything the command prints, after what is there. */
  readonly log: string;
  /** Called with each line that the command prints. */
  readonly onLine?: (line: string) => void;
}

/**
 * The environment for the go command: the caller's, without what could change the binary or download another Go.
 * HOME is filled in where it is missing, as Go needs it to find its caches.
 */
export function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { HOME: homedir(), ...env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' };
}

/**
 * Makes sure that the go command on the PATH of `env` is as new as the `go` line of a module file asks.
 *
 * @param what is to be built, for the words of the error
 * @throws Error that says which version is needed, which one was found, and where to get Go
 */
export async function requireGo(modFile: string, env: NodeJS.ProcessEnv, what = 'the Kubernetes control plane'): Promise<void> {
  const needed = await requiredGoVersion(modFile);
  const found = await installedGoVersion(needed, env, what);
  if (isOlder(found, needed)) {
    throw new Error(`Building ${what} needs Go ${needed} or newer, and the PATH has Go ${found}. ${WHERE_TO_GET_IT}`);
  }
}

async function requiredGoVersion(modFile: string): Promise<string> {
  const version = /^go (\S+)$/m.exec(await readFile(modFile, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${modFile} has no go line`);
  return version;
}

async function installedGoVersion(needed: string, env: NodeJS.ProcessEnv, what: string): Promise<string> {
  try {
    // Not in the module's folder: there an older Go prints an error of its own.
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { env: goEnvironment(env), cwd: tmpdir() });
    return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? stdout.trim();
  } catch (error) {
    const why = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no go command on the PATH' : String(error);
    throw new Error(`Building ${what} needs Go ${needed} or newer: ${why}. ${WHERE_TO_GET_IT}`, { cause: error });
  }
}

function isOlder(found: string, needed: string): boolean {
  return found.localeCompare(needed, 'en', { numeric: true }) < 0;
}

/**
 * Runs the go command to its end.
 *
 * @returns what it wrote to stdout
 * @throws Error with the last lines of its output and the path of the log, when it ends with anything but 0
 */
export async function runGo({ args, cwd, env, log, onLine }: GoRun): Promise<string> {
  const child = spawn('go', args, { cwd, env: goEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  const tail: string[] = [];
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface(child.stderr).on('line', (line) => {
    file.write(`${line}\n`);
    onLine?.(line);
    if (!isPackageName(line)) tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => {
      resolve(status ?? String(signal));
    });
  });
  await finished(file.end());
  if (code === 0) return stdout;
  throw new Error(`go ${args.slice(0, 2).join(' ')} in ${cwd} ended with ${code}:\n${tail.join('\n')}\nThe whole output is in ${log}`);
}

/** Whether the line is one that `go build -v` prints for each package it compiles. */
export function isPackageName(line: string): boolean {
  return /^[\w.~/-]+$/.test(line);
}
