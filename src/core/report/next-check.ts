import type { LayerFamilies } from '../cluster/stack.ts';
import { listOf, union, type FamilyList } from '../net/addresses.ts';
import { namesOf, type LayerState } from './layer-state.ts';

/** How whoever reads a report says which families are expected: `spec.expectedFamilies: [IPv4, IPv6]`. */
export type ExpectationWords = (families: FamilyList) => string;

/**
 * What to expect of a cluster of which nothing is expected, without a full stop: both families, unless its layers show that one is what it is to have.
 * @param both families, the first one first
 */
export function nextCheck(states: readonly LayerState[], both: FamilyList, words: ExpectationWords): string {
  const binding = states.filter(({ layer }) => !layer.obligesNobody);
  const common = commonFamilies(binding);
  const others = states.filter(({ layer, families, isMadeUp }) => layer.obligesNobody === true && families !== common && !isMadeUp);
  if (common === 'DualStack' && others.length > 0) return `To check ${namesOf(others)} against both families too: ${words(both)}`;
  if (!isOnPurpose(common, others)) return `To check it against both families: ${words(both)}`;
  const alone = listOf([common]);
  return `To check it against ${common} alone: ${words(alone)}; against both families: ${words(union(alone, both))}`;
}

function commonFamilies(states: readonly LayerState[]): LayerFamilies | undefined {
  const [first] = states;
  return states.every(({ families }) => families === first?.families) ? first?.families : undefined;
}

/** IPv6 alone is nobody's default. One family on machines with others is one that was chosen, or a migration that is yet to come. */
function isOnPurpose(common: LayerFamilies | undefined, others: readonly LayerState[]): common is 'IPv4' | 'IPv6' {
  return common === 'IPv6' || (common === 'IPv4' && others.length > 0);
}
