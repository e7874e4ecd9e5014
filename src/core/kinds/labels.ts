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
  /** By their hash, which takes no text for each object; of two sets with one hash, the later one. */
  readonly #atHand = new Map<number, LabelSet>();
  /** The set of the last object: one pod of a workload follows another. */
  #last = NO_LABELS;
  readonly #sets = new Map<string, WeakRef<LabelSet>>();
  readonly #registry = new FinalizationRegistry<string>((text) => {
    if (!this.#sets.get(text)?.deref()) this.#sets.delete(text);
  });

  /** The one set for these labels. What is not a string on either side of a pair is passed over. */
  intern(labels: Readonly<Record<string, unknown>> | undefined | null): LabelSet {
    if (!labels) return NO_LABELS;
    if (!isSetOf(this.#last, labels)) this.#last = this.#setOf(labels);
    return this.#last;
  }

  #setOf(labels: Readonly<Record<string, unknown>>): LabelSet {
    const hash = hashOf(labels);
    const known = this.#atHand.get(hash);
    if (known && isSetOf(known, labels)) return known;
    const set = this.#find(labels);
    if (this.#atHand.size >= MOST_AT_HAND) this.#atHand.clear();
    this.#atHand.set(hash, set);
    return set;
  }

  #find(labels: Readonly<Record<string, unknown>>): LabelSet {
    const pairs = Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
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

/** The same for the same labels in whatever order; a 32-bit integer. */
function hashOf(labels: Readonly<Record<string, unknown>>): number {
  let hash = 0;
  for (const key in labels) {
    const value = labels[key];
    if (typeof value === 'string') hash = (hash + hashOfText(value, hashOfText(key, 0))) | 0;
  }
  return hash;
}

/** Labels of one key differ at their end: the hash of a template, the number of a pod. */
const HASHED = 12;

/** FNV-1a, of the length and the last characters. */
function hashOfText(text: string, seed: number): number {
  let hash = seed ^ 0x81_1c_9d_c5 ^ text.length;
  for (let at = Math.max(0, text.length - HASHED); at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return hash;
}

function isSetOf(set: LabelSet, labels: Readonly<Record<string, unknown>>): boolean {
  let strings = 0;
  for (const key in labels) if (typeof labels[key] === 'string') strings += 1;
  if (strings !== set.length) return false;
  for (const [key, value] of set) if (labels[key] !== value) return false;
  return true;
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
