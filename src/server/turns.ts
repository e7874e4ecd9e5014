/** Work that is done one after the other, of which only so much may wait. */
export class Turns {
  readonly #most: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @param most how much may wait, what is being done included */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Does the work when all before it is done.
   * @param work must not fail
   * @returns false where too much waits already: it will not be done
   */
  take(work: () => Promise<void>): boolean {
    if (this.#waiting >= this.#most) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      await work();
      this.#waiting -= 1;
    });
    return true;
  }
}
