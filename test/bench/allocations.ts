/**
 * Prints in one line of JSON how many bytes parts of the source allocate for each change. Run with room for all of them, so that none is
 * collected before it is counted, and with optimization settled by a first round.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { clusterOf, evaluateCluster, podOf, SMALL } from '../../bench/micro/cluster.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { pod } from '../../src/core/kinds/pod.ts';
import { protobufCodec } from '../../src/client/wire/codec.ts';
import { NOW, runEvaluation } from '../core/build.ts';
import { watchFrame } from '../client/support/encode.ts';
import { wirePod } from './wire-pod.ts';

const PODS = 64;
const ROUNDS = 20;

const { store, evaluation } = evaluateCluster(clusterOf(SMALL));
const codec = protobufCodec('Pod');
const interner = new Interner();
const frames = Array.from({ length: PODS }, (_, number) => watchFrame('MODIFIED', 'Pod', wirePod(number)).subarray(4));
const objects = frames.map((frame) => codec.decodeEvent(frame)).map((event) => (event.type === 'ERROR' ? undefined : event.object));
const states = ([1, 2] as const).map((families) => Array.from({ length: PODS }, (_, number) => podOf(number, number, SMALL, families)));

/** Each of them does what it does for one change. */
const PARTS: Readonly<Record<string, (nth: number) => void>> = {
  decode: (nth) => {
    const frame = frames[nth % PODS];
    if (frame) codec.decodeEvent(frame);
  },
  project: (nth) => {
    pod.facts(objects[nth % PODS], interner);
  },
  evaluate: (nth) => {
    const facts = states[Math.floor(nth / PODS) % states.length]?.[nth % PODS];
    if (facts) store.apply({ type: 'upsert', facts });
    runEvaluation(evaluation, store, NOW);
  },
  nothingNew: (nth) => {
    const facts = states[1]?.[nth % PODS];
    if (facts) store.apply({ type: 'upsert', facts: { ...facts, addresses: [...facts.addresses] } });
  },
};

/** Those that are asked for are major ones. */
let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ['gc'] });

function bytesPerChange(part: (nth: number) => void): number {
  const changes = ROUNDS * PODS;
  for (let nth = 0; nth < changes; nth++) part(nth);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let nth = 0; nth < changes; nth++) part(nth);
  return Math.round((process.memoryUsage().heapUsed - before) / changes);
}

const bytes = Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [name, bytesPerChange(part)]));
await yieldToOthers();
await yieldToOthers();
const asked = Object.keys(PARTS).length;
console.log(JSON.stringify({ bytes, collections: collections - asked }));
