import { familiesWhere, type FamilyLabel, type FamilyList } from '../net/addresses.ts';
import type { Tally } from '../store/tally.ts';

/** The Services that prefer dual-stack and have one family, though Services of the cluster can have both. */
export interface NotUpgraded {
  readonly total: number;
  /** The families that some of them lack. */
  readonly missing: FamilyList;
  /** Whether they are so many that one thing happened to all of them. */
  readonly areSeveral: boolean;
}

const FEWEST_SERVICES = 2;

/** Counts them in the Services that prefer dual-stack, by the families that Services should have. */
export function notUpgraded(services: Pick<Tally<FamilyLabel>, 'get'>, wanted: FamilyList): NotUpgraded {
  const missing = { IPv4: services.get('ipv6'), IPv6: services.get('ipv4') };
  const families = familiesWhere((family) => wanted.includes(family) && missing[family] > 0);
  const total = families.reduce((sum, family) => sum + missing[family], 0);
  return { total, missing: families, areSeveral: total >= FEWEST_SERVICES };
}
