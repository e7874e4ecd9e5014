import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { connect } from '../../src/kubernetes/connection.ts';
import { waitFor } from '../support/waiting.ts';
import { useGround } from './ground.ts';
import { play, schedule, type Schedule } from './history.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { FaultProxy } from './proxy.ts';
import { ScaledClock } from './scaled-clock.ts';
import { factsIn, findingsIn, inventoryOf, ledgerOf } from './truth.ts';
import { Watcher } from './watcher.ts';

/** How many schedules; more of them once in a while: `FAULT_SCHEDULES=500 npx mocha test/faults/random.test.ts`. */
const SCHEDULES = Number(process.env['FAULT_SCHEDULES'] ?? 30);
const SEED = process.env['FAULT_SEED'];
/** Fast enough for minutes of silence, and slow enough for an API server that takes a second for an answer to be no dead one. */
const SCALE = 25;
const MOST_MS = 60_000;
/** With chance at one half, no try follows a failed one sooner, in milliseconds of the scaled clock. */
const SHORTEST_PAUSE_MS = 400;

describe(`random schedules of faults and changes (${SCHEDULES})`, function () {
  this.timeout(60_000 + SCHEDULES * MOST_MS);
  const ground = useGround();

  it('all end with the facts and the findings that are true, and with few requests', async () => {
    const seen = { findings: 0, errors: new Map<string, number>(), slowestMs: 0 };
    const property = fc.asyncProperty(schedule, async (one) => {
      const { findings, errors, ms } = await run(one);
      seen.findings += findings;
      seen.slowestMs = Math.max(seen.slowestMs, ms);
      for (const [reason, count] of errors) seen.errors.set(reason, (seen.errors.get(reason) ?? 0) + count);
    });
    const seed = SEED === undefined ? {} : { seed: Number(SEED) };
    await fc.assert(property, { numRuns: SCHEDULES, ...seed, endOnFailure: true });
    // A property of schedules in which nothing happens would hold as well.
    expect(seen.findings).to.be.at.least(SCHEDULES / 10);
    expect(seen.errors.size).to.be.at.least(4);
    const errors = [...seen.errors].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    console.log(`      ${seen.findings} findings; ${errors}; the slowest took ${Math.round(seen.slowestMs)} ms to be true`);
  });

  /** Plays a schedule against fresh reflectors, lifts all faults, and waits until what is known is what is true. */
  async function run({ before, steps }: Schedule): Promise<{ findings: number; errors: ReadonlyMap<string, number>; ms: number }> {
    const { objects, controlPlane } = ground;
    await objects.clear();
    const clock = new ScaledClock(SCALE);
    const proxy = await FaultProxy.start(controlPlane);
    const connection = connect({ kubeconfig: kubeconfigVia(controlPlane, proxy), version: '0.0.0' });
    const start = clock.now();
    const pass = (ms: number): Promise<void> => clock.sleep(ms, new AbortController().signal);
    const scene = { proxy, objects, scale: SCALE, pass };
    for (const one of before) await play(one, scene);
    const watcher = new Watcher(connection, clock);
    try {
      for (const one of steps) await play(one, scene);
      proxy.clear();
      const cleared = performance.now();
      const findings = await untilTrue(watcher, clock);
      requestsWereFew(proxy, clock.now() - start);
      return { findings, errors: watcher.errors, ms: performance.now() - cleared };
    } finally {
      await watcher.stop();
      await connection.close();
      await proxy.close();
    }
  }

  async function untilTrue(watcher: Watcher, clock: ScaledClock): Promise<number> {
    const inventory = await inventoryOf(ground.connection);
    const truth = { facts: factsIn(inventory), findings: findingsIn(ledgerOf(inventory, clock.time())) };
    let state: unknown;
    const isTrue = async (): Promise<boolean> => {
      state = await watcher.state();
      return isDeepStrictEqual(state, truth);
    };
    await waitFor('what is known to be what is true', isTrue, { deadlineMs: MOST_MS, everyMs: 20 }).catch(() => {
      expect(state, `errors: ${[...watcher.errors].join('; ')}`).to.deep.equal(truth);
    });
    return truth.findings.length;
  }

  function requestsWereFew(proxy: FaultProxy, clockMs: number): void {
    const resources = new Set(proxy.requests.map(({ resource }) => resource));
    for (const resource of resources) {
      const tries = proxy.requests.filter((one) => one.resource === resource && !one.url.searchParams.has('continue'));
      // Some steps follow at once: a watch after a list in pages, pages after a refused stream, the first watch after one that ended.
      expect(tries.length, `requests for ${resource} in ${clockMs} ms`).to.be.at.most(6 + 3 * (clockMs / SHORTEST_PAUSE_MS));
    }
  }
});
