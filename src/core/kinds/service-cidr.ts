import { familiesOfCIDRs, isRedacted, type FamilyList } from '../net/addresses.ts';
import { object, objects, strings } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind } from './kind.ts';
import { CONDITION_FIELDS, conditionOf, lastChangeOf, MANAGED_METADATA, metadataOf, readable } from './metadata.ts';
import { fields, texts } from './shapes.ts';

export interface ServiceCIDRFacts {
  readonly kind: 'ServiceCIDR';
  readonly name: string;
  readonly createdAt: number;
  /** When whoever keeps fields of its spec last changed it; undefined where `managedFields` do not show it. */
  readonly changedAt: number | undefined;
  readonly families: FamilyList;
  /** `spec.cidrs`, as written. */
  readonly cidrs: readonly string[];
  /** Whether some range cannot be read, so that the families are not all known. */
  readonly unreadable: boolean;
  readonly ready: boolean;
}

function factsOf(object: unknown, interner: Interner): ServiceCIDRFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec, status } = fields(object);
  const cidrs = readable(texts(fields(spec)['cidrs']));
  return {
    kind: 'ServiceCIDR',
    name: metadata.name,
    createdAt: metadata.createdAt,
    changedAt: lastChangeOf(object),
    families: familiesOfCIDRs(cidrs),
    cidrs,
    unreadable: cidrs.some(isRedacted),
    ready: conditionOf(fields(status)['conditions'], 'Ready')['status'] === 'True',
  };
}

/** k8s.io/api v0.36.3, networking/v1. */
export const serviceCIDR = defineKind({
  name: 'ServiceCIDR',
  resource: {
    group: 'networking.k8s.io',
    versions: ['v1'],
    plural: 'servicecidrs',
    namespaced: false,
    servedBy: 'It is served by Kubernetes 1.33 and newer.',
    since: 33,
  },
  optional: true,
  hasFallback: true,
  reason: 'Which families Services can have.',
  fields: {
    metadata: MANAGED_METADATA,
    spec: object(2, { cidrs: strings(1) }),
    status: object(3, { conditions: objects(1, CONDITION_FIELDS) }),
  },
  facts: factsOf,
  key: ({ name }) => name,
});
