import type { Tally } from '../store/tally.ts';

const NO_SUBNETS: ReadonlySet<string> = new Set();

/**
 * The subnets without any pod of both families, while pods of others have both.
 * @param tally pods that name the subnet that they are in, by `subnet/families`
 */
export function subnetsOfOneFamily(tally: Pick<Tally, 'keys' | 'get'>): ReadonlySet<string> {
  // Nearly no cluster has such pods, and each evaluation looks twice.
  if (tally.keys().next().done) return NO_SUBNETS;
  const subnets = new Set([...tally.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))));
  const hasDual = (subnet: string): boolean => tally.get(`${subnet}/dual`) > 0;
  return new Set([...subnets].some(hasDual) ? [...subnets].filter((subnet) => !hasDual(subnet)) : []);
}
