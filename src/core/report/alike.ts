import { counted } from '../words.ts';
import type { ListedFinding } from './types.ts';

/** Findings of the same check on several objects, with the same cause and the same fix. */
export interface AlikeFindings {
  /** One of them, which represents all. */
  readonly first: ListedFinding;
  readonly others: readonly ListedFinding[];
}

/** So many are listed one by one. */
const MOST_ALONE = 3;
const MOST_NAMESPACES = 4;

/**
 * Findings in their order, those together that say the same of different objects, from four on: a reader who has seen three has seen all. A finding
 * that affects other objects is always on its own.
 */
export function groupAlike(findings: readonly ListedFinding[]): readonly AlikeFindings[] {
  const groups = Map.groupBy(findings, keyOf);
  return findings.flatMap((finding): AlikeFindings[] => {
    const group = groups.get(keyOf(finding)) ?? [];
    if (group.length <= MOST_ALONE) return [{ first: finding, others: [] }];
    return group[0] === finding ? [{ first: finding, others: group.slice(1) }] : [];
  });
}

function keyOf({ id, check, severity, families, causedBy, affects = [], remediation, object }: ListedFinding): string {
  return affects.length > 0
    ? id
    : JSON.stringify([check, severity, families, object.group, object.kind, causedBy?.id, remediation.summary]);
}

/** What several findings are on, by namespace: `12 Services: 7 in shop, 5 in blog`. */
export function alikeWords({ first, others }: AlikeFindings): string {
  const all = [first, ...others];
  const namespaces = [...Map.groupBy(all, ({ object }) => object.namespace ?? '')].sort(([, some], [, more]) => more.length - some.length);
  const total = counted(all.length, first.object.kind);
  if (namespaces.every(([namespace]) => namespace === '')) return total;
  const named = namespaces.slice(0, MOST_NAMESPACES).map(([namespace, those]) => `${those.length} in ${namespace}`);
  const rest = namespaces.slice(MOST_NAMESPACES).reduce((sum, [, those]) => sum + those.length, 0);
  return `${total}: ${[...named, ...(rest > 0 ? [`${rest} in other namespaces`] : [])].join(', ')}`;
}
