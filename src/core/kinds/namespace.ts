import type { LabelSet } from '../labels.ts';
import { defineKind } from './kind.ts';
import { METADATA, metadataOf } from './metadata.ts';
import { fields, text } from './shapes.ts';

export interface NamespaceFacts {
  readonly kind: 'Namespace';
  /** Of kube-system it stands for the cluster; empty in a dump that lacks it. */
  readonly uid: string;
  readonly name: string;
  readonly labels: LabelSet;
}

/** k8s.io/api v0.36.3, core/v1. */
export const namespace = defineKind({
  name: 'Namespace',
  resource: { group: '', versions: ['v1'], plural: 'namespaces', namespaced: false, servedBy: 'Every Kubernetes API server serves it.' },
  role: 'selection',
  reason: 'Which namespaces a report selects by their labels.',
  fields: { metadata: METADATA },
  facts: (object, interner): NamespaceFacts | undefined => {
    const metadata = metadataOf(object, interner);
    if (!metadata) return undefined;
    const uid = text(fields(fields(object)['metadata'])['uid']);
    return { kind: 'Namespace', uid, name: interner.text(metadata.name), labels: interner.labels(metadata.labels) };
  },
  key: ({ name }) => name,
});
