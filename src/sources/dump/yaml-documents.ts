import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { Document } from 'yaml';
import { printable } from '../../core/words.ts';
import { shorten } from '../../client/wire/errors.ts';
import type { DocumentReader, DocumentSink } from './documents.ts';
import { DumpError } from './dump-error.ts';

/** YAML is read as a whole, which takes a second for each MiB. */
export const YAML_LIMIT_BYTES = 16 * 1024 * 1024;

/** Words, values and marks between them, of which kubectl writes one in four bytes. Each takes up to 600 bytes of memory. */
export const MOST_LEXEMES = 3_000_000;

/** The time that it takes to read YAML grows with the square of the depth. */
export const DEEPEST_LEVEL = 100;

const MIB = 1024 * 1024;

const OPTIONS = {
  // They would quote lines of the file.
  prettyErrors: false,
  logLevel: 'silent',
  // Each key would be compared with all of its siblings.
  uniqueKeys: false,
  stringKeys: true,
} as const;

/** Reads documents of YAML, or of JSON that was written as YAML may be. */
export class YamlDocuments implements DocumentReader {
  readonly #sink: DocumentSink;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(sink: DocumentSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > YAML_LIMIT_BYTES) throw tooMuch(`${YAML_LIMIT_BYTES / MIB} MiB`);
    this.#chunks.push(chunk);
  }

  end(): void {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    for (const value of documentsOf(text)) this.#sink.document(value, undefined);
  }
}

/** @throws DumpError */
function* documentsOf(text: string): Generator<unknown, void> {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer(OPTIONS);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MOST_LEXEMES) throw tooMuch(`${MOST_LEXEMES / 1e6} million words and marks`);
    // As the parser's own loop does, but for the look at the depth: what follows goes down as deep.
    for (const token of parser.next(lexeme)) for (const document of composer.next(token)) yield valueOf(document, lines);
    if (parser.stack.length > DEEPEST_LEVEL) throw new DumpError(`it is nested more deeply than ${DEEPEST_LEVEL} levels`);
  }
  for (const token of parser.end()) for (const document of composer.next(token)) yield valueOf(document, lines);
  for (const document of composer.end()) yield valueOf(document, lines);
}

function tooMuch(limit: string): DumpError {
  return new DumpError(`YAML of more than ${limit} takes too long to read, and too much memory: have it written as JSON`);
}

function valueOf(document: Document.Parsed, lines: LineCounter): unknown {
  const [error] = document.errors;
  if (error) throw new DumpError(`line ${lines.linePos(error.pos[0]).line} is not YAML: ${shownMessage(error.message)}`);
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (fault) {
    // An alias may be a billion of things, or the alias itself; kubectl writes none.
    if (fault instanceof ReferenceError) throw new DumpError('it has aliases (*name): have it written without, or as JSON');
    throw fault;
  }
}

function shownMessage(message: string): string {
  return printable(shorten(message)).replace(/\.$/, '');
}
