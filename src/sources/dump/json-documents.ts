import type { DocumentReader, DocumentSink } from './documents.ts';
import { DumpError } from './dump-error.ts';

/** More than any object of an API server in JSON, indentation included: etcd takes 1.5 MiB of one. In memory it takes up to fifty times as much. */
export const OBJECT_LIMIT_BYTES = 8 * 1024 * 1024;

/** Definitions of custom resources are the deepest that there are, with less than a hundred levels. */
export const DEEPEST_LEVEL = 500;

const MIB = 1024 * 1024;
const LONGEST_KEY = 64;
const ITEMS = 'items';
const PLACEHOLDER = Buffer.from('0');

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const EQUALS_SIGN = 0x3d;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes that are collected from chunks, up to a limit. They are copied: a few bytes of a chunk would keep all of it. */
class Collected {
  #room: Buffer = Buffer.alloc(0);
  #size = 0;

  add(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > OBJECT_LIMIT_BYTES) throw new DumpError(`an object in it is longer than ${OBJECT_LIMIT_BYTES / MIB} MiB`);
    if (size > this.#room.length) this.#grow(Math.max(size, 2 * this.#room.length));
    this.#room.set(bytes, this.#size);
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** @param end what is to follow, where there is more to come */
  text(end = ''): string {
    return this.#room.toString('utf8', 0, this.#size) + end;
  }

  clear(): void {
    this.#size = 0;
  }

  #grow(capacity: number): void {
    const room = Buffer.allocUnsafe(capacity);
    room.set(this.#room.subarray(0, this.#size));
    this.#room = room;
  }
}

/**
 * Reads JSON documents, one after the other, of any length: of a list each element is read alone, so that no more than one object is in
 * memory. A list is an array, or an object with a field `items` that is one.
 */
export class JsonDocuments implements DocumentReader {
  readonly #sink: DocumentSink;
  /** The document, with a 0 in place of each element of its list. */
  readonly #outline = new Collected();
  readonly #item = new Collected();
  #chunk: Buffer = Buffer.alloc(0);
  /** How much of the chunk has been collected. */
  #collected = 0;
  /** How many bytes came before the chunk. */
  #before = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #isObject = false;
  #expectsKey = false;
  #inKey = false;
  #key = '';
  /** On which level the elements of the list are; 0 outside of one. */
  #level = 0;
  #inItem = false;
  #items: number | undefined;
  #head: unknown;

  constructor(sink: DocumentSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#collected = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#takeInString(byte, at);
      else if (isSpace(byte)) this.#endScalar(at);
      else this.#take(byte, at);
    }
    if (this.#depth > 0) this.#collect(chunk.length);
    this.#before += chunk.length;
  }

  end(): void {
    if (this.#depth > 0) throw new DumpError(`it ends inside a JSON document, after ${this.#before} bytes`);
  }

  #takeInString(byte: number, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      this.#inKey = false;
      this.#endScalar(at + 1);
      return;
    }
    if (this.#inKey && this.#key.length < LONGEST_KEY) this.#key += String.fromCharCode(byte);
  }

  #take(byte: number, at: number): void {
    if (this.#depth === 0) {
      this.#beginDocument(byte, at);
      return;
    }
    switch (byte) {
      case QUOTE:
        this.#beginValue(at);
        this.#beginString();
        return;
      case OPEN_LIST:
      case OPEN_OBJECT:
        this.#beginValue(at);
        this.#open(byte, at);
        return;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        this.#endScalar(at);
        this.#close(at);
        return;
      case COMMA:
        this.#endScalar(at);
        this.#expectsKey = true;
        return;
      case COLON:
        this.#expectsKey = false;
        return;
      default:
        this.#beginValue(at);
    }
  }

  #beginDocument(byte: number, at: number): void {
    if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) throw this.#noDocument(byte, at);
    this.#collected = at;
    this.#depth = 1;
    this.#isObject = byte === OPEN_OBJECT;
    this.#expectsKey = true;
    this.#key = '';
    this.#head = undefined;
    this.#items = undefined;
    if (!this.#isObject) this.#beginList(at);
  }

  #noDocument(byte: number, at: number): DumpError {
    const hint = byte === EQUALS_SIGN ? '; where these are logs, have kubectl cluster-info dump write to --output-directory' : '';
    return new DumpError(`it is not JSON: ${this.#words(at)} neither an object nor a list begins${hint}`);
  }

  #beginString(): void {
    this.#inString = true;
    this.#inKey = this.#isObject && this.#depth === 1 && this.#expectsKey;
    if (this.#inKey) this.#key = '';
  }

  #open(byte: number, at: number): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST_LEVEL) throw new DumpError(`it is nested more deeply than ${DEEPEST_LEVEL} levels`);
    if (byte !== OPEN_LIST || this.#depth !== 2 || this.#level > 0 || this.#key !== ITEMS) return;
    this.#head = this.#parse(this.#outlineSoFar(at), at);
    this.#beginList(at);
  }

  #outlineSoFar(at: number): string {
    this.#collect(at);
    return this.#outline.text('[]}');
  }

  #beginList(at: number): void {
    this.#collect(at + 1);
    this.#level = this.#depth;
    this.#items ??= 0;
  }

  #beginValue(at: number): void {
    if (this.#inItem || this.#level === 0 || this.#depth !== this.#level) return;
    this.#collect(at);
    this.#inItem = true;
  }

  /** An element that is no object ends where something else begins. */
  #endScalar(at: number): void {
    if (this.#inItem && this.#depth === this.#level) this.#endItem(at);
  }

  #close(at: number): void {
    this.#depth -= 1;
    if (this.#inItem && this.#depth === this.#level) this.#endItem(at + 1);
    else if (this.#depth < this.#level) this.#level = 0;
    if (this.#depth === 0) this.#endDocument(at + 1);
  }

  #endItem(to: number): void {
    this.#collect(to);
    this.#inItem = false;
    const { size } = this.#item;
    const value = this.#parse(this.#item.text(), to);
    this.#item.clear();
    this.#outline.add(PLACEHOLDER);
    const index = this.#items ?? 0;
    this.#items = index + 1;
    this.#sink.item(value, this.#head, index, size);
  }

  #endDocument(to: number): void {
    this.#collect(to);
    const value = this.#parse(this.#outline.text(), to);
    this.#outline.clear();
    this.#sink.document(value, this.#items);
  }

  #collect(to: number): void {
    (this.#inItem ? this.#item : this.#outline).add(this.#chunk.subarray(this.#collected, to));
    this.#collected = to;
  }

  #parse(text: string, at: number): unknown {
    try {
      return JSON.parse(text);
    } catch {
      // The parser's own error would quote the object.
      throw new DumpError(`it is not JSON: there is a fault ${this.#words(at)}`);
    }
  }

  #words(at: number): string {
    return `at byte ${this.#before + at}`;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
