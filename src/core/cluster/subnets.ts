import type { Tally } from '../store/tally.ts';

/**
 * The subnets without any pod of both families, while pods of others have both.
 * @param tally pods that name the subnet that they are in, by `subnet/families`
 */
export function subnetsOfOneFamily(tally: Pick<Tally, 'keys' | 'get'>): ReadonlySet<string> {
  const subnets = new Set([...tally.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))));
  const hasDual = (subnet: string): boolean => tally.get(`${subnet}/dual`) > 0;
  return new Set([...subnets].some(hasDual) ? [...subnets].filter((subnet) => !hasDual(subnet)) : []);
}
