import { NO_FAMILY } from '../../src/core/addresses.ts';
import type { Connection } from '../../src/kubernetes/connection.ts';
import { Interner } from '../../src/kubernetes/projections/interner.ts';
import type { ReflectorObserver } from '../../src/kubernetes/reflector/observer.ts';
import { NO_OBSERVER } from '../../src/kubernetes/reflector/observer.ts';
import { runReflector } from '../../src/kubernetes/reflector/reflector.ts';
import { changeSink } from '../../src/kubernetes/reflector/sink.ts';
import { builtInResources } from '../../src/kubernetes/resources.ts';
import { Evaluator } from '../../src/operator/evaluator.ts';
import { FieldsLog } from '../operator/support/fields-log.ts';
import type { ScaledClock } from './scaled-clock.ts';
import { factsIn, findingsIn, GRACE } from './truth.ts';

/** The reflectors of all built-in kinds with an evaluator behind them: the operator as far as its knowledge goes. */
export class Watcher {
  readonly log = new FieldsLog();
  /** How many errors the reflectors told of, by reason. */
  readonly errors = new Map<string, number>();
  readonly #evaluator: Evaluator;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(connection: Connection, clock: ScaledClock) {
    this.#evaluator = new Evaluator({ clock, grace: GRACE, onEvaluated: () => undefined });
    this.#evaluator.ledgerFor(NO_FAMILY);
    const { signal } = this.#stop;
    const reflectors = builtInResources(new Interner()).map((resource) => {
      const sink = changeSink(resource.kind, (change) => {
        this.#evaluator.push(change);
      });
      return runReflector({ connection, resource, sink, signal, clock, log: this.log, observer: this.#observer() });
    });
    this.#running = Promise.all([this.#evaluator.run(signal), ...reflectors]);
    // Seen by `stop` too, but not before something waits for it.
    this.#running.catch(() => undefined);
  }

  /** What it knows and finds, all changes that have come so far considered; nothing before the first lists. */
  async state(): Promise<{ readonly facts: unknown; readonly findings: unknown } | undefined> {
    return this.#evaluator.read(() => {
      if (!this.#evaluator.ready) return undefined;
      return { facts: factsIn(this.#evaluator.inventory), findings: findingsIn(this.#evaluator.ledgerFor(NO_FAMILY)) };
    });
  }

  /** Stops all of it; throws what any part has thrown. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #observer(): ReflectorObserver {
    return {
      ...NO_OBSERVER,
      onError: (reason) => {
        this.errors.set(reason, (this.errors.get(reason) ?? 0) + 1);
      },
    };
  }
}
