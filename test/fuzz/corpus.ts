import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORT_RESOURCE } from '../../src/sources/report-resource.ts';
import type { Interner } from '../../src/core/kinds/interner.ts';
import { KINDS } from '../../src/core/kinds/registry.ts';
import { builtInResources, type Resource } from '../../src/sources/resources.ts';
import { jsonCodec } from '../../src/client/wire/codec.ts';
import { samplesOf } from './samples.ts';

/** What was asked for: a watch, a page of a list, or something that gave an error. */
export type Form = 'watch' | 'page' | 'status';

/** What a real API server sent, byte for byte. */
export interface Recording {
  readonly form: Form;
  /** The kind of its objects; `Status` for an error. */
  readonly kind: string;
  /** Its file in the corpus. */
  readonly name: string;
  readonly bytes: Buffer;
}

export const CORPUS = join(import.meta.dirname, 'corpus');

/** The name of the file of a recording. */
export function fileOf(form: Form, kind: string, what?: string): string {
  return `${[form, kind, ...(what === undefined ? [] : [what])].join('.')}.bin`;
}

/** All that was recorded by `record.ts`, in the order of the names. */
export function readCorpus(): readonly Recording[] {
  return readdirSync(CORPUS)
    .sort()
    .map((name) => {
      const [form = '', kind = ''] = name.split('.');
      return { form: formOf(form), kind, name, bytes: readFileSync(join(CORPUS, name)) };
    });
}

function formOf(text: string): Form {
  if (text === 'watch' || text === 'page' || text === 'status') return text;
  throw new Error(`${text} is no form of a recording`);
}

/** All that was recorded, and for kinds of which nothing was yet, what they may look like. */
export function allRecordings(): readonly Recording[] {
  const recorded = readCorpus();
  const kinds = new Set(recorded.map(({ kind }) => kind));
  return [...recorded, ...KINDS.filter(({ name }) => !kinds.has(name)).flatMap(samplesOf)];
}

/** Whether the objects of a kind come in JSON. */
export function isInJson({ codec }: Pick<Resource<unknown>, 'codec'>): boolean {
  return codec === jsonCodec;
}

/** The resources that the operator reads: of built-in kinds in protobuf, of its own in JSON. */
export function resources(interner: Interner): readonly Resource<unknown>[] {
  return [...builtInResources(interner), REPORT_RESOURCE];
}
