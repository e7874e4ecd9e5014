import { systemPace } from '../../../src/client/transport/clock.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { DUAL_IPV4_FIRST, IPV4, IPV6, NO_FAMILY, type FamilyList } from '../../../src/core/net/addresses.ts';
import { keyOf, sameFacts, type Change, type Facts, type FactsKind } from '../../../src/core/kinds/facts.ts';
import { Evaluation } from '../../../src/core/engine/evaluation.ts';
import { graceOf } from '../../../src/core/cluster/view.ts';
import { Evaluator } from '../../../src/core/engine/evaluator.ts';
import { dualService, FORBIDDEN, inShort, KINDS, LONG_AGO, MINUTE, node, NOW, pod, SECOND, serviceCIDR } from '../build.ts';
import { anyFacts } from '../universe.ts';
import { onSlowMachine, StrictClock } from '../../controller/support/time.ts';

const PER_STEP = 200;
/** Longer than an evaluation may hold the event loop. */
const SLOW_MS = 11;

const PEER = pod({ name: 'peer' });
const LAGGING = pod({ name: 'lagging', addresses: ['10.244.1.8'], labels: {} });

class Bench {
  readonly clock = new StrictClock(NOW);
  readonly durations: number[] = [];
  readonly evaluator = new Evaluator({
    clock: this.clock,
    pace: systemPace,
    grace: graceOf(1),
    onEvaluated: (seconds) => void this.durations.push(seconds),
  });
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** With the evaluation of detected families, as the operator has it. */
  constructor() {
    this.evaluator.evaluationFor(NO_FAMILY);
  }

  get evaluations(): number {
    return this.durations.length;
  }

  push(...facts: readonly Facts[]): void {
    for (const one of facts) this.evaluator.push({ type: 'upsert', facts: one });
  }

  listed(...kinds: readonly FactsKind[]): void {
    for (const kind of kinds) this.evaluator.push({ type: 'listed', kind });
  }

