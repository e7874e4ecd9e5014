import fc from 'fast-check';
import { KINDS, type Kind, type Look, type Objects } from '../faults/objects.ts';

/** One change: an object is made, given another look, or deleted. */
export interface Turn {
  readonly do: 'make' | 'change' | 'delete';
  readonly kind: Kind;
  readonly look: Look;
  /** Which of the objects that there are. */
  readonly which: number;
}

/** As often made as deleted, so that the cluster stays as large as it is. */
export const turn: fc.Arbitrary<Turn> = fc.record({
  do: fc.constantFrom('make' as const, 'change' as const, 'change' as const, 'delete' as const),
  kind: fc.constantFrom(...KINDS),
  look: fc.constantFrom<Look>(0, 1, 2),
  which: fc.nat(),
});

/** The schedules of faults have the numbers below to themselves. */
const FIRST_NUMBER = 10;
const LEAST = 60;
const MOST = 120;

/** Objects that come, change and go. No name comes again, so that whatever is kept of one that is gone shows. */
export class Churn {
  readonly #objects: Objects;
  readonly #living: { readonly kind: Kind; readonly number: number }[] = [];
  #next = FIRST_NUMBER;
  /** Changes so far. */
  count = 0;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Makes as many objects as there are at least. */
  async fill(turns: readonly Turn[]): Promise<void> {
    for (const { kind, look } of turns.slice(0, LEAST)) await this.#make(kind, look);
  }

  /** Lets one change happen. */
  async play({ do: what, kind, look, which }: Turn): Promise<void> {
    const index = which % this.#living.length;
    const { length } = this.#living;
    if (length < LEAST || (what === 'make' && length < MOST)) await this.#make(kind, look);
    else if (what === 'change') await this.#change(index, look);
    else await this.#delete(index);
  }

  async #make(kind: Kind, look: Look): Promise<void> {
    const number = this.#next++;
    await this.#objects.put(kind, number, look);
    this.#living.push({ kind, number });
    this.count += 1;
  }

  async #change(index: number, look: Look): Promise<void> {
    const { kind, number } = this.#living[index]!;
    await this.#objects.put(kind, number, look);
    this.count += 1;
  }

  async #delete(index: number): Promise<void> {
    const [{ kind, number }] = this.#living.splice(index, 1) as [{ readonly kind: Kind; readonly number: number }];
    await this.#objects.delete(kind, number);
    this.count += 1;
  }
}
