import fc from 'fast-check';
import type { Facts } from '../../src/core/kinds/facts.ts';
import { NODES, pick } from './arbitraries.ts';
import { dualNodes, dualService, ipv4Pod, MINUTE, NOW, pod, serviceCIDR } from './build.ts';

const WORKLOADS = ['d0', 'd1', 'd2', 'd3'] as const;

/** A cluster on two nodes of which some pods of several workloads, the last to start, lack IPv6. */
export function cutOffFrom(sound: readonly Facts[], uidsOfPods: readonly string[]): fc.Arbitrary<readonly Facts[]> {
  return fc.tuple(fc.subarray(uidsOfPods.slice(2), { minLength: 3 }), pick(NOW, NOW - MINUTE, NOW - 2 * MINUTE)).map(([uids, startedAt]) =>
    sound.map((one) => {
      if (one.kind !== 'Pod') return one;
      const number = uidsOfPods.indexOf(one.uid);
      const parts = { nodeName: onOf(number), owner: `Deployment/d${number % 5}`, uid: one.uid };
      return uids.includes(one.uid) ? ipv4Pod(one.name, { ...parts, startedAt }) : pod({ name: one.name, ...parts });
    }),
  );
}

/** A cluster in which pods of some workloads, on two nodes, started while no pod there got IPv6. Others did before and after. */
export const interruptedCluster: fc.Arbitrary<readonly Facts[]> = fc
  .record({
    caught: fc.subarray([...WORKLOADS], { minLength: 3 }),
    ends: pick(NOW - 5 * MINUTE, NOW - MINUTE),
  })
  .map(({ caught, ends }) => [
    ...dualNodes(...NODES),
    serviceCIDR(),
    dualService(),
    ...[ends - 60 * MINUTE, ends].flatMap((startedAt) =>
      NODES.map((nodeName) => pod({ name: `agent-${startedAt}-${nodeName}`, nodeName, startedAt, owner: 'DaemonSet/agent' })),
    ),
    ...WORKLOADS.map((name, index) => pod({ name: `${name}-later`, nodeName: onOf(index), startedAt: ends, owner: `Deployment/${name}` })),
    ...caught.map((name, index) =>
      ipv4Pod(`pod-${index}`, { nodeName: onOf(index), startedAt: ends - 10 * MINUTE, owner: `Deployment/${name}` }),
    ),
  ]);

function onOf(index: number): string {
  return NODES[index % 2] ?? '';
}
