import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A failed call of kubectl. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';
  readonly stderr: string;

  constructor(args: readonly string[], how: string, stderr: string) {
    super(`kubectl ${args.join(' ')} ended with ${how}: ${stderr.trim()}`);
    this.stderr = stderr;
  }
}

/**
 * Runs kubectl to its end.
 *
 * @param input what it reads from stdin; nothing by default
 * @returns what it wrote to stdout
 * @throws KubectlError when it ends with anything but 0
 */
export async function runKubectl(command: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<string> {
  const child = spawn(command, args, { env, stdio: 'pipe' });
  // kubectl may end before it has read everything; its exit code says what matters.
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (code === 0) return stdout;
  throw new KubectlError(args, signal ?? `exit code ${code ?? 'unknown'}`, stderr);
}
