import TinyQueue from 'tinyqueue';

interface Entry<T> {
  readonly item: T;
  readonly at: number;
}

/** What falls due when: each item at the time that it was last scheduled for. */
export class DueQueue<T> {
  readonly #queue = new TinyQueue<Entry<T>>([], (a, b) => a.at - b.at);
  readonly #times = new Map<T, number>();

  /** Schedules an item, in place of an earlier time of its. */
  schedule(item: T, at: number): void {
    if (this.#times.get(item) === at) return;
    this.#times.set(item, at);
    this.#queue.push({ item, at });
  }

  /** Whether an item will fall due. */
  has(item: T): boolean {
    return this.#times.has(item);
  }

  cancel(item: T): void {
    this.#times.delete(item);
  }

  /** Takes out all items that are due at `now`. */
  take(now: number): T[] {
    const due: T[] = [];
    for (let first = this.#first(); first && first.at <= now; first = this.#first()) {
      due.push(first.item);
      this.#times.delete(first.item);
    }
    return due;
  }

  /** When the next item falls due; undefined where none will. */
  get next(): number | undefined {
    return this.#first()?.at;
  }

  /** The first entry that still counts; those that were scheduled again or cancelled are dropped on the way. */
  #first(): Entry<T> | undefined {
    for (let first = this.#queue.peek(); first; first = this.#queue.peek()) {
      if (this.#times.get(first.item) === first.at) return first;
      this.#queue.pop();
    }
    return undefined;
  }
}