  start(): Promise<void> {
    this.#running = this.evaluator.run(this.#stop.signal);
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  abort(): void {
    this.#stop.abort();
  }
}

/** A running evaluator that knows all kinds and has evaluated these facts. */
async function started(...facts: readonly Facts[]): Promise<Bench> {
  const bench = new Bench();
  bench.push(...facts);
  bench.listed(...KINDS);
  bench.start().catch(() => undefined);
  await bench.clock.pass(SECOND);
  bench.durations.length = 0;
  return bench;
}

function manyPods(count: number): Facts[] {
  return [node(), ...Array.from({ length: count }, (_, number) => pod({ name: `many-${number}`, labels: {} }))];
}

describe('the evaluator', () => {
  it('evaluates changes that come together at once', async () => {
    const bench = await started(node(), PEER);
    for (let number = 0; number < 10; number += 1) {
      bench.push(pod({ name: `web-${number}` }));
      await bench.clock.pass(15);
    }
    expect(bench.evaluations).to.equal(0);
    await bench.clock.pass(50);
    expect(bench.evaluations).to.equal(1);
    expect(bench.evaluator.store.pods.size).to.equal(11);
    expect(bench.clock.sleeping, 'who still sleeps').to.have.length.of.at.most(1);
    await bench.clock.pass(60 * MINUTE);
    expect(bench.evaluations).to.equal(1);
    await bench.stop();
  });

  it('reports how long each evaluation took', async () => {
    const bench = await started(node());
    bench.push(PEER);
    await onSlowMachine(SLOW_MS, () => bench.clock.pass(SECOND));
    expect(bench.durations).to.have.length(1);
    expect(bench.durations[0]).to.be.within(0.01, 1);
    await bench.stop();
  });

  for (const last of ['listed', 'unavailable'] as const) {
    it(`evaluates nothing before all kinds are known, the last of them ${last}`, async () => {
      const bench = new Bench();
      bench.start().catch(() => undefined);
      bench.push(node(), PEER, LAGGING);
      bench.listed(...KINDS.filter((kind) => kind !== 'Namespace'));
      await bench.clock.pass(60 * MINUTE);
      const unread = await bench.evaluator.read(() => bench.evaluator.evaluationFor(NO_FAMILY).version);
      expect({ unread, ready: bench.evaluator.ready, evaluations: bench.evaluations }).to.deep.equal({
        unread: 0,
        ready: false,
        evaluations: 0,
      });
      if (last === 'listed') bench.listed('Namespace');
      else bench.evaluator.push({ type: 'unavailable', kind: 'Namespace', reason: FORBIDDEN });
      await bench.clock.pass(SECOND);
      expect(bench.evaluator.ready).to.equal(true);
      expect(inShort(bench.evaluator.evaluationFor(NO_FAMILY))).to.deep.equal(['PodFamilyMissing Warning Pod/shop/lagging IPv6']);
      await bench.stop();
    });
  }

  it('lets changes that come during an evaluation wait, and takes them in after it', async () => {
    const { evaluator, ...bench } = await withPods(5 * PER_STEP);
    await onSlowMachine(SLOW_MS, async () => {
      bench.push({ type: 'unavailable', kind: 'Namespace', reason: FORBIDDEN });
      const read = (): Promise<unknown> => evaluator.read(() => [evaluator.queueDepth, inShort(evaluator.evaluationFor(NO_FAMILY))]);
      const before = read();
      await nextTurn();
      bench.push({ type: 'upsert', facts: LAGGING });
      expect([evaluator.queueDepth, evaluator.store.pods.has(LAGGING.uid)]).to.deep.equal([1, false]);
      const after = read();
      expect(await before).to.deep.equal([1, []]);
      expect(await after).to.deep.equal([0, ['PodFamilyMissing Warning Pod/shop/lagging IPv6']]);
    });
    expect(bench.durations).to.have.length(3);
  });

  it('lets others have their turn in a long evaluation', async () => {
    const { evaluator, push } = await withPods(10 * PER_STEP);
    push({ type: 'unavailable', kind: 'Namespace', reason: FORBIDDEN });
    expect(await onSlowMachine(SLOW_MS, () => turnsDuring(evaluator.read(() => undefined)))).to.be.at.least(9);
  });

  it('gives several readers the same evaluation', async () => {
    const { evaluator, push, durations } = await withPods(2 * PER_STEP);
    push({ type: 'upsert', facts: LAGGING });
    const read = (): Promise<number> => evaluator.read(() => evaluator.evaluationFor(NO_FAMILY).findings.size);
    expect(await Promise.all([read(), read(), read()])).to.deep.equal([1, 1, 1]);
    expect(durations).to.have.length(2);
  });

  it('makes a reader wait for one evaluation, however many changes keep coming', async () => {
    const { evaluator, push, durations } = await withPods(2 * PER_STEP);
    let isServed = false;
    await onSlowMachine(SLOW_MS, async () => {
      push({ type: 'upsert', facts: LAGGING });
      const reading = evaluator.read(() => (isServed = true));
      for (let number = 0; number < 100 && !isServed; number++) {
        push({ type: 'upsert', facts: pod({ name: `new-${number}`, labels: {} }) });
        await nextTurn();
      }
      await reading;
    });
    expect(durations).to.have.length(2);
  });

  it('reports a verdict when its grace is over, though nothing changes', async () => {
    const bench = await started(node(), PEER, { ...LAGGING, startedAt: NOW });
    const evaluation = bench.evaluator.evaluationFor(NO_FAMILY);
    await bench.clock.pass(58 * SECOND);
    expect([bench.evaluations, inShort(evaluation)]).to.deep.equal([0, []]);
    await bench.clock.pass(2 * SECOND);
    expect([bench.evaluations, inShort(evaluation)]).to.deep.equal([1, ['PodFamilyMissing Warning Pod/shop/lagging IPv6']]);
    await bench.clock.pass(60 * MINUTE);
    expect(bench.evaluations).to.equal(1);
    await bench.stop();
  });

  it('notices within a minute that the time of day was set forward, and grace is over', async () => {
    const bench = await started(node(), PEER, { ...LAGGING, startedAt: NOW + 30 * MINUTE });
    const evaluation = bench.evaluator.evaluationFor(NO_FAMILY);
    bench.clock.set(60 * MINUTE);
    expect(inShort(evaluation)).to.deep.equal([]);
    await bench.clock.pass(MINUTE + SECOND);
    expect(inShort(evaluation)).to.deep.equal(['PodFamilyMissing Warning Pod/shop/lagging IPv6']);
    await bench.stop();
  });

  it('takes back what it found while the time of day was ahead', async () => {
    const bench = await started(node(), PEER);
    const evaluation = bench.evaluator.evaluationFor(NO_FAMILY);
    bench.clock.set(60 * MINUTE);
    bench.push({ ...LAGGING, startedAt: NOW });
    await bench.clock.pass(SECOND);
    expect(inShort(evaluation)).to.deep.equal(['PodFamilyMissing Warning Pod/shop/lagging IPv6']);
    bench.clock.set(-60 * MINUTE);
    expect(await bench.evaluator.read(() => inShort(evaluation))).to.deep.equal([]);
    bench.durations.length = 0;
    await bench.clock.pass(MINUTE);
    expect([bench.evaluations, inShort(evaluation)]).to.deep.equal([1, ['PodFamilyMissing Warning Pod/shop/lagging IPv6']]);
    await bench.stop();
  });

  it('keeps one evaluation for each list of expected families, and only those that are asked for', async () => {
    const bench = await started(node(), PEER, LAGGING, serviceCIDR());
    const { evaluator } = bench;
    const byFamilies = (expected: FamilyList): string[] => inShort(evaluator.evaluationFor(expected));
    const dual = evaluator.evaluationFor(DUAL_IPV4_FIRST);
    expect(evaluator.evaluationFor(DUAL_IPV4_FIRST)).to.equal(dual);
    const ipv4 = evaluator.evaluationFor(IPV4);
    await bench.clock.pass(SECOND);
    const lagging = ['PodFamilyMissing Warning Pod/shop/lagging IPv6'];
    expect([NO_FAMILY, DUAL_IPV4_FIRST, IPV4].map(byFamilies)).to.deep.equal([lagging, lagging, []]);
    evaluator.keepEvaluations(new Set([evaluator.evaluationFor(NO_FAMILY), ipv4]));
    expect(evaluator.evaluationFor(DUAL_IPV4_FIRST)).not.to.equal(dual);
    await bench.stop();
  });

  it('evaluates a evaluation that is asked for during an evaluation', async () => {
    const { evaluator, push } = await withPods(5 * PER_STEP);
    await onSlowMachine(SLOW_MS, async () => {
      push({ type: 'upsert', facts: LAGGING }, { type: 'unavailable', kind: 'Namespace', reason: FORBIDDEN });
      const reading = evaluator.read(() => undefined);
      await nextTurn();
      const ipv6 = evaluator.evaluationFor(IPV6);
      await reading;
      expect(inShort(ipv6)).to.deep.equal(['PodFamilyMissing Warning Pod/shop/lagging IPv6']);
    });
  });

  for (const [when, ms] of [
    ['asleep', 60 * MINUTE],
    ['gathering changes', 1],
  ] as const) {
    it(`stops at once while ${when}, and leaves no timer`, async () => {
      const bench = await started(node(), PEER, { ...LAGGING, readySince: NOW + 24 * 60 * MINUTE });
      if (when === 'gathering changes') bench.push(pod({ name: 'late' }));
      await bench.clock.pass(ms);
      const evaluations = bench.evaluations;
      await bench.stop();
      expect([bench.clock.sleeping, bench.evaluations]).to.deep.equal([[], evaluations]);
    });
  }

  it('does not start where it is stopped already', async () => {
    const bench = new Bench();
    bench.listed(...KINDS);
    bench.abort();
    await bench.start();
    expect(bench.evaluations).to.equal(0);
  });

  it('ends with the exception of a check, for whoever reads too', async () => {
    const bench = new Bench();
    const fault = new Error('a fault of this program');
    let armed = false;
    const broken = dualService();
    Object.defineProperty(broken, 'policy', {
      get: () => {
        if (armed) throw fault;
        return 'PreferDualStack';
      },
    });
    bench.push(node(), serviceCIDR(), broken);
    bench.listed(...KINDS);
    armed = true;
    const running = bench.start().catch((error: unknown) => error);
    await bench.clock.pass(SECOND);
    expect(await running).to.equal(fault);
    expect(await bench.evaluator.read(() => 'a reading').catch((error: unknown) => error)).to.equal(fault);
    expect(bench.evaluator.ready).to.equal(false);
  });

  it('shows readers an store and evaluations that agree, with every change that had come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) => onSlowMachine(SLOW_MS, () => new Agreement().play(steps))),
      { numRuns: 60 },
    );
  });
});

