/** The greatest of the numbers that keys have. Nearly all changes are taken in without a look at the others. */
export class Greatest {
  readonly #numbers = new Map<string, number>();
  /** None is greater. */
  #greatest = -Infinity;
  /** Whether some key has it. */
  #isKnown = true;

  /** Sets the number of a key; -Infinity takes the key out. */
  set(key: string, number: number): void {
    const previous = this.#numbers.get(key) ?? -Infinity;
    if (number === previous) return;
    if (number === -Infinity) this.#numbers.delete(key);
    else this.#numbers.set(key, number);
    if (number >= this.#greatest) {
      this.#greatest = number;
      this.#isKnown = true;
    } else if (previous === this.#greatest) {
      this.#isKnown = false;
    }
  }

  /** The greatest; -Infinity where no key has a number. */
  get value(): number {
    if (this.#isKnown) return this.#greatest;
    this.#greatest = -Infinity;
    for (const number of this.#numbers.values()) this.#greatest = Math.max(this.#greatest, number);
    this.#isKnown = true;
    return this.#greatest;
  }
}
