import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';
import { BUNDLE_NAME } from '../../scripts/bundle.ts';
import { fromRoot } from '../../scripts/root.ts';
import type { Purpose } from '../../src/server/purposes.ts';
import { waitFor } from './waiting.ts';

/** One line of the operator's log. */
export interface LogLine {
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OperatorOptions {
  /** The kubeconfig; without it no flag names one. */
  readonly kubeconfig?: string;
  /** Flags that say where it listens; each server is on a free port of 127.0.0.1 by default. */
  readonly listen?: readonly string[];
  readonly flags?: readonly string[];
  /** Variables beside PATH and HOME. */
  readonly env?: NodeJS.ProcessEnv;
  /** The home folder, in which there should be no kubeconfig. */
  readonly home: string;
}

/** The answer to a request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const BUNDLE = fromRoot('dist', BUNDLE_NAME);
/** Preloaded, it ends a process with this one. */
export const END_WITH_PARENT = pathToFileURL(join(import.meta.dirname, 'end-with-parent.ts')).href;
/** The variables that have each server on a free port of 127.0.0.1. */
export const FREE_PORTS = {
  DUALSTACK_METRICS_BIND_ADDRESS: '127.0.0.1:0',
  DUALSTACK_HEALTH_PROBE_BIND_ADDRESS: '127.0.0.1:0',
  DUALSTACK_PAGE_BIND_ADDRESS: '127.0.0.1:0',
} as const;
const LISTEN_MS = 20_000;
const END_MS = 20_000;
const LAST_LINES = 30;

/**
 * Starts the bundled program as `dualstack-operator run`. It ends with this process at the latest.
 *
 * @returns once it listens
 * @throws Error with its log when it ends instead
 */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { kubeconfig, listen = [], flags = [], env } = options;
  const args = ['run', ...listen, ...(kubeconfig ? [`--kubeconfig=${kubeconfig}`] : []), ...flags];
  const operator = new OperatorProcess(spawnProgram(args, { ...options, env: { ...FREE_PORTS, ...env } }));
  await operator.listening();
  return operator;
}

/** Runs the bundled program to its end, as `dualstack-operator <args>`. */
export async function runProgram(args: readonly string[], { env, home }: Pick<OperatorOptions, 'env' | 'home'>): Promise<Outcome> {
  const child = spawnProgram(args, { env: env ?? {}, home });
  const ended = once(child, 'close', { signal: AbortSignal.timeout(END_MS) }) as Promise<[number | null]>;
  try {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
    return { code, stdout, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Where the bundled program is. @throws Error where it is not */
export function bundle(): string {
  if (!existsSync(BUNDLE)) throw new Error('there is no bundle to run: `npm run build` makes it, as the commands that run tests do first');
  return BUNDLE;
}

function spawnProgram(args: readonly string[], { env, home }: Pick<OperatorOptions, 'env' | 'home'>): ChildProcess {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  return spawn(process.execPath, [`--import=${END_WITH_PARENT}`, bundle(), ...args], {
    env: { PATH, HOME: home, ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}), ...env },
    stdio: 'pipe',
  });
}

/** The lines of a log in JSON; what is none stays out. */
export function logLines(output: string): readonly LogLine[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as LogLine] : []));
}

/** The addresses of a purpose, in what the operator logs once it listens. */
export function listeningOn(fields: Readonly<Record<string, unknown>> | undefined, purpose: Purpose): readonly string[] {
  const addresses = fields?.[purpose];
  return Array.isArray(addresses) ? addresses.map(String) : [];
}

function purposeOf(path: string): Purpose {
  if (path === '/healthz' || path === '/readyz') return 'health';
  return path === '/' ? 'page' : 'metrics';
}

/** The operator as a process of its own. `startOperator` makes them. */
export class OperatorProcess {
  readonly #child: ChildProcess;
  #output = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
      });
    }
    // Neither a killed process nor one that never read is a fault here.
    child.stdin?.on('error', () => undefined);
  }

  /** Whether it still runs. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The port of the metrics. */
  get port(): number {
    return Number(new URL(this.urlOf('metrics')).port);
  }

  /** Where the server for a purpose is, by plain HTTP. @throws Error where it does not listen */
  urlOf(purpose: Purpose): string {
    const [address] = listeningOn(this.#listeningLine(), purpose);
    if (address === undefined) throw new Error(`nothing listens for ${purpose}:\n${this.tail}`);
    return `http://${address.replace('[::]', '[::1]').replace('0.0.0.0', '127.0.0.1')}`;
  }

  /** What Linux says of it, as proc_pid_status(5) and proc_pid_mountinfo(5) have it. */
  proc(file: 'status' | 'mountinfo'): string {
    return readFileSync(`/proc/${this.#child.pid ?? 'none'}/${file}`, 'utf8');
  }

  /** Its log so far. */
  get log(): readonly LogLine[] {
    return logLines(this.#output);
  }

  /** The end of everything that it wrote. */
  get tail(): string {
    return this.#output.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  }

  /** Called once, by `startOperator`. */
  async listening(): Promise<void> {
    const line = await waitFor('the operator to listen', () => this.#listeningLine() ?? (!this.running && 'ended'), {
      deadlineMs: LISTEN_MS,
      everyMs: 20,
    });
    if (line === 'ended') throw new Error(`the operator ended with exit code ${this.#child.exitCode ?? 'unknown'}:\n${this.tail}`);
  }

  /** Waits for a line of the log whose message holds `words`, the `count`th of them. */
  async logged(
    words: string,
    { count = 1, deadlineMs = 30_000 }: { readonly count?: number; readonly deadlineMs?: number } = {},
  ): Promise<LogLine> {
    const found = (): LogLine | undefined => this.log.filter(({ msg }) => msg.includes(words))[count - 1];
    return waitFor(`the operator to log "${words}"`, () => this.orFail(found), { deadlineMs, everyMs: 50 });
  }

  /** Asks the operator for a path, at the server that has it. */
  async get(path: string, method: 'GET' | 'HEAD' | 'POST' = 'GET'): Promise<HttpAnswer> {
    const response = await fetch(this.urlOf(purposeOf(path)) + path, { method, signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.text() };
  }

  /** The exposition of its metrics. */
  async metrics(): Promise<string> {
    const { status, body } = await this.get('/metrics');
    if (status !== 200) throw new Error(`/metrics answered ${status}: ${body}`);
    return body;
  }

  /** Waits until the cluster has been evaluated. */
  async ready(): Promise<void> {
    await waitFor('the operator to be ready', async () => (await this.get('/readyz')).status === 200, { everyMs: 50 });
  }

  /**
   * Sends a signal and waits for the end.
   *
   * @returns the exit code, and how many milliseconds it took
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ readonly code: number | null; readonly ms: number }> {
    const start = performance.now();
    if (this.running) {
      const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(END_MS) });
      this.#child.kill(signal);
      await ended;
    }
    return { code: this.#child.exitCode, ms: performance.now() - start };
  }

  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, whatever it does. */
  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** What `look` finds. @throws Error with the end of the log when the process has ended by itself */
  orFail<T>(look: () => T): T {
    if (!this.running) throw new Error(`the operator has ended with exit code ${this.#child.exitCode ?? 'unknown'}:\n${this.tail}`);
    return look();
  }

  #listeningLine(): LogLine | undefined {
    return this.log.find(({ msg }) => msg === 'listening');
  }
}
