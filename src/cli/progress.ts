import type { WriteStream } from 'node:tty';

/** Work that is done before is not worth a word, in milliseconds. */
const PATIENCE_MS = 500;
const EVERY_MS = 200;
const ERASE_LINE = '\r\u001b[K';

/** Says on one line of a terminal how far long work is, and takes it away again; elsewhere it says nothing. */
export class Progress {
  readonly #stream: Pick<WriteStream, 'write' | 'columns'> | undefined;
  readonly #now: () => number;
  #sayNext: number;
  #said = false;

  /**
   * @param stream the standard error
   * @param now a clock in milliseconds
   */
  constructor(stream: Pick<WriteStream, 'write' | 'columns' | 'isTTY'>, now: () => number = () => performance.now()) {
    this.#stream = stream.isTTY ? stream : undefined;
    this.#now = now;
    this.#sayNext = now() + PATIENCE_MS;
  }

  /** @param words called only where its words are shown */
  say(words: () => string): void {
    const now = this.#now();
    if (!this.#stream || now < this.#sayNext) return;
    this.#sayNext = now + EVERY_MS;
    this.#said = true;
    this.#stream.write(ERASE_LINE + words().slice(0, this.#stream.columns - 1));
  }

  /** Takes the line away: before anything else is written, and at the end. */
  clear(): void {
    if (this.#said) this.#stream?.write(ERASE_LINE);
    this.#said = false;
  }
}
