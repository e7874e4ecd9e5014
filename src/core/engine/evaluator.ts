import type { FamilyList } from '../net/addresses.ts';
import type { Change } from '../kinds/facts.ts';
import { ClusterStore, pendingKinds } from '../cluster/cluster-store.ts';
import { Evaluation } from './evaluation.ts';

import type { Grace } from '../cluster/grace.ts';
import { DEFAULT_PARAMETERS, type ParameterValues } from '../cluster/parameters.ts';
import type { Clock, Pace } from '../clock.ts';
import { inShortSteps } from './in-short-steps.ts';

/** Changes that come within this time, in milliseconds, are evaluated together; whoever reads does not wait for it. */
const BATCH_MS = 200;
/** What falls due does so by the time of day, which may be set while this waits for it. */
const LONGEST_WAIT_MS = 60_000;

/** So many evaluations are kept at most: each takes memory for its findings, and time at each change. */
export const MOST_EVALUATIONS = 5;

export interface EvaluatorOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly grace: Grace;
  /** Called after each completed evaluation with its duration in seconds. */
  readonly onEvaluated: (seconds: number) => void;
}

/** Somebody who waits to read, until the evaluation of this number has ended. */
interface Reading {
  readonly evaluation: number;
  readonly serve: () => void;
}

/**
 * Turns changes into verdicts: what changes is taken into the store, and the evaluations are brought up to date a moment later.
 * Changes that come during an evaluation wait for its end, so that whoever reads between evaluations sees one state.
 */
export class Evaluator {
  readonly store = new ClusterStore();
  readonly #options: EvaluatorOptions;
  readonly #evaluations = new Map<string, Evaluation>();
  #waiting: Change[] = [];
  #evaluating: Promise<void> | undefined;
  #dirty = false;
  #completed = 0;
  #started = 0;
  readonly #readings = new Set<Reading>();
  #wake = Promise.withResolvers<undefined>();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Takes a change in. */
  push(change: Change): void {
    if (this.#evaluating) this.#waiting.push(change);
    else this.#take(change);
  }

  /** The evaluation for a list of expected families and some parameters; a new one is evaluated a moment later. */
  evaluationFor(expected: FamilyList, parameters: ParameterValues = DEFAULT_PARAMETERS): Evaluation {
    const key = evaluationKey(expected, parameters);
    const known = this.#evaluations.get(key);
    if (known) return known;
    const evaluation = new Evaluation(this.store, expected, this.#options.grace, parameters);
    this.#evaluations.set(key, evaluation);
    this.#markDirty();
    return evaluation;
  }

  /** Drops the evaluations that nobody requests now. */
  keepEvaluations(kept: ReadonlySet<Evaluation>): void {
    for (const [key, evaluation] of this.#evaluations) if (!kept.has(evaluation)) this.#evaluations.delete(key);
  }

  /** Whether every kind is known or unavailable, and evaluated at least once. */
  get ready(): boolean {
    return this.#completed > 0;
  }

  /** Changes that wait for an evaluation to end. */
  get queueDepth(): number {
    return this.#waiting.length;
  }

  /**
   * Reads the store and the evaluations while they agree, with every change that came in before the call. The end of one evaluation that
   * knows these is enough: a steady stream of changes cannot hold a reader up.
   * @throws what the reader or an evaluation throws
   */
  async read<T>(reader: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const reading: Reading = {
      evaluation: this.#evaluating && this.#waiting.length === 0 ? this.#started : this.#started + 1,
      serve: () => {
        resolve(Promise.try(reader));
      },
    };
    this.#readings.add(reading);
    try {
      while (this.#readings.has(reading) && (this.#evaluating ?? this.#isDue())) await this.#evaluate();
    } catch (error) {
      this.#readings.delete(reading);
      throw error;
    }
    if (this.#readings.delete(reading)) reading.serve();
    return promise;
  }

  /** Evaluates whenever something changed or falls due, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (true) {
      await this.#changeOrDue(signal);
      await clock.sleep(BATCH_MS, signal);
      if (signal.aborted) return;
      await this.read(() => undefined);
    }
  }

  #take(change: Change): void {
    if (this.store.apply(change)) this.#markDirty();
  }

  #markDirty(): void {
    this.#dirty = true;
    this.#wake.resolve(undefined);
  }

  async #changeOrDue(signal: AbortSignal): Promise<void> {
    if (this.#isDue()) return;
    const { clock } = this.#options;
    const due = Math.min(...[...this.#evaluations.values()].map(({ nextDue = Infinity }) => nextDue));
    const wait = due === Infinity ? Infinity : Math.min(due - clock.time(), LONGEST_WAIT_MS);
    const woken = new AbortController();
    this.#wake = Promise.withResolvers();
    const sleep = clock.sleep(wait, AbortSignal.any([signal, woken.signal]));
    await Promise.race([this.#wake.promise, sleep]);
    woken.abort();
  }

  /** Nothing is evaluated before every kind is known or unavailable: a half-filled store has no verdict. */
  #isDue(): boolean {
    if (this.#evaluations.size === 0 || pendingKinds(this.store).length > 0) return false;
    if (this.#dirty) return true;
    const time = this.#options.clock.time();
    return [...this.#evaluations.values()].some((evaluation) => evaluation.isDueAt(time));
  }

  async #evaluate(): Promise<void> {
    this.#evaluating ??= this.#evaluateAll();
    await this.#evaluating;
  }

  async #evaluateAll(): Promise<void> {
    const { pace } = this.#options;
    const start = pace.elapsed();
    this.#started += 1;
    this.#dirty = false;
    const dirtySets = this.store.takeDirtySets();
    const time = this.#options.clock.time();
    for (const evaluation of this.#evaluations.values()) await inShortSteps(evaluation.evaluate(dirtySets, time), pace);
    this.#evaluating = undefined;
    this.#completed += 1;
    this.#serveReadings();
    this.#takeWaiting();
    // Something may fall due sooner than what is waited for.
    this.#wake.resolve(undefined);
    this.#options.onEvaluated((pace.elapsed() - start) / 1000);
  }

  /** Before the changes that waited are taken in: from then on the store is ahead of the evaluations. */
  #serveReadings(): void {
    for (const reading of this.#readings) {
      if (reading.evaluation > this.#started) continue;
      this.#readings.delete(reading);
      reading.serve();
    }
  }

  #takeWaiting(): void {
    const changes = this.#waiting;
    this.#waiting = [];
    for (const change of changes) this.#take(change);
  }
}

/** The same for evaluations that find the same. */
export function evaluationKey(expected: FamilyList, { key }: ParameterValues): string {
  return `${expected.join()} ${key}`;
}
