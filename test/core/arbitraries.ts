import fc from 'fast-check';
import type { PodFacts } from '../../src/core/kinds/facts.ts';
import { addressesOn, pod } from './build.ts';

export const pick = <T>(...values: readonly [T, ...T[]]): fc.Arbitrary<T> => fc.constantFrom(...values);
export const rarely = fc.nat(9).map((number) => number === 0);
export const mostly = rarely.map((value) => !value);

export type Pair<T> = readonly [ipv4: T, ipv6: T];

/** What to take of a pair: mostly both, else one or none, either first. */
export const choice = pick<readonly (0 | 1)[]>([0, 1], [0, 1], [0, 1], [0], [0], [1], [1, 0], []);

export function chosen<T>(places: readonly (0 | 1)[], pair: Pair<T>): T[] {
  return places.map((place) => pair[place]);
}

export function someOf<T>(ipv4: T, ipv6: T): fc.Arbitrary<readonly T[]> {
  return choice.map((places) => chosen(places, [ipv4, ipv6]));
}

/** Addresses in the podCIDRs of a node or of another one, in the range of Services, or in none of them. */
export function addressesAt(place: 'own' | 'foreign' | 'elsewhere' | 'service', nodeName: string): Pair<string> {
  if (place === 'own') return addressesOn(nodeName);
  if (place === 'foreign') return addressesOn(nodeName === 'a' ? 'b' : 'a');
  return place === 'elsewhere' ? ['172.16.0.7', '2001:db8:7::7'] : ['10.96.0.77', 'fd00:10:96::77'];
}

export const NODES = ['a', 'b', 'c', 'd'] as const;

/** The agent of a CNI plugin or of DNS, mostly one that is done. */
export const anyAgent: fc.Arbitrary<PodFacts> = fc
  .record({ nodeName: pick(...NODES), plugin: pick('cilium', 'cilium', 'calico-node', 'node-local-dns'), done: mostly })
  .map(({ nodeName, plugin, done }) =>
    pod({
      name: plugin,
      namespace: 'kube-system',
      nodeName,
      hostNetwork: true,
      addresses: ['192.0.2.1'],
      labels: { 'k8s-app': plugin },
      state: done ? 'Completed' : 'Running',
    }),
  );
