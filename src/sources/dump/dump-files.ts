import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fields, text } from '../../core/kinds/shapes.ts';
import type { DocumentReader, DocumentSink } from './documents.ts';
import { DumpError } from './dump-error.ts';
import type { DumpReader } from './dump-reader.ts';
import { JsonDocuments } from './json-documents.ts';
import { YamlDocuments } from './yaml-documents.ts';

/** The name that means the standard input. */
const STANDARD_INPUT = '-';

/** What is read of a folder: a dump of `kubectl cluster-info` has logs beside its lists. */
const EXTENSIONS = /\.(?:json|ya?ml)$/i;

export interface DumpFilesOptions {
  readonly reader: DumpReader;
  readonly stdin: Readable;
  /** Called now and then with how far it is. */
  readonly onProgress: (file: string, bytes: number) => void;
}

/**
 * Reads files, the files in folders, and the standard input for `-`.
 * @throws DumpError where one cannot be read whole
 */
export async function readDumpFiles(paths: readonly string[], options: DumpFilesOptions): Promise<void> {
  for (const path of paths) {
    if (path === STANDARD_INPUT) await readStream('the standard input', options.stdin, options);
    else for (const file of await filesIn(path)) await readStream(file, createReadStream(file), options);
  }
}

async function filesIn(path: string): Promise<readonly string[]> {
  const found = await orUnreadable(path, stat(path));
  // A pipe may be read as a file is.
  if (!found.isDirectory()) return [path];
  const entries = await orUnreadable(path, readdir(path, { recursive: true, withFileTypes: true }));
  const names = entries.filter((entry) => EXTENSIONS.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  const files: string[] = [];
  for (const name of names.sort()) if ((await orUnreadable(name, stat(name))).isFile()) files.push(name);
  if (files.length === 0) throw new DumpError(`${path}: there is no file in this folder whose name ends in .json, .yaml or .yml`);
  return files;
}

async function orUnreadable<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readStream(file: string, stream: Readable, { reader, onProgress }: DumpFilesOptions): Promise<void> {
  const documents = new Documents(reader.file(file));
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      documents.push(chunk as Buffer);
      onProgress(file, bytes);
    }
    documents.end();
  } catch (error) {
    if (error instanceof DumpError) throw new DumpError(`${file}: ${error.message}`);
    throw unreadable(file, error);
  }
}

/** @returns the error itself where it is none of the system's */
function unreadable(file: string, error: unknown): unknown {
  const code = text(fields(error)['code']);
  if (code === 'ENOENT') return new DumpError(`${file} does not exist`);
  return /^E[A-Z]+$/.test(code) ? new DumpError(`${file} cannot be read (${code})`) : error;
}

/** So much white space means that a file is no JSON. */
const MOST_SPACE = 64 * 1024;
const UTF8_MARK = Buffer.from('\ufeff');

/** Reads what a file has, be it JSON or YAML: JSON begins with a bracket. */
export class Documents implements DocumentReader {
  readonly #sink: DocumentSink;
  #reader: DocumentReader | undefined;
  /** What came before the first byte that is not white space. */
  #beginning: Buffer = Buffer.alloc(0);

  constructor(sink: DocumentSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    if (!this.#reader) {
      const all = Buffer.concat([this.#beginning, chunk]);
      const content = withoutMark(all);
      const first = content.find((byte) => byte > 0x20);
      // A mark of three bytes may not have come as a whole.
      if (all.length < UTF8_MARK.length || (first === undefined && all.length <= MOST_SPACE)) {
        this.#beginning = all;
        return;
      }
      this.#begin(first ?? 0).push(content);
      return;
    }
    this.#reader.push(chunk);
  }

  end(): void {
    if (!this.#reader) this.#begin(0).push(this.#beginning);
    this.#reader?.end();
  }

  #begin(first: number): DocumentReader {
    this.#reader = first === 0x7b || first === 0x5b ? new JsonDocuments(this.#sink) : new YamlDocuments(this.#sink);
    return this.#reader;
  }
}

/** @throws DumpError where the mark is that of UTF-16, as a shell of Windows writes it */
function withoutMark(bytes: Buffer): Buffer {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) throw new DumpError('it is UTF-16: have it written as UTF-8');
  return bytes.subarray(0, UTF8_MARK.length).equals(UTF8_MARK) ? bytes.subarray(UTF8_MARK.length) : bytes;
}
