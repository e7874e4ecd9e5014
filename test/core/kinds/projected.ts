import { expect } from 'chai';
import type { FactsKind, FactsOf } from '../../../src/core/kinds/facts.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { kindNamed } from '../../../src/core/kinds/registry.ts';

/** The facts of an object, which there must be. */
export function project<K extends FactsKind>(kind: K, object: unknown): FactsOf<K> {
  const facts = kindNamed(kind).facts(object, new Interner());
  if (!facts) throw new Error('dropped');
  return facts;
}

/** A row: what it shows, the parts of the object, and the facts that follow from them. */
export type Row<F> = readonly [
  what: string,
  object: { readonly metadata?: object; readonly spec?: unknown; readonly status?: unknown },
  Partial<F>,
];

/** A test for each row: the facts that follow from the parts of an object. */
export function table<K extends FactsKind>(kind: K, rows: readonly Row<FactsOf<K>>[]): void {
  for (const [what, object, facts] of rows) {
    it(what, () => {
      expect(project(kind, { ...object, metadata: { name: 'x', namespace: 'ns', uid: 'u', ...object.metadata } })).to.deep.include(facts);
    });
  }
}
