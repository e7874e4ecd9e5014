import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ensurePrometheus } from './install.ts';

/** How a run of promtool ended. */
export interface PromtoolOutcome {
  /** 0 where it has nothing to complain of. */
  readonly code: number | null;
  /** What it wrote to stdout and then to stderr. */
  readonly output: string;
}

/**
 * Runs promtool to its end, such as `promtool check rules FILE`. Prometheus is downloaded first if there is none.
 *
 * @param input what it reads from stdin; nothing by default
 */
export async function runPromtool(args: readonly string[], input = ''): Promise<PromtoolOutcome> {
  const child = spawn(join(await ensurePrometheus(), 'promtool'), args, { stdio: 'pipe' });
  // It may end before it has read everything; its exit code says what matters.
  child.stdin.on('error', () => undefined).end(input);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, output: output + errors };
}
