import type { NamespaceFacts } from '../../core/facts.ts';
import { metadataOf } from './metadata.ts';
import type { Projection } from './projection.ts';

export const projectNamespace: Projection<NamespaceFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  return { kind: 'Namespace', name: interner.text(metadata.name), labels: interner.labels(metadata.labels) };
};
