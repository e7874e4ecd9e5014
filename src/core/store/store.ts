import { ALL_KINDS, type KindOf } from '../kinds/registry.ts';
import { keyOf, sameFacts, type Change, type Facts, type FactsKind, type FactsOf, type Unavailability } from '../kinds/facts.ts';
import type { Link } from '../kinds/kind.ts';
import { Selections, type Selectable, type Selecting } from './selections.ts';
import { addTo, removeFrom } from './tally.ts';

/** Whether the objects of a kind are all known: not yet, yes, or not to be had. */
export type Availability = 'Pending' | 'Synced' | Unavailability;

/** What has to be looked at again: keys by kind. */
export type DirtySets = ReadonlyMap<FactsKind, ReadonlySet<string>>;

type Naming = Extract<Link<Facts>, { readonly type: 'names' }>;
type Selector = Extract<Link<Facts>, { readonly type: 'selects' }>;

/** The objects that name one by its key, by that key. */
interface References {
  readonly from: FactsKind;
  readonly to: FactsKind;
  readonly link: Naming;
  readonly byKey: Map<string, Set<Facts>>;
}

/** The objects that select others. */
interface Selectors {
  readonly from: FactsKind;
  readonly link: Selector;
  readonly selections: Selections<Facts & Selecting, Facts & Selectable>;
}

const NONE: ReadonlySet<never> = new Set();

/** What is kept of one kind. */
interface Entry {
  readonly kind: KindOf<FactsKind>;
  readonly objects: Map<string, Facts>;
  /** What its objects name. */
  readonly references: readonly References[];
  /** What names its objects. */
  readonly referredToBy: readonly References[];
  /** What its objects select. */
  readonly selectors: readonly Selectors[];
  /** What may select its objects. */
  readonly selectedBy: readonly Selectors[];
}

/**
 * The facts of the cluster's objects, what ties them to each other, and what is dirty: all that follows from the declarations of the kinds.
 * Changed by {@link apply} only.
 */
export abstract class Store {
  readonly #entries: ReadonlyMap<FactsKind, Entry> = newEntries();
  readonly #availability = new Map<FactsKind, Availability>();
  readonly #unlisted = new Map<FactsKind, Set<string>>();
  readonly #gaps = new Map<FactsKind, string>();
  /** Before the first evaluation, which looks at everything, nothing is marked. */
  #dirtySets: ReadonlyMap<FactsKind, Set<string>> | undefined;

