/**
 * The bare baseline: asks for all lists at once over node:https and throws what comes away. Reads a `Task` from its first argument, and
 * prints an `Outcome` in one line of JSON when all lists are complete.
 */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';

export interface Task {
  readonly server: string;
  readonly caFile: string;
  readonly token: string;
  readonly accept: string;
  /** What marks the end of a list. */
  readonly end: string;
  readonly paths: readonly string[];
}

export interface Outcome {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** By list. */
  readonly bytes: readonly number[];
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const end = Buffer.from(task.end);
const agent = new Agent({ ca: readFileSync(task.caFile) });

async function list(path: string): Promise<number> {
  const headers = { authorization: `Bearer ${task.token}`, accept: task.accept };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = get(task.server + path, { agent, headers }, (response) => {
    let bytes = 0;
    let before: Buffer = Buffer.alloc(0);
    if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode ?? 'no status'}`));
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // The mark may be cut by the end of a chunk.
      if (chunk.includes(end) || Buffer.concat([before, chunk.subarray(0, end.length)]).includes(end)) resolve(bytes);
      before = chunk.subarray(-end.length);
    });
    response.on('error', reject).on('end', () => {
      reject(new Error(`${path}: the list ended without its mark`));
    });
  });
  request.on('error', reject);
  const bytes = await promise;
  request.on('error', () => undefined).destroy();
  return bytes;
}

const [started, cpuBefore] = [performance.now(), process.cpuUsage()];
const bytes = await Promise.all(task.paths.map(list));
const wallMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, bytes } satisfies Outcome));
