import { setImmediate as turn } from 'node:timers/promises';
import type { Facts } from '../../src/core/kinds/facts.ts';
import type { DualStackReportSpec } from '../../src/core/report/types.ts';
import { node, pod, serviceCIDR } from '../../test/core/build.ts';
import { handlerOf } from '../../test/server/page/scenes.ts';
import { outcomeOn, type Row } from '../row.ts';
import { milliseconds } from '../units.ts';
import { nodeOf } from './cluster.ts';

const NODES = 5_000;
const NAMESPACES = 10_000;
const LONGEST_MS = 50;
const RUNS = 20;
/** As many as a report takes, none of which fits: each node that is found fault with is compared with all. */
const SPEC: DualStackReportSpec = {
  maxFindings: 1_000,
  exclusions: Array.from({ length: 100 }, (_, number) => ({ kind: 'Node', name: `*-spare-${number}-*`, reason: 'to be compared with' })),
};

/** How long the page of a large cluster holds the event loop at a time, where checks find fault with almost every node. */
export async function benchPage(): Promise<Row> {
  const handler = handlerOf({ facts: faultyNodes(), specs: { cluster: SPEC } });
  const longest: number[] = [];
  let bytes = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const answer = Promise.resolve(handler({ path: '/', query: `nodes=${run + 1}`, authorization: undefined }));
    longest.push(await longestTurn(answer));
    bytes = (await answer).body.length;
  }
  const worstMs = Math.max(...longest);
  return {
    id: 'page',
    what: `the longest turn of a page at ${NODES} nodes, of which most lack something, and 100 exclusions`,
    measured: milliseconds(worstMs),
    goal: `at most ${LONGEST_MS} ms`,
    outcome: outcomeOn(worstMs <= LONGEST_MS, true),
    figures: { worstMs, firstMs: longest[0], medianMs: longest.toSorted((a, b) => a - b)[RUNS / 2], bytes },
  };
}

/** Nine nodes of ten lack an address of a family, and half of all a podCIDR. */
function faultyNodes(): Facts[] {
  const nodes = Array.from({ length: NODES }, (_, number) => {
    const { name, podCIDRs } = nodeOf(number, number % 2 === 0 ? 1 : 2);
    return number % 10 === 0 ? nodeOf(number, 2) : node({ name, podCIDRs, addresses: ['192.0.2.1'] });
  });
  const pods = Array.from({ length: NAMESPACES }, (_, number) =>
    pod({ name: `web-${number}`, namespace: `team-${number}`, nodeName: `worker-${number % NODES}` }),
  );
  return [...nodes, ...pods, serviceCIDR()];
}

/** How long others had to wait for their turn at most until something was done. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  const watching = new AbortController();
  const done = work.finally(() => {
    watching.abort();
  });
  let longest = 0;
  for (let last = performance.now(); !watching.signal.aborted; last = performance.now()) {
    await turn();
    longest = Math.max(longest, performance.now() - last);
  }
  await done;
  return longest;
}
