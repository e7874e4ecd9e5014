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

/** Words of a text that may be the name of an object. */
const NAMES = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/gi;

/**
 * Findings in their order, those together that say the same of different objects, from four on: a reader who has seen three has seen all. A finding
 * that affects other objects is always on its own, and so is one whose fix opens, restarts or needs something else.
 */
export function groupAlike(findings: readonly ListedFinding[]): readonly AlikeFindings[] {
  const ids = new Set(findings.map(({ id }) => id));
  const keys = new Map(findings.map((finding) => [finding, keyOf(finding, ids)]));
  const groups = Map.groupBy(findings, (finding) => keys.get(finding));
  return findings.flatMap((finding): AlikeFindings[] => {
    const group = groups.get(keys.get(finding)) ?? [];
    if (group.length <= MOST_ALONE) return [{ first: finding, others: [] }];
    return group[0] === finding ? [{ first: finding, others: group.slice(1) }] : [];
  });
}

function keyOf(finding: ListedFinding, ids: ReadonlySet<string>): string {
  const { id, check, severity, families, causedBy, affects = [], object } = finding;
  if (affects.length > 0) return id;
  // What fixes a listed cause fixes its effects: their own fixes are not shown.
  const fix = causedBy !== undefined && ids.has(causedBy.id) ? '' : fixOf(finding);
  return JSON.stringify([check, severity, families, object.group, object.kind, causedBy?.id, fix]);
}

/** All that a fix says and does, whatever its object is called. */
function fixOf({ remediation, object: { namespace, name } }: ListedFinding): string {
  return JSON.stringify(remediation).replaceAll(NAMES, (word) => (word === name || word === namespace ? '*' : word));
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
