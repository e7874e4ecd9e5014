import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Row } from './row.ts';

const PROGRAM = join(import.meta.dirname, 'micro', 'main.ts');

/**
 * Measures parts of the source in a process of their own, whose heap holds nothing else.
 * @param podPage a page of pods as the API server gives it; without it, nothing is decoded
 */
export async function measureMicro(podPage?: Buffer): Promise<readonly Row[]> {
  const child = spawn(process.execPath, ['--expose-gc', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined).end(podPage);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, [code]] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(`the micro benchmarks ended with ${code ?? 'a signal'}`);
  return JSON.parse(stdout) as Row[];
}
