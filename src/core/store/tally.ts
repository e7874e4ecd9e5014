/** How often each key occurs. Keys that no longer occur are not held. */
export class Tally<K extends string = string> {
  readonly #counts = new Map<K, number>();

  add(key: K, by = 1): void {
    const count = this.get(key) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }

  get(key: K): number {
    return this.#counts.get(key) ?? 0;
  }

  get total(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  keys(): IterableIterator<K> {
    return this.#counts.keys();
  }

  entries(): IterableIterator<[K, number]> {
    return this.#counts.entries();
  }
}

/** The set at a key of a map of sets, for reading; empty where there is none. */
export function setAt<K, V>(sets: ReadonlyMap<K, ReadonlySet<V>>, key: K): ReadonlySet<V> {
  return sets.get(key) ?? EMPTY;
}

const EMPTY: ReadonlySet<never> = new Set();

export function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

/** Takes a value out of a map of sets, and the set with its last value. */
export function removeFrom<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set?.delete(value) && set.size === 0) sets.delete(key);
}
