export interface ExpiringMapOptions {
  /** How long an entry lives, in milliseconds. */
  readonly lifeMs: number;
  /** How many entries there are at most; the oldest goes first. */
  readonly size: number;
  /** Milliseconds from any beginning; must not jump. */
  readonly now: () => number;
}

/**
 * A map that forgets. It takes the place of lru-cache, which is many times as much code for these two rules, and never expires an entry that is
 * set at time 0 of its clock.
 */
export class ExpiringMap<K, V> {
  readonly #options: ExpiringMapOptions;
  readonly #entries = new Map<K, { readonly value: V; readonly until: number }>();

  constructor(options: ExpiringMapOptions) {
    this.#options = options;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.#options.now() < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: K, value: V): void {
    const { lifeMs, size, now } = this.#options;
    // One that is set again is a new one.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now() + lifeMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > size && oldest !== undefined) this.#entries.delete(oldest);
  }
}
