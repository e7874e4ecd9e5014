/**
 * Writes under way. There is no queue, as p-limit would have: what waited in one would be old when its turn comes, so whoever finds no room asks
 * again.
 */
export class Writes {
  readonly #most: number;
  readonly #onSettled: () => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #faults: unknown[] = [];

  /**
   * @param most how many there may be at a time
   * @param onSettled called when one has ended
   */
  constructor(most: number, onSettled: () => void) {
    this.#most = most;
    this.#onSettled = onSettled;
  }

  /** Whether another one may begin now for this key. */
  hasRoomFor(key: string): boolean {
    return this.#running.size < this.#most && !this.#running.has(key);
  }

  /** Begins one. */
  begin(key: string, write: () => Promise<void>): void {
    this.#running.set(key, this.#run(key, write));
  }

  /** @throws what a write has thrown */
  throwFault(): void {
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(key: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (fault) {
      this.#faults.push(fault);
    } finally {
      this.#running.delete(key);
      this.#onSettled();
    }
  }
}
