import type { Change } from '../../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../../src/core/cluster/cluster-store.ts';
import { DumpReader } from '../../../src/sources/dump/dump-reader.ts';
import { Documents } from '../../../src/sources/dump/dump-files.ts';

/** What came of reading a dump. */
export interface ReadDump {
  readonly changes: readonly Change[];
  readonly problems: readonly string[];
  readonly reader: DumpReader;
  readonly store: ClusterStore;
}

/**
 * Reads texts as files of one dump, each in chunks of so many bytes.
 * @throws DumpError
 */
export function readDump(texts: readonly (string | Buffer)[], chunkBytes = 65_536): ReadDump {
  const changes: Change[] = [];
  const problems: string[] = [];
  const store = new ClusterStore();
  const reader = new DumpReader({
    onChange: (change) => {
      changes.push(change);
      store.apply(change);
    },
    onProblem: (words) => problems.push(words),
  });
  for (const [index, text] of texts.entries()) {
    const documents = new Documents(reader.file(`file-${index + 1}`));
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunkBytes) documents.push(bytes.subarray(at, at + chunkBytes));
    documents.end();
  }
  reader.end();
  return { changes, problems, reader, store };
}

/** What kubectl writes of objects of several kinds. */
export function listOfObjects(objects: readonly object[]): object {
  return { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
}
