import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY, type FamilyList } from '../../src/core/net/addresses.ts';
import type { Facts } from '../../src/core/kinds/facts.ts';

const LISTS: readonly FamilyList[] = [NO_FAMILY, IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST];

/** @throws Error where facts are not what their types say */
export function checkFacts(facts: Facts, kind: string): void {
  if (facts.kind !== kind) throw new Error(`facts of kind ${facts.kind} of a ${kind}`);
  for (const [name, value] of Object.entries(facts)) {
    if (name.endsWith('At') || name === 'readySince') checkTime(name, value);
    if (name.endsWith('amilies') && !LISTS.includes(value as FamilyList)) throw new Error(`${name} is no list of families`);
  }
}

function checkTime(name: string, value: unknown): void {
  if (value === undefined) return;
  const isTime = typeof value === 'number' && value >= 0 && !Number.isNaN(new Date(value).getTime());
  if (!isTime) throw new Error(`${name} is no time`);
}
