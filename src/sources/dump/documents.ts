/** Takes the parts of documents, as they come. */
export interface DocumentSink {
  /**
   * An element of a list.
   * @param head what has come of its list so far: its kind may come last
   * @param index its place in the list, from 0
   * @param bytes how many it was read from
   */
  item(value: unknown, head: unknown, index: number, bytes: number): void;
  /**
   * The end of a document.
   * @param items how many elements `item` was given of it, which are no longer in it; undefined where the document is whole
   */
  document(value: unknown, items: number | undefined): void;
}

/** Reads the bytes of a file as they come. */
export interface DocumentReader {
  /** @throws DumpError */
  push(chunk: Buffer): void;
  /** @throws DumpError where the bytes end too early */
  end(): void;
}
