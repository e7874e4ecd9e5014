import { totalOf, type CountsByLabel } from '../overview/counts.ts';
import type { FamilyCounts } from './types.ts';

/** Counts in the form of the report. */
export function familyCounts(counts: CountsByLabel, skipped: Readonly<Record<string, number>> = {}): FamilyCounts {
  const total = totalOf(counts);
  const present = {
    total,
    dualStack: counts.dual,
    ipv4Only: counts.ipv4,
    ipv6Only: counts.ipv6,
    none: counts.none,
    ratio: `${counts.dual}/${total}`,
  };
  return Object.keys(skipped).length > 0 ? { ...present, skipped } : present;
}
