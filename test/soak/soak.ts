import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { INSPECTABLE } from '../../bench/heap.ts';
import { Operator } from '../../bench/operator.ts';
import type { Purpose } from '../faults/asked.ts';
import { reset, stall, status } from '../faults/faults.ts';
import { play, schedule } from '../faults/history.ts';
import { Ground, startBareControlPlane } from '../faults/ground.ts';
import { kubeconfigVia } from '../faults/kubeconfig.ts';
import { FaultProxy, type Fault } from '../faults/proxy.ts';
import { Questions } from '../faults/questions.ts';
import { expectTruth } from '../faults/expect-truth.ts';
import { WATCHED } from '../faults/watched.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { waitFor } from '../support/waiting.ts';
import { Churn, turn } from './churn.ts';
import type { SoakOptions } from './options.ts';
import { sampleOf, socketsOf, type Sample } from './sample.ts';

/** What came of a soak. */
export interface Soaked {
  /** One of each replica at the end of each round. */
  readonly samples: readonly Sample[];
  readonly rounds: number;
  readonly changes: number;
  /** At the proxy, as the connections are. */
  readonly requests: number;
  readonly connections: number;
}

type Progress = (line: string) => void;

const REPLICAS = 2;
const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];
const MINUTE_MS = 60_000;
/** For so long at least a round has faults, and changes between them. */
const ROUND_MS = 20_000;
const CHANGES_PER_SECOND = 5;
/** More than a round has time for. */
const MOST_TURNS = 1_000;
const MOST_SCHEDULES = 20;
const LOOK_EVERY_MS = 1_000;
/** A run that is shorter has no minutes to wait until what was lost without a sign is missed: each round ends with all connections cut. */
const PATIENT_FROM_MINUTES = 15;
/** The longest silence of a watch, a list after it, and the pauses between its tries. */
const TRUTH_MS = 8 * MINUTE_MS;
/** Beside one for each watch: stdin, stdout and stderr, those that listen for scrapes, probes, the page and the inspector, a scrape's, and two of the pool for all else. */
const OTHER_SOCKETS = 10;
/** Idle sockets are closed after half of it. */
const REST_MS = MINUTE_MS;
/** Of slow answers as in the tests: 25 kB a second. */
const SCALE = 25;

/** What becomes of writes during a round. */
const WRITES: Readonly<Record<string, Fault | undefined>> = {
  pass: undefined,
  reset,
  stall,
  'answer 409': status(409, 'Conflict'),
  'answer 429': status(429, 'TooManyRequests', 1),
  'answer 500': status(500, 'InternalError'),
};
const QUESTIONS = [['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']] as const;

/**
 * Runs replicas of the operator behind a proxy, in rounds of changes and faults after which all has to be true and at rest again.
 * @throws Error where a round does not end so, with its number and the ends of the logs
 */
export async function soak(options: SoakOptions, progress: Progress): Promise<Soaked> {
  const ground = new Ground();
  ground.begin(await startBareControlPlane({ users: [OPERATOR] }));
  try {
    await installOperatorManifests(ground.controlPlane);
    return await onGround(ground, options, progress);
  } finally {
    await ground.end();
  }
}

async function onGround(ground: Ground, options: SoakOptions, progress: Progress): Promise<Soaked> {
  const { controlPlane } = ground;
  const proxy = await FaultProxy.start(controlPlane);
  const churn = new Churn(ground.objects);
  await churn.fill(fc.sample(turn, { seed: options.seed, numRuns: 100 }));
  const kubeconfig = kubeconfigVia(controlPlane, proxy, OPERATOR.name);
  const flags = [...ELECTION, '--grace-scale=0'];
  const start = (): Operator => Operator.start({ kubeconfig, home: controlPlane.dir, nodeFlags: [INSPECTABLE], flags });
  const run = new Run({ ground, proxy, churn, operators: Array.from({ length: REPLICAS }, start), options, progress });
  try {
    return await run.all();
  } finally {
    await run.end();
  }
}

interface Parts {
  readonly ground: Ground;
  readonly proxy: FaultProxy;
  readonly churn: Churn;
  readonly operators: readonly Operator[];
  readonly options: SoakOptions;
  readonly progress: Progress;
}

