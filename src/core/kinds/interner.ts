import { familiesOfAddresses, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { LabelSet } from './labels.ts';
import { LabelInterner } from './labels.ts';
import { fields } from './shapes.ts';

/** Beyond this many, strings are forgotten and collected again: a cluster's names come and go. */
const MOST_TEXTS = 20_000;

/** A power of two. */
const SLOTS = 4096;

/** Keeps one copy of what repeats across objects: names of namespaces and nodes, label sets, and the families of a node's addresses. */
export class Interner {
  readonly #labels = new LabelInterner();
  readonly #texts = new Map<string, string>();
  /** Some of them, each at the slot that its length and its last characters give. */
  readonly #recent: (string | undefined)[] = Array.from({ length: SLOTS });
  /** Those of a host, which has one address of each family, by the first. */
  readonly #families = new Map<string, { readonly second: string | undefined; readonly families: FamilyList }>();

  /** An equal string; the same one each time, as long as not too many others are requested. */
  text(value: string): string {
    if (value === '') return value;
    // A comparison takes less than a lookup: objects come by namespace and name, so that texts come again soon.
    const slot = slotOf(value);
    const recent = this.#recent[slot];
    if (recent === value) return recent;
    const text = this.#oneOf(value);
    this.#recent[slot] = text;
    return text;
  }

  #oneOf(value: string): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(value, value);
    return value;
  }

  /** The families of addresses that many objects have, as the pods of a node share its own: reading an address takes long. */
  families(addresses: readonly string[]): FamilyList {
    const [first, second, third] = addresses;
    if (first === undefined) return NO_FAMILY;
    if (third !== undefined) return familiesOfAddresses(addresses);
    const known = this.#families.get(first);
    if (known && known.second === second) return known.families;
    if (this.#families.size >= MOST_TEXTS) this.#families.clear();
    const families = familiesOfAddresses(addresses);
    this.#families.set(first, { second, families });
    return families;
  }

  /** The shared label set of an object's `metadata.labels` or a Service's `spec.selector`, whatever its shape. */
  labels(value: unknown): LabelSet {
    return this.#labels.intern(fields(value));
  }
}

/** Names differ at their end. */
const HASHED = 6;

function slotOf(text: string): number {
  let hash = text.length;
  for (let at = Math.max(0, text.length - HASHED); at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}
