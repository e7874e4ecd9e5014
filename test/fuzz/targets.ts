import { CONFIGURATION } from './configuration.ts';
import { DUMPS } from './dumps.ts';
import type { Target } from './target.ts';
import { TEXTS } from './texts.ts';
import { WIRE } from './wire.ts';

/** All that is fuzzed. */
export const TARGETS: readonly Target[] = [...WIRE, ...DUMPS, ...TEXTS, ...CONFIGURATION];

/** How many of all cases a target gets, one at least. */
export function shareOf({ weight }: Target, cases: number): number {
  const all = TARGETS.reduce((sum, target) => sum + target.weight, 0);
  return Math.max(1, Math.round((cases * weight) / all));
}
