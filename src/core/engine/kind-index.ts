import { roleOf, type Role } from '../cluster/roles.ts';
import { ALL_KINDS, type KindOf } from '../kinds/registry.ts';
import type { ObjectCheck } from '../checks/check.ts';
import { checksOf, OBJECT_CHECKS } from '../checks/registry.ts';
import { DueQueue } from '../store/due.ts';
import type { FactsKind } from '../kinds/facts.ts';
import type { FindingId } from './finding.ts';
import { CheckResults } from './rollups.ts';
import { Tally } from '../store/tally.ts';

/** What an evaluation keeps of the objects of one kind, by their keys: a text of kind and key would be built again for each look. */
export interface KindIndex {
  readonly kind: FactsKind;
  readonly checks: readonly ObjectCheck[];
  readonly role: Role;
  /** Whether some of the checks roll up. */
  readonly rollsUp: boolean;
  /** When an object's next verdict will count. */
  readonly due: DueQueue<string>;
  /** What is found on an object, rolled up or not. */
  readonly results: CheckResults;
  /** The findings on an object that has some. */
  readonly findings: Map<string, readonly FindingId[]>;
  /** What the verdicts on those that name an object depend on. */
  readonly profiles: Map<string, string>;
  /** What is counted of all objects, and of each. */
  readonly tally: Tally;
  readonly counts: Map<string, readonly (readonly [label: string, count: number])[]>;
}

/** A kind with what its evaluation has to follow. */
type KindWithLinks = Pick<KindOf<FactsKind>, 'name' | 'links'>;

/** The kinds that have checks, each after those that the verdicts on it and their causes depend on. */
const EVALUATED: readonly FactsKind[] = inOrder().filter((kind) => checksOf(kind).length > 0);

/** Empty indexes in the order of evaluation. */
export function newKindIndexes(): readonly KindIndex[] {
  return EVALUATED.map((kind) => {
    const checks = checksOf(kind);
    const rollUps = checks.flatMap(({ rollUp }) => (rollUp ? [rollUp.over] : []));
    const rollsUp = rollUps.length > 0;
    return {
      kind,
      checks,
      role: roleOf(kind),
      rollsUp,
      due: new DueQueue(),
      results: new CheckResults(
        rollsUp,
        rollUps.some((over) => over !== 'together'),
      ),
      findings: new Map(),
      profiles: new Map(),
      tally: new Tally(),
      counts: new Map(),
    };
  });
}

function inOrder(): FactsKind[] {
  const ordered = new Set<FactsKind>();
  const visited = new Set<FactsKind>();
  const add = (kind: KindWithLinks): void => {
    if (visited.has(kind.name)) return;
    visited.add(kind.name);
    for (const other of ALL_KINDS) if (follows(kind, other)) add(other);
    ordered.add(kind.name);
  };
  for (const kind of ALL_KINDS) add(kind);
  return [...ordered];
}

/** Whether a kind is evaluated after another one: it names objects that have a profile, or selects them, or their findings explain its own. */
function follows({ name, links }: KindWithLinks, other: KindWithLinks): boolean {
  if (OBJECT_CHECKS.some(({ kind, causedThrough }) => kind === name && causedThrough?.kind === other.name)) return true;
  return links.some((link) => link.to === other.name && (link.type === 'selects' || roleOf(other.name).profile !== undefined));
}
