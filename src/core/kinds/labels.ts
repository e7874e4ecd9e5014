/** Labels as pairs sorted by key. Equal label sets that come from one interner are the same object. */
export type LabelSet = readonly (readonly [key: string, value: string])[];

export const NO_LABELS: LabelSet = Object.freeze([]);

/** So many sets are found without being sorted, and are held though nobody else does. */
const MOST_AT_HAND = 4096;

/**
 * Keeps one copy of each distinct label set: the pods of a workload share theirs.
 * Entries are dropped when nobody holds the set any longer.
 */
export class LabelInterner {
  /** By the labels in the order in which they came, which mostly is the same one. */
  readonly #atHand = new Map<string, LabelSet>();
  readonly #sets = new Map<string, WeakRef<LabelSet>>();
  readonly #registry = new FinalizationRegistry<string>((text) => {
    if (!this.#sets.get(text)?.deref()) this.#sets.delete(text);
  });

  /** The one set for these labels. What is not a string on either side of a pair is passed over. */
  intern(labels: Readonly<Record<string, unknown>> | undefined | null): LabelSet {
    const given = asGiven(labels ?? {});
    const known = given === undefined ? undefined : this.#atHand.get(given);
    if (known) return known;
    const set = this.#find(labels);
    if (this.#atHand.size >= MOST_AT_HAND) this.#atHand.clear();
    if (given !== undefined) this.#atHand.set(given, set);
    return set;
  }

  #find(labels: Readonly<Record<string, unknown>> | undefined | null): LabelSet {
    const pairs = Object.entries(labels ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    if (pairs.length === 0) return NO_LABELS;
    pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(pairs);
    const known = this.#sets.get(text)?.deref();
    if (known) return known;
    this.#sets.set(text, new WeakRef<LabelSet>(pairs));
    this.#registry.register(pairs, text);
    return pairs;
  }
}

/** A text that no other labels have; undefined where not all values are strings. */
function asGiven(labels: Readonly<Record<string, unknown>>): string | undefined {
  let given = '';
  for (const key of Object.keys(labels)) {
    const value = labels[key];
    if (typeof value !== 'string') return undefined;
    given += `${key.length}:${key}${value.length}:${value}`;
  }
  return given;
}

/**
 * Whether every pair of the selector is among the labels. An empty selector selects nothing, as in a Service. Nothing bounds how many labels an
 * object has, so both are gone through once, by their order.
 */
export function selects(selector: LabelSet, labels: LabelSet): boolean {
  if (selector.length === 0) return false;
  let at = 0;
  return selector.every(([key, value]) => {
    while ((labels[at]?.[0] ?? key) < key) at += 1;
    const label = labels[at];
    return label?.[0] === key && label[1] === value;
  });
}
