import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { systemClock, systemPace } from '../../src/client/transport/clock.ts';
import { Evaluator } from '../../src/core/engine/evaluator.ts';
import { apiServer, KINDS, LONG_AGO, serviceCIDR } from '../../test/core/build.ts';
import { outcomeOn, type Row } from '../row.ts';
import { milliseconds } from '../units.ts';
import { clusterOf, LARGE } from './cluster.ts';

const MOST_MS = 500;
const MOST_BLOCKED_MS = 50;
/** A cluster that begins its migration and takes it back, so often. */
const FLIPS = 6;
/** Later than all Services, so that none contradicts it. */
const YOUNGER = LONG_AGO + 60_000;
const SETTLING_MS = 100;

interface Flip {
  readonly tookMs: number;
  readonly blockedMs: number;
  readonly evaluated: number;
  /** States that readers saw, which are neither the one before nor the one after. */
  readonly halfDone: number;
}

/** The Services of the whole cluster become single-stack or dual-stack again: every outcome is reached again while others read. */
export async function benchFlip(): Promise<Row> {
  const evaluator = await loaded();
  const flips: Flip[] = [];
  for (let flip = 0; flip < FLIPS; flip++) flips.push(await flipTo(evaluator, flip % 2 === 0));
  const [tookMs, blockedMs] = [Math.max(...flips.map((flip) => flip.tookMs)), Math.max(...flips.map((flip) => flip.blockedMs))];
  const halfDone = flips.reduce((total, flip) => total + flip.halfDone, 0);
  if (flips.some(({ evaluated }) => evaluated < LARGE.pods)) throw new Error('the stack flipped, and not every pod was evaluated again');
  return {
    id: 'flip',
    what: 'stack of the whole cluster flips, 150,000 pods re-evaluated',
    measured: `${milliseconds(tookMs)} at most, event loop blocked ${milliseconds(blockedMs)} at most, ${halfDone} half-done states seen`,
    goal: 'under 500 ms in all, never blocked over 50 ms, no half-done state',
    outcome: outcomeOn(tookMs < MOST_MS && blockedMs <= MOST_BLOCKED_MS && halfDone === 0, true),
    figures: { flips },
  };
}

async function loaded(): Promise<Evaluator> {
  const evaluator = new Evaluator({ clock: systemClock, pace: systemPace, grace: graceOf(0), onEvaluated: () => undefined });
  evaluator.evaluationFor(NO_FAMILY);
  const { nodes, pods, services, slices } = clusterOf(LARGE);
  for (const facts of [apiServer(), serviceCIDR(), ...nodes, ...pods, ...services, ...slices]) evaluator.push({ type: 'upsert', facts });
  for (const kind of KINDS) evaluator.push({ type: 'listed', kind });
  await evaluator.read(() => undefined);
  return evaluator;
}

async function flipTo(evaluator: Evaluator, single: boolean): Promise<Flip> {
  globalThis.gc?.();
  const before = stateOf(evaluator);
  const evaluatedBefore = evaluator.evaluationFor(NO_FAMILY).evaluated;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  await sleep(SETTLING_MS);
  delays.enable();
  await sleep(SETTLING_MS);
  delays.reset();

  const started = performance.now();
  const cidrs = ['10.96.0.0/16', 'fd00:10:96::/112'].slice(0, single ? 1 : 2);
  evaluator.push({ type: 'upsert', facts: serviceCIDR({ cidrs, createdAt: YOUNGER }) });
  const flip = { done: false };
  const flipped = evaluator.read(() => {
    flip.done = true;
    return performance.now() - started;
  });
  const reads: Promise<string>[] = [];
  while (!flip.done) {
    reads.push(evaluator.read(() => stateOf(evaluator)));
    await yieldToOthers();
  }
  const tookMs = await flipped;
  // The timer that detects a blocked event loop has to run.
  await sleep(SETTLING_MS);
  delays.disable();
  const after = stateOf(evaluator);
  if (after === before) throw new Error('the stack flipped, and nothing else is said');
  const seen = await Promise.all(reads);
  return {
    tookMs,
    blockedMs: delays.max / 1e6,
    evaluated: evaluator.evaluationFor(NO_FAMILY).evaluated - evaluatedBefore,
    halfDone: seen.filter((state) => state !== before && state !== after).length,
  };
}

/** What is said of the cluster, so short that many readers cost nothing. */
function stateOf(evaluator: Evaluator): string {
  const { findings, view } = evaluator.evaluationFor(NO_FAMILY);
  return `${view.stack.services.families}, ${findings.size} findings`;
}
