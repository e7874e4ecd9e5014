import { DecodeError } from './errors.ts';

/** Cuts a stream of bytes into frames, wherever the chunks that come happen to be cut. */
export interface FrameSplitter {
  /**
   * @param chunk the next bytes; not copied where a frame lies within it
   * @returns the frames that are now complete, in order
   * @throws DecodeError once a frame is longer than the limit
   */
  push(chunk: Uint8Array): readonly Buffer[];
}

/**
 * Twice what an API server can send to etcd at once (the limit of etcd's own client), and so more than any object. A decoded frame takes up to
 * 64 times its bytes: an empty endpoint is two bytes, and an object with a list of its own.
 */
export const FRAME_LIMIT_BYTES = 4 * 1024 * 1024;

const LENGTH_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/**
 * The bytes that have come and not been used. A chunk is kept as it is; those that follow it are copied behind it, since many small ones would
 * take far more memory than their bytes.
 */
class Pending {
  #bytes: Buffer = NOTHING;
  /** How many bytes fit behind the others, in memory that nobody else reads. */
  #room: Buffer = NOTHING;

  get size(): number {
    return this.#bytes.length;
  }

  /** All of them; what is cut out of them stays valid. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** @param expected how many bytes there will be in the end, or more; no more memory than that is taken in advance */
  add(chunk: Uint8Array, expected: number): void {
    const size = this.size + chunk.byteLength;
    if (this.size === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      return;
    }
    if (size > this.#room.length) this.#grow(Math.max(size, Math.min(2 * size, expected)));
    this.#room.set(chunk, this.size);
    this.#bytes = this.#room.subarray(0, size);
  }

  #grow(capacity: number): void {
    this.#room = Buffer.allocUnsafe(capacity);
    this.#room.set(this.#bytes);
  }

  /** Leaves only the bytes from a place on. */
  keepFrom(at: number): void {
    this.#bytes = at === this.size ? NOTHING : this.#bytes.subarray(at);
    this.#room = NOTHING;
  }
}

/** Frames of a protobuf watch: a big-endian uint32 length, then as many bytes. */
export class LengthPrefixedFrames implements FrameSplitter {
  readonly #pending = new Pending();
  readonly #limit: number;
  #needed = LENGTH_BYTES;

  /** @param limit the most bytes that a frame may have */
  constructor(limit = FRAME_LIMIT_BYTES) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): readonly Buffer[] {
    const frames: Buffer[] = [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = this.#complete(bytes, frames);
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + this.#lengthAt(bytes, at);
      if (end > bytes.length) {
        this.#needed = end - at;
        break;
      }
      frames.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    if (at < bytes.length) this.#pending.add(bytes.subarray(at), this.#needed);
    return frames;
  }

  /**
   * Completes the frame that earlier chunks began, which alone is copied: a chunk has many others.
   * @returns how many bytes of the chunk that took
   */
  #complete(bytes: Buffer, frames: Buffer[]): number {
    let at = 0;
    while (this.#pending.size > 0 && at < bytes.length) {
      const end = Math.min(bytes.length, at + this.#needed - this.#pending.size);
      this.#pending.add(bytes.subarray(at, end), this.#needed);
      at = end;
      if (this.#pending.size < this.#needed) break;
      this.#needed = LENGTH_BYTES + this.#lengthAt(this.#pending.bytes, 0);
      if (this.#pending.size < this.#needed) continue;
      frames.push(this.#pending.bytes.subarray(LENGTH_BYTES));
      this.#pending.keepFrom(this.#pending.size);
      this.#needed = LENGTH_BYTES;
    }
    return at;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    if (length > this.#limit) throw tooLong(length, this.#limit);
    return length;
  }
}

const NEWLINE = 0x0a;

/** Frames of a JSON watch: one object a line. Empty lines are passed over. */
export class LineFrames implements FrameSplitter {
  readonly #pending = new Pending();
  readonly #limit: number;

  /** @param limit the most bytes that a line may have */
  constructor(limit = FRAME_LIMIT_BYTES) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): readonly Buffer[] {
    this.#pending.add(chunk, this.#limit);
    if (!chunk.includes(NEWLINE)) {
      if (this.#pending.size > this.#limit) throw tooLong(this.#pending.size, this.#limit);
      return [];
    }
    const { bytes } = this.#pending;
    const frames: Buffer[] = [];
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      if (end - at > this.#limit) throw tooLong(end - at, this.#limit);
      if (end > at) frames.push(bytes.subarray(at, end));
      at = end + 1;
    }
    this.#pending.keepFrom(at);
    return frames;
  }
}

function tooLong(length: number, limit: number): DecodeError {
  return new DecodeError(`a watch frame of ${length} bytes or more is longer than the limit of ${limit}`);
}
