import type { FamilyList } from '../net/addresses.ts';
import type { LabelSet } from './labels.ts';
import { defineKind } from './kind.ts';
import { METADATA, metadataOf } from './metadata.ts';
import { declaredFamilies } from './pod-annotations.ts';
import { fields, text } from './shapes.ts';

export interface NamespaceFacts {
  readonly kind: 'Namespace';
  /** That of kube-system identifies the cluster; empty in a dump that lacks it. */
  readonly uid: string;
  readonly name: string;
  /** The families that its annotations ask the CNI plugin for on behalf of its pods; none where they say nothing. */
  readonly declaredFamilies: FamilyList;
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
    return {
      kind: 'Namespace',
      uid: text(fields(fields(object)['metadata'])['uid']),
      name: interner.text(metadata.name),
      declaredFamilies: declaredFamilies(metadata.annotations),
      labels: interner.labels(metadata.labels),
    };
  },
  key: ({ name }) => name,
});
