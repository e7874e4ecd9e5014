import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { connect } from '../../src/client/transport/connection.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import { seedOf } from '../support/seed.ts';
import { waitFor } from '../support/waiting.ts';
import { useGround } from './ground.ts';
import { play, schedule, type Schedule } from './history.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { mostReads, mostWrites } from './most-requests.ts';
import { FaultProxy } from './proxy.ts';
import { nameOf, Questions } from './questions.ts';
import { ScaledClock } from './scaled-clock.ts';
import { factsIn, findingsIn, storeOf, evaluationOf } from './truth.ts';
import { byKind, isRead } from './watched.ts';
import { Watcher } from './watcher.ts';

/** How many schedules; more of them once in a while: `FAULT_SCHEDULES=500 npx mocha test/faults/random.full.test.ts`. */
const SCHEDULES = Number(process.env['FAULT_SCHEDULES'] ?? 30);
const SEED = seedOf(process.env);
/** Fast enough for minutes of silence, and slow enough for an API server that takes a second for an answer to be no dead one. */
const SCALE = 25;
const MOST_MS = 60_000;

/** What came of a schedule. */
interface Outcome {
  readonly findings: number;
  readonly reports: number;
  readonly counts: ReadonlyMap<string, number>;
  /** From the end of the faults until all was true, in milliseconds of the machine. */
  readonly ms: number;
  /** How near the requests were to the most that there may be. */
  readonly share: number;
}

describe(`random schedules of faults and changes (${SCHEDULES})`, function () {
  this.timeout(60_000 + SCHEDULES * MOST_MS);
  const ground = useGround();

  it('all end with the facts, the findings and the reports that are true, and with few requests', async () => {
    const outcomes: Outcome[] = [];
    const property = fc.asyncProperty(schedule, async (one) => {
      outcomes.push(await run(one));
    });
    const start = performance.now();
    await fc.assert(property, { numRuns: SCHEDULES, seed: SEED, endOnFailure: true });
    const counts = sumOf(outcomes.map((outcome) => outcome.counts));
    const findings = outcomes.reduce((sum, outcome) => sum + outcome.findings, 0);
    const reports = outcomes.reduce((sum, outcome) => sum + outcome.reports, 0);
    // A property of schedules in which nothing happens would hold as well.
    expect(findings).to.be.at.least(SCHEDULES / 10);
    expect(reports).to.be.at.least(SCHEDULES);
    expect([...counts.keys()].filter((what) => !what.startsWith('write '))).to.have.length.at.least(4);
    expect((counts.get('write failed') ?? 0) + (counts.get('write conflict') ?? 0), 'writes that failed').to.be.above(0);
    const shown = [...counts].map(([what, count]) => `${what}: ${count}`).join(', ');
    console.log(
      `      seed ${SEED}, ${Math.round((performance.now() - start) / 1000)} s: ${findings} findings, ${reports} reports; ${shown}`,
    );
    const [slowest, share] = [Math.max(...outcomes.map(({ ms }) => ms)), Math.max(...outcomes.map((outcome) => outcome.share))];
    console.log(`      the slowest took ${Math.round(slowest)} ms to be true; of the most requests ${Math.round(100 * share)} % were made`);
  });

  /** Plays a schedule against a fresh operator, lifts all faults, and waits until what is known and what is said is what is true. */
  async function run({ before, steps }: Schedule): Promise<Outcome> {
    const { objects, controlPlane, admin } = ground;
    await ground.reset([]);
    const clock = new ScaledClock(SCALE);
    const proxy = await FaultProxy.start(controlPlane);
    const connection = connect({ kubeconfig: kubeconfigVia(controlPlane, proxy), version: '0.0.0' });
    const start = clock.now();
    const pass = (ms: number): Promise<void> => clock.sleep(ms, new AbortController().signal);
    const scene = { proxy, objects, questions: new Questions(admin), scale: SCALE, pass };
    for (const one of before) await play(one, scene);
    const watcher = new Watcher(connection, clock);
    try {
      for (const one of steps) await play(one, scene);
      proxy.clear();
      const cleared = performance.now();
      const truth = await untilTrue(watcher, clock);
      const ms = performance.now() - cleared;
      return { ...truth, counts: watcher.counts, ms, share: expectFewRequests(proxy, clock.now() - start, steps) };
    } finally {
      await watcher.stop();
      await connection.close();
      await proxy.close();
    }
  }

  async function untilTrue(watcher: Watcher, clock: ScaledClock): Promise<Pick<Outcome, 'findings' | 'reports'>> {
    const store = await storeOf(ground.connection);
    const truth = { facts: factsIn(store), findings: findingsIn(evaluationOf(store, clock.time())) };
    let state: unknown;
    const isKnown = async (): Promise<boolean> => {
      state = await watcher.state();
      return isDeepStrictEqual(state, truth);
    };
    const counts = [...watcher.counts].join('; ');
    await waitFor('what is known to be what is true', isKnown, { deadlineMs: MOST_MS, everyMs: 20 }).catch(() => {
      expect(state, counts).to.deep.equal(truth);
    });
    const reports = await waitFor(`the reports to be true (${counts})`, () => ground.expectTruth(clock.time()), {
      deadlineMs: MOST_MS,
      everyMs: 20,
    });
    return { findings: truth.findings.length, reports };
  }

  /** @returns how near they were to what there may be */
  function expectFewRequests(proxy: FaultProxy, clockMs: number, steps: Schedule['steps']): number {
    const isPutOff = steps.some((one) => one.do === 'fault' && one.fault === 'answer 429');
    const mostOfKind = mostReads(clockMs, isPutOff);
    const shares = [...byKind(proxy.requests.filter(isRead))].map(([kind, requests]) => {
      const reads = requests.filter(({ url }) => !url.searchParams.has('continue')).length;
      expect(reads, `reads of ${kind} in ${clockMs} ms`).to.be.at.most(mostOfKind);
      return reads / mostOfKind;
    });
    const lists = proxy.requests.filter(({ resource, purpose }) => resource === 'dualstackreports' && purpose !== 'write').length;
    for (const name of ['cluster', nameOf(0), nameOf(1)]) {
      const asked = steps.filter((one) => (one.do === 'ask' || one.do === 'forget') && nameOf(one.number) === name).length;
      const writes = proxy.requests.filter(({ method, url }) => method === 'PATCH' && url.pathname === `${REPORTS_PATH}/${name}/status`);
      const most = mostWrites(clockMs) + asked + lists;
      expect(writes.length, `writes of ${name} in ${clockMs} ms`).to.be.at.most(most);
      shares.push(writes.length / most);
    }
    return Math.max(...shares);
  }
});

function sumOf(counts: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const [what, count] of counts.flatMap((each) => [...each])) sum.set(what, (sum.get(what) ?? 0) + count);
  return sum;
}
