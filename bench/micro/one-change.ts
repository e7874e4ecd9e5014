import { NOW, runEvaluation } from '../../test/core/build.ts';
import type { Size } from '../options.ts';
import { outcomeOn, type Row } from '../row.ts';
import { times } from '../units.ts';
import { clusterOf, evaluateCluster, LARGE, podOf, SMALL } from './cluster.ts';
import { timed } from './timing.ts';

const MOST_RATIO = 1.5;
/** So many pods take turns. */
const PODS = 64;

/** One pod that loses its IPv6 address or gets it back: taken into the store and evaluated, in a large cluster and in a small one. */
export async function benchOneChange(): Promise<Row> {
  const { large, small } = await timed({ large: changeIn(LARGE), small: changeIn(SMALL) });
  const ratio = large.medianMs / small.medianMs;
  const micro = (ms: number): string => `${(ms * 1_000).toFixed(0)} µs`;
  return {
    id: 'one-change',
    what: "one change's evaluation at 150,000 pods against 1,500",
    measured: `${micro(large.medianMs)} against ${micro(small.medianMs)} = ${times(ratio)}`,
    goal: `at most ${MOST_RATIO} ×`,
    outcome: outcomeOn(ratio <= MOST_RATIO, true),
    figures: { ratio, large, small },
  };
}

function changeIn(size: Size): () => void {
  const { store, evaluation } = evaluateCluster(clusterOf(size));
  const states = ([1, 2] as const).map((families) =>
    Array.from({ length: PODS }, (_, number) => podOf(number, number % size.nodes, size, families)),
  );
  let run = 0;
  return () => {
    const facts = states[Math.floor(run / PODS) % states.length]?.[run % PODS];
    run += 1;
    if (!facts) throw new Error('there is no such pod');
    store.apply({ type: 'upsert', facts });
    runEvaluation(evaluation, store, NOW);
  };
}
