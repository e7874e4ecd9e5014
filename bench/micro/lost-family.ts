import type { Facts } from '../../src/core/kinds/facts.ts';
import { NOW, runEvaluation, slicesFor } from '../../test/core/build.ts';
import { outcomeOn, type Row } from '../row.ts';
import { milliseconds } from '../units.ts';
import { clusterOf, evaluateCluster, LARGE, nodeOf, podOf } from './cluster.ts';
import { timed } from './timing.ts';

const PODS = 110;
const MOST_MS = 5;

/**
 * A node with as many pods as it takes loses its IPv6 podCIDR, its pods their IPv6 addresses and the Services of these the endpoints, or
 * all of them get it back: taken into the store and evaluated, in a large cluster.
 */
export async function benchLostFamily(): Promise<Row> {
  const cluster = clusterOf(LARGE);
  const number = LARGE.nodes;
  const whole = stateWith(2, cluster, number);
  const lost = stateWith(1, cluster, number);
  const { store, evaluation } = evaluateCluster(cluster, whole);
  const before = evaluation.findings.size;
  const change = (facts: readonly Facts[]): void => {
    for (const one of facts) store.apply({ type: 'upsert', facts: one });
    runEvaluation(evaluation, store, NOW);
  };
  change(lost);
  if (evaluation.findings.size <= before) throw new Error('a node lost a family, and nothing was found');
  let run = 0;
  const { node } = await timed({
    node: () => {
      change(run % 2 === 0 ? whole : lost);
      run += 1;
    },
  });
  return {
    id: 'lost-family',
    what: 'a node with 110 pods loses a family',
    measured: `p99 ${milliseconds(node.p99Ms)}, median ${milliseconds(node.medianMs)}`,
    goal: 'evaluated in under 5 ms',
    outcome: outcomeOn(node.p99Ms < MOST_MS, true),
    figures: { ...node },
  };
}

/** The node with its pods, each of another Service, and the slices of these. */
function stateWith(families: 1 | 2, cluster: ReturnType<typeof clusterOf>, number: number): readonly Facts[] {
  const pods = Array.from({ length: PODS }, (_, index) => podOf(LARGE.pods + index, number, LARGE, families));
  const slices = pods.flatMap((added, index) => {
    const service = cluster.services[(LARGE.pods + index) % LARGE.services];
    const selected = cluster.pods.filter((_, other) => other % LARGE.services === (LARGE.pods + index) % LARGE.services);
    return service ? slicesFor(service, [...selected, added]) : [];
  });
  return [nodeOf(number, families), ...pods, ...slices];
}
