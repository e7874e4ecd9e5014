import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cacheFolder } from '../test/control-plane/build.ts';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';
import { requireGo, runGo } from '../test/control-plane/go.ts';
import type { Size } from './options.ts';

const MODULE = join(import.meta.dirname, 'filler');
/** The oldest objects were created this long ago, in seconds: nothing of the cluster is still being set up. */
const AGE_S = 30 * 24 * 3600;

/** What was written into etcd. */
export interface Filled {
  readonly objects: number;
  readonly bytes: number;
  readonly podBytes: number;
  readonly smallestPod: number;
}

/** Which changes to make, and how many. */
export interface Churn {
  /** Changes a second; as many as can be where it is not said. */
  readonly rate?: number;
  readonly count?: number;
  /** Of 1000 changes, how many take a pod's IPv6 address away or give it back. */
  readonly flips?: number;
  /** Of 1000 changes, how many replace a pod by another one. */
  readonly replacements?: number;
  /** Which pods are changed follows from it. */
  readonly seed?: number;
}

/** What changes were made. */
export interface Churned {
  readonly changes: number;
  readonly flips: number;
  readonly replacements: number;
  readonly seconds: number;
}

/** Makes clusters of any size by writing what the API server would have written into its etcd, and changes them. */
export class Filler {
  readonly #program: string;
  readonly #controlPlane: ControlPlane;
  readonly #size: Size;
  readonly #epoch = Math.floor(Date.now() / 1000) - AGE_S;

  private constructor(program: string, controlPlane: ControlPlane, size: Size) {
    this.#program = program;
    this.#controlPlane = controlPlane;
    this.#size = size;
  }

  /** Builds the program, unless the same sources were built before. @throws Error with the end of the build's output */
  static async build(controlPlane: ControlPlane, size: Size): Promise<Filler> {
    return new Filler(await ensureBuilt(), controlPlane, size);
  }

  /**
   * Has the API server write two objects of every shape, learns the managed fields from the first one, and holds the second one to what
   * this program would have written. To be called before `fill`.
   * @returns how many shapes there are
   * @throws Error that shows the difference where there is one
   */
  async learn(): Promise<number> {
    const { server, caFile, token } = this.#controlPlane;
    const { shapes } = await this.#run<{ readonly shapes: number }>('learn', [
      `--server=${server}`,
      `--ca-file=${caFile}`,
      `--token=${token}`,
    ]);
    return shapes;
  }

  /** Writes the cluster. The API server should not run meanwhile. */
  async fill(): Promise<Filled> {
    return this.#run<Filled>('fill', this.#sizeFlags());
  }

  /** Changes pods of the pod network. In the end every pod is again what it was. */
  async churn({ rate = 0, count, flips = 0, replacements = 0, seed = 1 }: Churn, signal?: AbortSignal): Promise<Churned> {
    const flags = [`--rate=${rate}`, `--flips=${flips}`, `--replacements=${replacements}`, `--seed=${seed}`];
    return this.#run<Churned>('churn', [...this.#sizeFlags(), ...flags, ...(count === undefined ? [] : [`--count=${count}`])], signal);
  }

  #sizeFlags(): readonly string[] {
    const { nodes, pods, services, namespaces } = this.#size;
    return [`--nodes=${nodes}`, `--pods=${pods}`, `--services=${services}`, `--namespaces=${namespaces}`];
  }

  /** An abort ends it in good order. */
  async #run<T>(what: 'learn' | 'fill' | 'churn', flags: readonly string[], signal?: AbortSignal): Promise<T> {
    const { etcd, dir } = this.#controlPlane;
    const common = [`--etcd=${etcd}`, `--lessons=${join(dir, 'lessons.json')}`, `--epoch=${this.#epoch}`];
    const child = spawn(this.#program, [what, ...common, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (): void => {
      child.kill('SIGTERM');
    };
    signal?.addEventListener('abort', end);
    process.once('exit', end);
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    process.off('exit', end);
    signal?.removeEventListener('abort', end);
    if (code !== 0) throw new Error(`filler ${what} ended with ${code ?? 'a signal'}: ${stderr.trim()}`);
    return JSON.parse(stdout) as T;
  }
}

/** @returns the path of the program */
async function ensureBuilt(): Promise<string> {
  const folder = join(cacheFolder(process.env), 'dualstack-operator', 'bench');
  const program = join(folder, `filler-${hashOfModule()}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  await requireGo(join(MODULE, 'go.mod'), process.env, 'what fills the cluster of the benchmark');
  const draft = `${program}.draft-${process.pid}`;
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', draft, '.'];
  await runGo({ args, cwd: MODULE, env: process.env, log: join(folder, 'build.log') });
  renameSync(draft, program);
  return program;
}

function hashOfModule(): string {
  const hash = createHash('sha256').update(`${process.platform}/${process.arch}`);
  for (const name of readdirSync(MODULE).sort()) hash.update(`\0${name}\0`).update(readFileSync(join(MODULE, name)));
  return hash.digest('hex').slice(0, 16);
}
