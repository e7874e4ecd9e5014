import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { fromRoot } from '../scripts/root.ts';
import type { Purpose } from '../src/server/purposes.ts';
import { waitFor } from '../test/support/waiting.ts';

/** Whether anything else runs on this machine plays no part. */
const FREE_PORTS = ['--metrics-bind-address=localhost:0', '--health-probe-bind-address=localhost:0', '--page-bind-address=localhost:0'];
const LONGEST_STOP_MS = 10_000;
const END_WITH_PARENT = pathToFileURL(fromRoot('test', 'support', 'end-with-parent.ts')).href;

/** The operator as a process of its own, run from source as `npm start` runs it. It ends with this process at the latest. */
export class DemoOperator {
  readonly #process: ChildProcess;
  readonly #log: string[] = [];
  #addresses: Readonly<Record<Purpose, readonly [string, ...string[]]>> | undefined;

  private constructor(kubeconfig: string) {
    // Whether something is still being set up plays no part in a cluster that does not change.
    const flags = [`--kubeconfig=${kubeconfig}`, ...FREE_PORTS, '--grace-scale=0'];
    const args = [`--import=${END_WITH_PARENT}`, fromRoot('src', 'main.ts'), 'run', ...flags];
    // In a group of its own an interrupt at the terminal does not reach it before the demo stops it.
    this.#process = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    this.#process.stdin?.on('error', () => undefined);
    if (this.#process.stdout) {
      createInterface(this.#process.stdout).on('line', (line) => {
        this.#read(line);
      });
    }
  }

  /** Starts it on a cluster; resolves when it has evaluated the cluster. */
  static async start(kubeconfig: string): Promise<DemoOperator> {
    const operator = new DemoOperator(kubeconfig);
    try {
      await waitFor('the operator to be ready', () => operator.#isReady(), { deadlineMs: 60_000 });
    } catch (error) {
      await operator.stop();
      throw new Error(`the operator did not get ready; its log:\n${operator.#log.join('\n')}`, { cause: error });
    }
    return operator;
  }

  /** Its metrics in Prometheus' text format. */
  async metrics(): Promise<string> {
    return (await fetch(this.metricsUrl)).text();
  }

  /** Where its metrics are served. */
  get metricsUrl(): string {
    return `${this.#urlOf('metrics')}/metrics`;
  }

  /** Where its page is served. */
  get pageUrl(): string {
    return `${this.#urlOf('page')}/`;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), LONGEST_STOP_MS);
    await ended;
    clearTimeout(patience);
  }

  #read(line: string): void {
    this.#log.push(line);
    if (/"msg":"listening"/.test(line)) this.#addresses = JSON.parse(line) as Readonly<Record<Purpose, [string, ...string[]]>>;
  }

  /** @throws Error before it listens */
  #urlOf(purpose: Purpose): string {
    if (!this.#addresses) throw new Error('the operator does not listen yet');
    return `http://${this.#addresses[purpose][0]}`;
  }

  async #isReady(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`the operator ended with exit code ${this.#process.exitCode}`);
    if (!this.#addresses) return false;
    return (await fetch(`${this.#urlOf('health')}/readyz`)).ok;
  }
}