interface Idle {
  readonly evaluator: Evaluator;
  readonly push: (...changes: readonly Change[]) => void;
  readonly durations: readonly number[];
}

/** An evaluator that does not run by itself, has evaluated many pods once, and has a long evaluation before it when the cluster changes. */
async function withPods(count: number): Promise<Idle> {
  const bench = new Bench();
  bench.push(...manyPods(count));
  bench.listed(...KINDS);
  await bench.evaluator.read(() => undefined);
  const push = (...changes: readonly Change[]): void => {
    for (const change of changes) bench.evaluator.push(change);
  };
  return { evaluator: bench.evaluator, push, durations: bench.durations };
}

async function turnsDuring(work: Promise<void>): Promise<number> {
  const progress = { turns: 0, over: false };
  const done = work.finally(() => {
    progress.over = true;
  });
  for (; !progress.over; progress.turns += 1) await nextTurn();
  await done;
  return progress.turns;
}

type Step =
  | { readonly do: 'put'; readonly facts: Facts }
  | { readonly do: 'delete'; readonly nth: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'read' }
  | { readonly do: 'turn' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyFacts.map((facts) => ({ do: 'put' as const, facts })), weight: 8 },
  { arbitrary: fc.nat(100).map((nth) => ({ do: 'delete' as const, nth })), weight: 2 },
  { arbitrary: fc.constantFrom(1, 200, 30 * SECOND, 5 * MINUTE).map((ms) => ({ do: 'pass' as const, ms })), weight: 2 },
  { arbitrary: fc.constant({ do: 'read' as const }), weight: 2 },
  { arbitrary: fc.constant({ do: 'turn' as const }), weight: 6 },
);

