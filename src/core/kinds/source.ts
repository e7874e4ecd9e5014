import { fields, text } from './shapes.ts';

/** What narrows a kind to some of the objects that the API server has. */
export interface Narrowing {
  readonly namespace?: string;
  readonly name?: string;
  /** Labels that the objects have, each with its value. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where the API server has the objects of a kind. */
export interface ResourcePlace {
  /** Empty for the core group. */
  readonly group: string;
  /** In the order in which they are tried. The fields that are read are alike in all of them. */
  readonly versions: readonly [string, ...string[]];
  /** As the API server calls it. */
  readonly kind: string;
  /** The name that RBAC rules and paths use. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Custom resources have JSON only. */
  readonly encoding: 'protobuf' | 'json';
  /** What it takes for an API server to have it, as a sentence: `It is served by Kubernetes 1.33 and newer.` */
  readonly servedBy: string;
  /** The first minor version of Kubernetes 1 that serves it by default; absent where each one does. */
  readonly since?: number;
  readonly narrowing: Narrowing;
}

/** Means every namespace where a name follows it. */
const ANY = '*';

/** A resource with its group, as kubectl takes it: `pods`, `endpointslices.discovery.k8s.io`. */
function resourceName({ group, plural }: Pick<ResourcePlace, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The group with the version that is tried first, as objects name it: `v1`, `discovery.k8s.io/v1`. */
export function apiVersionOf({ group, versions: [first] }: Pick<ResourcePlace, 'group' | 'versions'>): string {
  return group === '' ? first : `${group}/${first}`;
}

/** The id of a source of objects: `pods`, `configmaps/kube-system/kubeadm-config`, `secrets/apps[team=web]`. */
export function sourceId({
  group,
  plural,
  namespaced,
  narrowing,
}: Pick<ResourcePlace, 'group' | 'plural' | 'namespaced' | 'narrowing'>): string {
  const { namespace, name, labels } = narrowing;
  const inNamespace = namespaced && (namespace !== undefined || name !== undefined) ? [namespace ?? ANY] : [];
  const path = [resourceName({ group, plural }), ...inNamespace, ...(name === undefined ? [] : [name])].join('/');
  return labels === undefined ? path : `${path}[${selectorText(labels)}]`;
}

/** Labels as a selector of the API: `app=web,tier=front`. */
export function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Whether an object of the resource is one of those to which a kind is narrowed. */
export function isCovered(object: unknown, { narrowing }: Pick<ResourcePlace, 'narrowing'>): boolean {
  const { namespace, name, labels = {} } = narrowing;
  const metadata = fields(fields(object)['metadata']);
  if (namespace !== undefined && text(metadata['namespace']) !== namespace) return false;
  if (name !== undefined && text(metadata['name']) !== name) return false;
  const has = fields(metadata['labels']);
  return Object.entries(labels).every(([key, value]) => has[key] === value);
}
