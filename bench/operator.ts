import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { BUNDLE_NAME } from '../scripts/bundle.ts';
import { fromRoot } from '../scripts/root.ts';
import type { Purpose } from '../src/server/purposes.ts';
import { waitFor } from '../test/support/waiting.ts';

/**
 * Ends the operator with the benchmark, however that ends. As text and not as a file: a TypeScript preload would load what strips its types,
 * and so nearly double the memory that is to be measured.
 */
const END_WITH_PARENT =
  "data:text/javascript,process.stdin.once('close',()=>process.kill(process.pid,'SIGKILL'));process.stdin.resume();process.stdin.unref?.()";

/** The flags for Node that the image has. */
const IMAGE_FLAGS = imageFlags(readFileSync(fromRoot('Dockerfile'), 'utf8'));

/** @throws Error where the Dockerfile has no ENTRYPOINT in its JSON form */
function imageFlags(dockerfile: string): readonly string[] {
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1];
  if (entrypoint === undefined) throw new Error('the Dockerfile has no ENTRYPOINT [...]');
  return (JSON.parse(entrypoint) as readonly string[]).filter((part) => part.startsWith('--'));
}

/** The bundle that ships. */
export const BUNDLE = fromRoot('dist', BUNDLE_NAME);

const FREE_PORTS = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0', '--page-bind-address=127.0.0.1:0'];
const LAST_LINES = 20;

/** Where the operator listens, as its log has it. */
type Listening = Readonly<Record<Purpose, readonly [string]>>;

export interface OperatorStart {
  readonly kubeconfig: string;
  /** Its home folder. */
  readonly home: string;
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
  /** Flags for the operator. */
  readonly flags?: readonly string[];
}

/** The bundled operator as a process of its own. */
export class Operator {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true });
  #output = '';
  #listening: Listening | undefined;

  private constructor(child: ChildProcess) {
    if (child.pid === undefined) throw new Error('the operator could not be started');
    this.pid = child.pid;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
      });
    }
    child.stdin?.on('error', () => undefined);
  }

  /** Starts it, and does not wait for anything. */
  static start({ kubeconfig, home, nodeFlags = [], flags = [] }: OperatorStart): Operator {
    const args = ['run', `--kubeconfig=${kubeconfig}`, ...FREE_PORTS, ...flags];
    const { PATH } = process.env;
    return new Operator(
      spawn(process.execPath, [`--import=${END_WITH_PARENT}`, ...IMAGE_FLAGS, ...nodeFlags, BUNDLE, ...args], {
        env: { PATH, HOME: home },
        stdio: 'pipe',
      }),
    );
  }

  /** Everything that it wrote. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the cluster has been evaluated. @throws Error with the end of its log when it ends instead */
  async ready(deadlineMs = 120_000): Promise<void> {
    const isReady = async (): Promise<boolean> => !this.#isRunning() || (await this.#ask('health', '/readyz')).status === 200;
    await waitFor('the operator to be ready', isReady, { deadlineMs, everyMs: 50 });
    if (this.#isRunning()) return;
    throw new Error(`the operator has ended:\n${this.#output.trimEnd().split('\n').slice(-LAST_LINES).join('\n')}`);
  }

  /** One scrape. */
  async metrics(): Promise<string> {
    const { status, body } = await this.#ask('metrics', '/metrics');
    if (status !== 200) throw new Error(`/metrics answered ${status}: ${body}`);
    return body;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#agent.destroy();
    if (!this.#isRunning()) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(purpose: Purpose, path: string): Promise<{ readonly status: number; readonly body: string }> {
    const [response] = (await once(get(this.#urlOf(purpose) + path, { agent: this.#agent }), 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  #urlOf(purpose: Purpose): string {
    this.#listening ??= this.#listeningLine();
    return `http://${this.#listening[purpose][0]}`;
  }

  #listeningLine(): Listening {
    const line = this.#output.split('\n').find((each) => each.endsWith('"msg":"listening"}'));
    if (line === undefined) throw new Error('the operator does not listen yet');
    return JSON.parse(line) as Listening;
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