/** A running evaluator with long evaluations, between whose steps changes come and readers look. */
class Agreement {
  readonly #bench = new Bench();
  readonly #facts = new Map<string, Facts>();
  readonly #readings: Promise<void>[] = [];

  async play(steps: readonly Step[]): Promise<void> {
    const { evaluator, clock } = this.#bench;
    evaluator.evaluationFor(DUAL_IPV4_FIRST);
    for (const facts of manyPods(2 * PER_STEP)) this.#put({ ...facts, createdAt: LONG_AGO } as Facts);
    this.#bench.listed(...KINDS);
    const running = this.#bench.start();
    for (const one of steps) await this.#play(one, clock);
    this.#read();
    await Promise.all(this.#readings);
    this.#bench.abort();
    await running;
  }

  async #play(one: Step, clock: StrictClock): Promise<void> {
    if (one.do === 'put') this.#put(one.facts);
    else if (one.do === 'delete') this.#delete(one.nth);
    else if (one.do === 'read') this.#read();
    else if (one.do === 'turn') await nextTurn();
    else clock.advance(one.ms);
  }

  #put(facts: Facts): void {
    this.#facts.set(`${facts.kind}:${keyOf(facts)}`, facts);
    this.#bench.push(facts);
  }

  #delete(nth: number): void {
    const facts = [...this.#facts.values()].at(-1 - (nth % this.#facts.size));
    if (!facts) return;
    this.#facts.delete(`${facts.kind}:${keyOf(facts)}`);
    this.#bench.evaluator.push({ type: 'delete', kind: facts.kind, key: keyOf(facts) });
  }

  #read(): void {
    const asked = new Set(this.#facts.values());
    this.#readings.push(
      this.#bench.evaluator.read(() => {
        // What changed since the question is there too, so only what is still there can be looked for.
        for (const facts of this.#facts.values()) if (asked.has(facts)) expect(isKnown(facts, this.#known(facts))).to.be.true;
        for (const expected of [NO_FAMILY, DUAL_IPV4_FIRST]) this.#compare(this.#bench.evaluator.evaluationFor(expected));
      }),
    );
  }

  #known(facts: Facts): Facts | undefined {
    return this.#bench.evaluator.store.objects(facts.kind).get(keyOf(facts));
  }

  #compare(evaluation: Evaluation): void {
    const fresh = new Evaluation(this.#bench.evaluator.store, evaluation.expected, graceOf(1));
    Array.from(fresh.evaluate(new Map(), evaluation.view.now));
    expect(violations(evaluation)).to.deep.equal(violations(fresh));
  }
}

function violations(evaluation: Evaluation): string[] {
  return [...evaluation.findings.values()]
    .map(({ id, families, severity, causedBy }) => [id, families, severity, causedBy].join(' '))
    .sort();
}

function isKnown(facts: Facts, known: Facts | undefined): boolean {
  return known !== undefined && sameFacts(facts, known);
}
