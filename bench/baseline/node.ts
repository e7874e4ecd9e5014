import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ControlPlane } from '../../test/control-plane/control-plane.ts';
import type { Outcome, Task } from './client.ts';
import { ACCEPT, END, listPaths } from './lists.ts';

const CLIENT = join(import.meta.dirname, 'client.ts');
const LONGEST_MS = 300_000;

/** Runs the bare baseline in a process of its own. Its times do not include the start of Node. */
export async function runBaseline({ server, caFile, token }: ControlPlane): Promise<Outcome> {
  const task: Task = { server, caFile, token, accept: ACCEPT, end: END, paths: listPaths() };
  const child = spawn(process.execPath, [CLIENT, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`the baseline ended with ${code ?? 'a signal'}: ${stderr}`);
  return JSON.parse(stdout) as Outcome;
}
