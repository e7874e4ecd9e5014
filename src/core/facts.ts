import type { Family, FamilyList } from './addresses.ts';
import type { LabelSet } from './labels.ts';

/**
 * What is kept of each object of the cluster: enough for every check, and no more.
 * All times are milliseconds since the epoch, 0 where the object does not say.
 */
export interface NodeFacts {
  readonly kind: 'Node';
  readonly name: string;
  readonly createdAt: number;
  readonly deleting: boolean;
  /** A virtual-kubelet or Fargate node: it has no pod network of its own (rule N7). */
  readonly virtual: boolean;
  /** Windows overlay networks have no second family (rule K3). */
  readonly windows: boolean;
  readonly podCIDRs: readonly string[];
  readonly podCIDRFamilies: FamilyList;
  /** The families of InternalIP and ExternalIP, in the order of `status.addresses`. */
  readonly addressFamilies: FamilyList;
  /** What `--node-ip` asked for, where an external cloud provider recorded it (rule N3), as written. */
  readonly providedNodeIP: string | undefined;
}

/** Why a pod's addresses say nothing about drift (rule P5), or `Running`. */
export type PodState = 'Running' | 'Pending' | 'Completed' | 'Terminating' | 'Unaddressed';

export interface PodFacts {
  readonly kind: 'Pod';
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty where the pod is not scheduled. */
  readonly nodeName: string;
  readonly createdAt: number;
  /** When the kubelet took it up, before it got its addresses. */
  readonly startedAt: number;
  readonly state: PodState;
  readonly hostNetwork: boolean;
  /** A static pod's mirror: the kubelet, not the API server, owns it. */
  readonly mirror: boolean;
  /** Whether a controller makes a new one when it is deleted. */
  readonly controlled: boolean;
  readonly ready: boolean;
  /** When the Ready condition last changed. */
  readonly readySince: number;
  /** `status.podIPs`, as written. */
  readonly addresses: readonly string[];
  readonly families: FamilyList;
  readonly hostFamilies: FamilyList;
  readonly labels: LabelSet;
}

export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type IPFamilyPolicy = 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';

export interface ServiceFacts {
  readonly kind: 'Service';
  /** For Events, which are found by it; empty in a dump that lacks it. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** When whoever keeps fields of its spec last changed it. */
  readonly changedAt: number;
  readonly deleting: boolean;
  readonly type: ServiceType;
  /** No policy means SingleStack (rule S1). */
  readonly policy: IPFamilyPolicy;
  /** `spec.ipFamilies`; of Kubernetes 1.16 to 1.19 the one `spec.ipFamily` (rule S10). */
  readonly ipFamilies: FamilyList;
  /** The families of `spec.clusterIPs`; none where headless. */
  readonly clusterIPFamilies: FamilyList;
  /** `spec.clusterIPs`, as written; without it, `spec.clusterIP`. */
  readonly clusterIPs: readonly string[];
  /** `spec.clusterIP`, as written. */
  readonly clusterIP: string;
  /** How many entries `spec.ipFamilies` has, repeated and unknown ones included. */
  readonly ipFamilyCount: number;
  readonly headless: boolean;
  /** Empty where the Service has none: its endpoints are made by hand. */
  readonly selector: LabelSet;
  /** The families of the addresses in `status.loadBalancer.ingress`. */
  readonly ingressFamilies: FamilyList;
  /** Whether some ingress has a hostname, behind which any address may be. */
  readonly ingressHostname: boolean;
}

export interface EndpointSliceFacts {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** From the label `kubernetes.io/service-name`; empty where it is not there. */
  readonly serviceName: string;
  /** undefined for FQDN and for what is not known. */
  readonly addressType: Family | undefined;
  /** Whether the endpointslice controller keeps it; mirrored and hand-made slices may be of any family (rule E1). */
  readonly managed: boolean;
  /** The ready endpoints, each as its target's uid, else its first address (rule E3). */
  readonly readyTargets: readonly string[];
}

export interface ServiceCIDRFacts {
  readonly kind: 'ServiceCIDR';
  readonly name: string;
  readonly createdAt: number;
  /** When whoever keeps fields of its spec last changed it; undefined where `managedFields` do not tell. */
  readonly changedAt: number | undefined;
  readonly families: FamilyList;
  readonly ready: boolean;
}

export interface NamespaceFacts {
  readonly kind: 'Namespace';
  readonly name: string;
  readonly labels: LabelSet;
}

export type Facts = NodeFacts | PodFacts | ServiceFacts | EndpointSliceFacts | ServiceCIDRFacts | NamespaceFacts;
export type FactsKind = Facts['kind'];
export type FactsOf<K extends FactsKind> = Extract<Facts, { readonly kind: K }>;

/**
 * What makes an object's facts the same object's later facts: the uid of a pod, since names are taken again and slices
 * point at uids, else the name with its namespace.
 */
export function keyOf(facts: Facts): string {
  switch (facts.kind) {
    case 'Pod':
      return facts.uid;
    case 'Service':
    case 'EndpointSlice':
      return `${facts.namespace}/${facts.name}`;
    default:
      return facts.name;
  }
}

/**
 * Whether two states of one object are alike in all that is kept of it.
 * @param one as it was projected, with its facts for properties of its own
 */
export function sameFacts(one: Facts, other: Facts): boolean {
  const those = other as unknown as Readonly<Record<string, unknown>>;
  const these = one as unknown as Readonly<Record<string, unknown>>;
  return Object.keys(one).every((field) => these[field] === those[field] || sameTexts(these[field], those[field]));
}

/** Lists of families and labels are shared, and need no comparison of their members. */
function sameTexts(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((text, index) => text === other[index]);
}

/**
 * One step of the cluster's history as a reflector tells it. Between `listing` and `listed` of a kind come all
 * its objects; those that were known before and did not come are gone.
 */
export type Change =
  | { readonly type: 'upsert'; readonly facts: Facts }
  | { readonly type: 'delete'; readonly kind: FactsKind; readonly key: string }
  | { readonly type: 'listing'; readonly kind: FactsKind }
  | { readonly type: 'listed'; readonly kind: FactsKind }
  | { readonly type: 'refused'; readonly kind: FactsKind; readonly reason: Refusal };

/** Why the API server does not give a kind, and what would make it. */
export interface Refusal {
  readonly reason: 'Forbidden' | 'NotFound';
  /** One sentence that names the rule or the version that is needed. */
  readonly message: string;
}
