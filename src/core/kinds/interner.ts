import type { FamilyList } from '../net/addresses.ts';
import { familiesOfAddresses } from '../net/addresses.ts';
import type { LabelSet } from './labels.ts';
import { LabelInterner } from './labels.ts';
import { fields } from './shapes.ts';

/** Beyond this many, strings are forgotten and collected again: a cluster's names come and go. */
const MOST_TEXTS = 20_000;

/** Keeps one copy of what repeats across objects: names of namespaces and nodes, label sets, and the families of a node's addresses. */
export class Interner {
  readonly #labels = new LabelInterner();
  readonly #texts = new Map<string, string>();
  readonly #families = new Map<string, FamilyList>();

  /** An equal string; the same one each time, as long as not too many others are requested. */
  text(value: string): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(value, value);
    return value;
  }

  /** The families of addresses that many objects have, as the pods of a node share its own: reading an address takes long. */
  families(addresses: readonly string[]): FamilyList {
    const key = keyOf(addresses);
    const known = this.#families.get(key);
    if (known) return known;
    if (this.#families.size >= MOST_TEXTS) this.#families.clear();
    const families = familiesOfAddresses(addresses);
    this.#families.set(key, families);
    return families;
  }

  /** The shared label set of an object's `metadata.labels` or a Service's `spec.selector`, whatever its shape. */
  labels(value: unknown): LabelSet {
    return this.#labels.intern(fields(value));
  }
}

/** Joined by a comma, one text with a comma in it would be taken for two addresses. */
function keyOf(addresses: readonly string[]): string {
  let key = '';
  for (const address of addresses) key += `${address.length}:${address}`;
  return key;
}
