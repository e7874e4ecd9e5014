import type { FamilyList } from '../net/addresses.ts';
import type { Check, ObjectKind, Severity } from '../checks/check.ts';
import type { Facts } from '../kinds/facts.ts';
import { kindNamed } from '../kinds/registry.ts';

/** What a finding is on. */
export interface ObjectRef {
  /** The API group of the kind; empty for the core group. */
  readonly group: string;
  /** As the API server calls it, which several of the kinds that are read may share. */
  readonly kind: string;
  /** Empty for the cluster and for objects that are in none. */
  readonly namespace: string;
  readonly name: string;
}

/** The one object that findings about the whole cluster are on. */
export const CLUSTER = { group: '', kind: 'Cluster', namespace: '', name: 'cluster' } as const satisfies ObjectRef;

/** The namespace of an object, empty where it is in none. */
export function namespaceOf(facts: Facts): string {
  return 'namespace' in facts ? facts.namespace : '';
}

/** What findings on an object are on. */
export function refOf(facts: Facts): ObjectRef {
  const { group, kind } = kindNamed(facts.kind).resource;
  return { group, kind, namespace: namespaceOf(facts), name: facts.name };
}

/** The name of an object with its namespace, where it is in one. */
export function fullName({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** A check and the key of an object in the store: what a finding is known by inside the program. */
export type FindingId = string;

/** A verdict that counts. */
export interface Finding {
  readonly id: FindingId;
  readonly check: Check;
  readonly object: ObjectRef;
  /** The key of the object in the store. */
  readonly key: string;
  readonly families: FamilyList;
  /** The families that the check found, those included that a finding on the cluster represents. */
  readonly violationFamilies: FamilyList;
  readonly severity: Severity;
  /** The finding that explains this one. */
  readonly causedBy: FindingId | undefined;
}

/** Whether what a finding is on is the cluster: some kind of the API may be called the same. */
export function isCluster(object: ObjectRef): boolean {
  return object === CLUSTER;
}

export function findingId(check: Check, kind: ObjectKind, key: string): FindingId {
  return `${check.name}/${kind}/${key}`;
}
