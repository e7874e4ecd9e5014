import { DecodeError } from '../errors.ts';

/** Cuts a stream of bytes into frames, wherever the chunks that come happen to be cut. */
export interface FrameSplitter {
  /**
   * @param chunk the next bytes; not copied where a frame lies within it
   * @returns the frames that are now complete, in order
   * @throws DecodeError once a frame is longer than the limit
   */
  push(chunk: Uint8Array): readonly Buffer[];
  /** Whether part of a frame is waiting for its rest. */
  readonly partial: boolean;
}

/** Far more than any object in etcd can be: 1.5 MiB by default. */
export const FRAME_LIMIT_BYTES = 16 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** The chunks that have come and not been used, joined only when there are enough bytes for a frame. */
class Chunks {
  size = 0;
  #chunks: Buffer[] = [];

  add(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.size += chunk.byteLength;
  }

  /** All the bytes; they stay here until `keep` says which are left. */
  joined(): Buffer {
    const [first] = this.#chunks;
    const all = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
  }
}

/** Frames of a protobuf watch: a big-endian uint32 length, then as many bytes. */
export class LengthPrefixedFrames implements FrameSplitter {
  readonly #chunks = new Chunks();
  readonly #limit: number;
  #needed = LENGTH_BYTES;

  /** @param limit the most bytes that a frame may have */
  constructor(limit = FRAME_LIMIT_BYTES) {
    this.#limit = limit;
  }

  get partial(): boolean {
    return this.#chunks.size > 0;
  }

  push(chunk: Uint8Array): readonly Buffer[] {
    this.#chunks.add(chunk);
    if (this.#chunks.size < this.#needed) return [];
    const bytes = this.#chunks.joined();
    const frames: Buffer[] = [];
    let at = 0;
    this.#needed = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > this.#limit) throw tooLong(length, this.#limit);
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) {
        this.#needed = LENGTH_BYTES + length;
        break;
      }
      frames.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#chunks.keep(bytes.subarray(at));
    return frames;
  }
}

const NEWLINE = 0x0a;

/** Frames of a JSON watch: one object a line. Empty lines are passed over. */
export class LineFrames implements FrameSplitter {
  readonly #chunks = new Chunks();
  readonly #limit: number;

  /** @param limit the most bytes that a line may have */
  constructor(limit = FRAME_LIMIT_BYTES) {
    this.#limit = limit;
  }

  get partial(): boolean {
    return this.#chunks.size > 0;
  }

  push(chunk: Uint8Array): readonly Buffer[] {
    this.#chunks.add(chunk);
    if (!chunk.includes(NEWLINE)) {
      if (this.#chunks.size > this.#limit) throw tooLong(this.#chunks.size, this.#limit);
      return [];
    }
    const bytes = this.#chunks.joined();
    const frames: Buffer[] = [];
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      if (end - at > this.#limit) throw tooLong(end - at, this.#limit);
      if (end > at) frames.push(bytes.subarray(at, end));
      at = end + 1;
    }
    this.#chunks.keep(bytes.subarray(at));
    return frames;
  }
}

function tooLong(length: number, limit: number): DecodeError {
  return new DecodeError(`a watch frame of ${length} bytes or more is longer than the limit of ${limit}`);
}
