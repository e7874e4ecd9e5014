import { expect } from 'chai';
import type { FactsKind } from '../../../src/core/kinds/facts.ts';
import { buildStatus } from '../../../src/core/report/status.ts';
import { evaluateAll, inShort, NOW, type Evaluated } from '../../core/build.ts';
import { report } from '../../core/report/report.ts';
import { faultsOfStatus } from '../../core/report/schema.ts';
import { replaced, soundObjects, type Raw } from './objects.ts';
import { readerOf, type Encoding } from './read.ts';

/** Objects that are added to a sound cluster, or in place of those of theirs that are called alike, and all that is then found. */
export interface Row {
  readonly what: string;
  readonly objects: readonly Raw[];
  readonly finds: readonly string[];
  /** Where they cannot be written in protobuf. */
  readonly only?: 'json';
}

/** The sound cluster with these objects, evaluated. */
export function evaluated(objects: readonly Raw[], encoding: Encoding): Evaluated {
  const read = readerOf(encoding);
  return evaluateAll(
    replaced(soundObjects(), objects)
      .map((object) => read(object.kind as FactsKind, object))
      .filter((facts) => facts !== undefined),
  );
}

/** A test for each row, of what comes over the wire and of what comes out of a file. */
export function table(rows: readonly Row[]): void {
  for (const { what, objects, finds, only } of rows) {
    it(`${what}: ${finds.join('; ') || 'nothing'}`, () => {
      for (const encoding of only ? [only] : (['json', 'protobuf'] as const)) {
        const cluster = evaluated(objects, encoding);
        expect(inShort(cluster.evaluation), encoding).to.deep.equal([...finds].sort());
        const status = buildStatus({ ...cluster, report: report(), now: NOW, writerEpoch: 1 });
        expect(faultsOfStatus(status)).to.deep.equal([]);
      }
    });
  }
}
