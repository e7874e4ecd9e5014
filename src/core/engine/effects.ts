import { OBJECT_CHECKS } from '../checks/registry.ts';
import { ALL_KINDS } from '../kinds/registry.ts';
import { keyOf, type Facts, type FactsKind } from '../kinds/facts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { Store } from '../store/store.ts';

/** Sets of keys by kind, of what is still to be evaluated. */
export type Dirty = ReadonlyMap<FactsKind, Set<string>>;

/** Finds what another finding on an object may explain, and calls for it. */
type Path = (key: string, facts: Facts | undefined, dirty: Dirty) => void;

/** The kinds whose findings those on a kind may explain. */
function explainedBy(kind: FactsKind): ReadonlySet<FactsKind> {
  return new Set(OBJECT_CHECKS.filter(({ causedThrough }) => causedThrough?.kind === kind).map((check) => check.kind));
}

/** Marks the objects whose findings have to be explained again when other findings are on an object that they depend on. */
export class Effects {
  readonly #paths: ReadonlyMap<FactsKind, readonly Path[]>;

  constructor(store: ClusterStore) {
    this.#paths = pathsIn(store);
  }

  /** @param facts undefined where the object is gone */
  mark(kind: FactsKind, key: string, facts: Facts | undefined, dirty: Dirty): void {
    for (const path of this.#paths.get(kind) ?? []) path(key, facts, dirty);
  }
}

function pathsIn(store: ClusterStore): ReadonlyMap<FactsKind, readonly Path[]> {
  const paths = new Map<FactsKind, readonly Path[]>();
  /** Findings on an object reach those that name it, and through these what theirs explain. */
  const add = (kind: FactsKind): readonly Path[] => {
    const known = paths.get(kind);
    if (known) return known;
    paths.set(kind, []);
    const explained = explainedBy(kind);
    const direct = ALL_KINDS.filter(({ name }) => explained.has(name)).flatMap(({ name, links }) =>
      links.some((link) => link.type === 'selects' && link.to === kind) ? [toSelecting(store, name, kind)] : [],
    );
    const through = ALL_KINDS.filter(({ links }) => links.some((link) => link.type === 'names' && link.to === kind)).flatMap(({ name }) => {
      const onwards = add(name);
      return onwards.length > 0 ? [throughReferrers(store, name, kind, onwards)] : [];
    });
    const all = [...direct, ...through, ...toExplained(store, kind)];
    paths.set(kind, all);
    return all;
  };
  for (const { name } of ALL_KINDS) add(name);
  return paths;
}

/** To what findings on a kind may explain though no link between the kinds leads there. */
function toExplained(store: ClusterStore, kind: FactsKind): readonly Path[] {
  return OBJECT_CHECKS.flatMap(({ kind: from, causedThrough }): Path[] => {
    if (causedThrough?.kind !== kind || !causedThrough.explained) return [];
    return [
      (key, _facts, dirty) => {
        for (const one of causedThrough.explained?.(store, key) ?? []) dirty.get(from)?.add(one);
      },
    ];
  });
}

function toSelecting(store: Store, from: FactsKind, to: FactsKind): Path {
  const selections = store.selections(from, to);
  return (_key, facts, dirty) => {
    if (!facts) return;
    for (const selecting of selections.selecting(facts as Parameters<typeof selections.selecting>[0]))
      dirty.get(from)?.add(keyOf(selecting));
  };
}

function throughReferrers(store: Store, from: FactsKind, to: FactsKind, onwards: readonly Path[]): Path {
  const referrers = store.referrers(from, to);
  return (key, _facts, dirty) => {
    for (const referrer of referrers.get(key) ?? []) for (const path of onwards) path(keyOf(referrer), referrer, dirty);
  };
}