  /**
   * Takes in one change and marks what it touches. Never fails, whatever the order of changes.
   * @returns false where it says nothing that was not known
   */
  apply(change: Change): boolean {
    switch (change.type) {
      case 'upsert':
        return this.#upsert(change.facts);
      case 'delete':
        if (!this.objects(change.kind).has(change.key)) return false;
        this.replace(change.kind, change.key, undefined);
        return true;
      case 'listing':
        this.#unlisted.set(change.kind, new Set(this.objects(change.kind).keys()));
        return false;
      case 'listed':
        for (const key of this.#unlisted.get(change.kind) ?? []) this.replace(change.kind, key, undefined);
        this.#unlisted.delete(change.kind);
        this.#availability.set(change.kind, 'Synced');
        if (change.gap === undefined) this.#gaps.delete(change.kind);
        else this.#gaps.set(change.kind, change.gap);
        return true;
      case 'unavailable':
        // What was known can no longer be seen to change, so it is no evidence.
        for (const key of this.objects(change.kind).keys()) this.replace(change.kind, key, undefined);
        this.#unlisted.delete(change.kind);
        this.#gaps.delete(change.kind);
        this.#availability.set(change.kind, change.reason);
        return true;
    }
  }

  availability(kind: FactsKind): Availability {
    return this.#availability.get(kind) ?? 'Pending';
  }

  /** Why only some objects of a kind that was listed are known; undefined where all are. */
  gapIn(kind: FactsKind): string | undefined {
    return this.#gaps.get(kind);
  }

  /** The objects of a kind by their keys: the same map for good. */
  objects<K extends FactsKind>(kind: K): ReadonlyMap<string, FactsOf<K>> {
    return this.#entry(kind).objects as ReadonlyMap<string, Facts> as ReadonlyMap<string, FactsOf<K>>;
  }

  /** The objects of one kind that name objects of another one, by the keys of these: the same map for good. */
  referrers<K extends FactsKind>(from: K, to: FactsKind): ReadonlyMap<string, ReadonlySet<FactsOf<K>>> {
    const index = this.#entry(from).references.find(({ link }) => link.to === to);
    if (!index) throw new Error(`no link by which ${from} refers to ${to} is declared`);
    return index.byKey as ReadonlyMap<string, ReadonlySet<Facts>> as ReadonlyMap<string, ReadonlySet<FactsOf<K>>>;
  }

  /** The objects that name one, whatever their kind. */
  *referrersOf(kind: FactsKind, key: string): Generator<Facts> {
    for (const { byKey } of this.#entry(kind).referredToBy) yield* byKey.get(key) ?? NONE;
  }

  /** The objects that select one, whatever their kind. */
  *selectingOf(facts: Facts): Generator<Facts> {
    for (const { selections } of this.#entry(facts.kind).selectedBy) yield* selections.selecting(facts as Facts & Selectable);
  }

  /** Which objects of one kind select which of another one: the same index for good. */
  selections<S extends FactsKind, T extends FactsKind>(
    from: S,
    to: T,
  ): Pick<Selections<FactsOf<S> & Selecting, FactsOf<T> & Selectable>, 'selectedBy' | 'selecting'> {
    const index = this.#entry(from).selectors.find(({ link }) => link.to === to);
    if (!index) throw new Error(`no link by which ${from} selects ${to} is declared`);
    return index.selections as unknown as Selections<FactsOf<S> & Selecting, FactsOf<T> & Selectable>;
  }

  /** What the changes since the last call touched; of the first one, which is for evaluations that are new, nothing. */
  takeDirtySets(): DirtySets {
    const dirtySets = this.#dirtySets ?? newDirtySets();
    this.#dirtySets = newDirtySets();
    return dirtySets;
  }

  /** Puts facts in the place of those that are at a key. */
  protected replace(kind: FactsKind, key: string, next: Facts | undefined): void {
    const entry = this.#entry(kind);
    const previous = entry.objects.get(key);
    if (previous) {
      this.#touch(entry, kind, key, previous);
      this.removed(previous);
      unlink(entry, previous);
    }
    if (!next) {
      entry.objects.delete(key);
      return;
    }
    entry.objects.set(key, next);
    link(entry, next);
    this.added(next);
    this.#touch(entry, kind, key, next);
  }

  /** Marks an object of which something changed that is not in its own facts. */
  protected mark(kind: FactsKind, key: string): void {
    this.#dirtySets?.get(kind)?.add(key);
  }

  /** Marks an object of which something changed that is not in its own facts, with what a change of these would mark. */
  protected touch(facts: Facts): void {
    this.#touch(this.#entry(facts.kind), facts.kind, keyOf(facts), facts);
  }

  /** Called with facts that have been taken in. */
  protected abstract added(facts: Facts): void;

  /** Called with facts that are about to go. */
  protected abstract removed(facts: Facts): void;

  /** Most fields of an object are not among its facts. */
  #upsert(facts: Facts): boolean {
    const key = keyOf(facts);
    this.#unlisted.get(facts.kind)?.delete(key);
    const { kind, objects } = this.#entry(facts.kind);
    const known = objects.get(key);
    if (known && sameFacts(facts, known)) return false;
    this.replace(facts.kind, key, kind.packed?.(facts) ?? facts);
    return true;
  }

  #entry(kind: FactsKind): Entry {
    const entry = this.#entries.get(kind);
    if (!entry) throw new Error(`no kind ${kind} is declared`);
    return entry;
  }

  /** A change of an object is one of what it names, and of what selects it. */
  #touch({ references, selectedBy }: Entry, kind: FactsKind, key: string, facts: Facts): void {
    const dirtySets = this.#dirtySets;
    if (!dirtySets) return;
    dirtySets.get(kind)?.add(key);
    for (const { to, link: naming } of references) for (const named of naming.keys(facts)) dirtySets.get(to)?.add(named);
    for (const { from, selections } of selectedBy) {
      for (const selecting of selections.selecting(facts as Facts & Selectable)) dirtySets.get(from)?.add(keyOf(selecting));
    }
  }
}

function newDirtySets(): ReadonlyMap<FactsKind, Set<string>> {
  return new Map(ALL_KINDS.map(({ name }) => [name, new Set<string>()]));
}

function newEntries(): ReadonlyMap<FactsKind, Entry> {
  const selectors = ALL_KINDS.flatMap(({ name, links }) =>
    links.flatMap((one): Selectors[] => (one.type === 'selects' ? [{ from: name, link: one, selections: new Selections() }] : [])),
  );
  const references = ALL_KINDS.flatMap(({ name, links }) =>
    links.flatMap((one): References[] =>
      one.type === 'names' ? [{ from: name, to: one.to as FactsKind, link: one, byKey: new Map() }] : [],
    ),
  );
  return new Map(
    ALL_KINDS.map((kind) => {
      const { name } = kind;
      return [
        name,
        {
          kind,
          objects: new Map<string, Facts>(),
          references: references.filter(({ from }) => from === name),
          referredToBy: references.filter(({ to }) => to === name),
          selectors: selectors.filter(({ from }) => from === name),
          selectedBy: selectors.filter((one) => one.link.to === name),
        },
      ];
    }),
  );
}

function link({ references, selectors, selectedBy }: Entry, facts: Facts): void {
  for (const { link: naming, byKey } of references) for (const key of naming.keys(facts)) addTo(byKey, key, facts);
  for (const { selections } of selectedBy) selections.addSelected(facts as Facts & Selectable);
  for (const { link: selector, selections } of selectors) {
    const labels = selector.selector(facts);
    if (labels) selections.addSelecting(facts as Facts & Selecting, labels);
  }
}

function unlink({ references, selectors, selectedBy }: Entry, facts: Facts): void {
  for (const { selections } of selectors) selections.removeSelecting(facts as Facts & Selecting);
  for (const { selections } of selectedBy) selections.removeSelected(facts as Facts & Selectable);
  for (const { link: naming, byKey } of references) for (const key of naming.keys(facts)) removeFrom(byKey, key, facts);
}
