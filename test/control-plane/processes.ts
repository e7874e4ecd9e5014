import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../support/waiting.ts';

/** What the supervisor is to do. */
export type Order =
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly log: string;
      readonly env: NodeJS.ProcessEnv;
    }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: 'SIGTERM' | 'SIGKILL' };

/** What the supervisor reports. */
export type Event =
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'ended'; readonly name: string; readonly how: string };

type State =
  { readonly is: 'starting' } | { readonly is: 'running'; readonly pid: number } | { readonly is: 'ended'; readonly how: string };

const TAIL_LINES = 25;
const TERMINATION_MS = 10_000;

/** Processes that belong together, such as those of a control plane. They and their folder are gone once this process is, whatever ended it. */
export class Processes<Name extends string> {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #supervisor: ChildProcess;
  readonly #states = new Map<Name, State>();

  /**
   * @param binaries the folder of the programs
   * @param folder where their logs go and where they run; removed in the end
   * @param environment variables beside PATH and HOME
   */
  constructor(binaries: string, folder: string, environment: NodeJS.ProcessEnv = {}) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#environment = environment;
    // Detached: Ctrl+C in a terminal reaches the whole process group, and the supervisor has to live on to clean up.
    const log = openSync(join(folder, 'supervisor.log'), 'a');
    const stdio = ['ignore', log, log, 'ipc'] as const;
    this.#supervisor = fork(join(import.meta.dirname, 'supervisor.ts'), [folder], { detached: true, execArgv: [], stdio: [...stdio] });
    closeSync(log);
    this.#supervisor.on('message', (event: Event) => {
      this.#states.set(event.name as Name, event.kind === 'started' ? { is: 'running', pid: event.pid } : { is: 'ended', how: event.how });
    });
    // A test that forgets to stop its control plane ends all the same, and the supervisor then cleans up.
    this.#supervisor.unref();
    this.#supervisor.channel?.unref();
  }

  /** Starts a program; whether it lived is for `failure` to say later. */
  start(name: Name, args: readonly string[]): void {
    this.#states.set(name, { is: 'starting' });
    this.#send({ kind: 'start', name, command: join(this.#binaries, name), args, log: this.#log(name), env: this.environment() });
  }

  /** Ends a program and waits until it is gone: politely, and after ten seconds by force. */
  async end(name: Name): Promise<void> {
    const state = this.#states.get(name);
    if (state === undefined) return;
    const gone = (): boolean => this.#states.get(name)?.is === 'ended';
    this.#send({ kind: 'signal', name, signal: 'SIGTERM' });
    try {
      await waitFor(`the end of ${name}`, gone, { deadlineMs: TERMINATION_MS, everyMs: 20 });
    } catch {
      this.#send({ kind: 'signal', name, signal: 'SIGKILL' });
      await waitFor(`the end of ${name}`, gone, { everyMs: 20 });
    }
    this.#states.delete(name);
  }

  /** Kills everything, removes the folder, and resolves when both are done. */
  async close(): Promise<void> {
    if (this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null) return;
    this.#supervisor.ref();
    const exited = once(this.#supervisor, 'exit');
    if (this.#supervisor.connected) this.#supervisor.disconnect();
    await exited;
    this.#states.clear();
  }

  /** Why the program, or any of them, is not running though nobody ended it: how it ended and the end of its log. */
  failure(name?: Name): string | undefined {
    for (const [program, state] of this.#states) {
      if (state.is === 'ended' && (name ?? program) === program) {
        return `${program} ended with ${state.how}; the end of its log:\n${this.logTail(program)}`;
      }
    }
    return undefined;
  }

  /** The last lines that the program wrote to stdout and stderr. */
  logTail(name: Name, lines = TAIL_LINES): string {
    try {
      return readFileSync(this.#log(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '(no log)';
    }
  }

  /** Whether the program was started and has not ended. */
  isRunning(name: Name): boolean {
    return this.#states.get(name)?.is === 'running';
  }

  /** The ids of the running processes, the supervisor's included. */
  ids(): readonly number[] {
    const running = [...this.#states.values()].flatMap((state) => (state.is === 'running' ? [state.pid] : []));
    return this.#supervisor.pid === undefined ? running : [this.#supervisor.pid, ...running];
  }

  /** An environment in which nothing of the user's home, proxies or kubeconfig counts. */
  environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: this.#folder, TMPDIR: this.#folder, ...this.#environment };
  }

  #log(name: Name): string {
    return join(this.#folder, `${name}.log`);
  }

  #send(order: Order): void {
    if (!this.#supervisor.connected) throw new Error(`the supervisor of ${this.#folder} is gone`);
    this.#supervisor.send(order);
  }
}