class Run {
  readonly #parts: Parts;
  readonly #start = performance.now();
  readonly #samples: Sample[] = [];
  readonly #questions: Questions;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#questions = new Questions(parts.ground.admin);
  }

  async all(): Promise<Soaked> {
    const { operators, options, churn, proxy, progress } = this.#parts;
    progress(`${operators.map(({ pid }, index) => `replica ${index + 1} is process ${pid}`).join(', ')}; seed ${options.seed}`);
    for (const operator of operators) await operator.ready();
    await this.#settle('at the start');
    // The first measurement starts the inspector, and what it takes.
    await this.#measure();
    const until = performance.now() + options.minutes * MINUTE_MS;
    let rounds = 0;
    while (performance.now() < until) {
      rounds += 1;
      await this.#round(rounds);
      const samples = await this.#measure();
      this.#samples.push(...samples);
      progress(`round ${rounds}: ${churn.count} changes, ${proxy.requests.length} requests, ${wordsOf(samples)}`);
    }
    return { samples: this.#samples, rounds, changes: churn.count, requests: proxy.requests.length, connections: proxy.connections };
  }

  async end(): Promise<void> {
    const { operators, proxy } = this.#parts;
    await Promise.all(operators.map((operator) => operator.stop()));
    await proxy.close();
  }

  async #round(round: number): Promise<void> {
    const { proxy, options } = this.#parts;
    const seed = options.seed + round;
    await this.#replaceReport(round);
    this.#spoilWrites(seed);
    const over = new AbortController();
    const changes = this.#change(seed, over.signal);
    try {
      await this.#disturb(seed);
    } finally {
      over.abort();
      await changes;
    }
    proxy.clear();
    if (options.minutes < PATIENT_FROM_MINUTES) proxy.cut();
    await this.#settle(`after round ${round} (seed ${options.seed})`);
  }

  /** Another report in place of the last one, with another question. */
  async #replaceReport(round: number): Promise<void> {
    const { admin } = this.#parts.ground;
    await admin.delete(`${REPORTS_PATH}/round-${round - 1}`);
    const spec = { expectedFamilies: QUESTIONS[round % QUESTIONS.length] };
    await admin.create(REPORTS_PATH, {
      apiVersion: 'dualstack.dev/v1alpha1',
      kind: 'DualStackReport',
      metadata: { name: `round-${round}` },
      spec,
    });
  }

  #spoilWrites(seed: number): void {
    const [way = 'pass'] = fc.sample(fc.constantFrom(...Object.keys(WRITES)), { seed, numRuns: 1 });
    const fault = WRITES[way];
    if (fault) this.#parts.proxy.on(({ purpose }) => purpose === ('write' satisfies Purpose), fault);
  }

  async #change(seed: number, signal: AbortSignal): Promise<void> {
    const turns = fc.sample(turn, { seed, numRuns: MOST_TURNS });
    for (const one of turns) {
      if (signal.aborted) return;
      await this.#parts.churn.play(one);
      await sleep(1000 / CHANGES_PER_SECOND);
    }
  }

  /** Schedules of faults, one after the other, until the round has been long enough. */
  async #disturb(seed: number): Promise<void> {
    const { proxy, ground } = this.#parts;
    const scene = { proxy, objects: ground.objects, questions: this.#questions, scale: SCALE, pass: (ms: number) => sleep(ms) };
    const until = performance.now() + ROUND_MS;
    for (const { before, steps } of fc.sample(schedule, { seed, numRuns: MOST_SCHEDULES })) {
      for (const step of [...before, ...steps]) {
        if (performance.now() >= until) return;
        await play(step, scene);
      }
    }
  }

  /** Waits until what is said is true, and then until sockets that nobody needs are closed. */
  async #settle(when: string): Promise<void> {
    const { ground, operators } = this.#parts;
    const isTrue = async (): Promise<boolean> => {
      await expectTruth(ground, operators);
      return true;
    };
    const mostSockets = Object.keys(WATCHED).length + OTHER_SOCKETS;
    const isAtRest = (): boolean => operators.every(({ pid }) => socketsOf(pid) <= mostSockets);
    try {
      await waitFor(`the truth ${when}`, isTrue, { deadlineMs: TRUTH_MS, everyMs: LOOK_EVERY_MS });
      await waitFor(`at most ${mostSockets} sockets of each replica ${when}`, isAtRest, { deadlineMs: REST_MS, everyMs: LOOK_EVERY_MS });
    } catch (error) {
      throw new Error(operators.map(({ output }) => output.slice(-5_000)).join('\n\n'), { cause: error });
    }
  }

  #measure(): Promise<Sample[]> {
    const atMs = performance.now() - this.#start;
    return Promise.all(this.#parts.operators.map((operator, index) => sampleOf(operator, index + 1, atMs)));
  }
}

function wordsOf(samples: readonly Sample[]): string {
  return samples
    .map(
      ({ replica, heapBytes, descriptors }) =>
        `replica ${replica} ${(heapBytes / 1e6).toFixed(2)} MB and ${descriptors['socket'] ?? 0} sockets`,
    )
    .join(', ');
}
