import { isDual, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { keyOf, type Facts, type FactsKind, type NodeFacts, type PodFacts, type ServiceFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import { podSkipReason, serviceSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from './view.ts';

/** Which objects lack families because of what is found on another one, as pods do because of their node. */
export interface Reach<F extends Facts = Facts> {
  /** The kind of these objects. */
  readonly kind: FactsKind;
  /** What one of them is called where they are counted. */
  readonly noun: string;
  /** What a particular one is called, where that is not what others are. */
  nounOf?(facts: F): string;
  /** Of the objects that the link ties to the other one, which are reached. */
  includes(facts: F, view: ClusterView): boolean;
  /** Whether such an object lacks some of these families. */
  lacks(facts: F, families: FamilyList): boolean;
  /** The objects that what is found on an object reaches, whatever they have, and some that it does not. */
  objects(key: string, store: ClusterStore): Iterable<F>;
  /** How many are reached from an object, and how many there are, where that is known without looking at each. */
  readonly count?: { from(key: string, store: ClusterStore): number; of(store: ClusterStore): number };
}

/** Whose findings may be behind what is found on an object, as those on pods are behind what a Service lacks. */
export interface Origin<F extends Facts = Facts, O extends Facts = Facts> {
  /** The kind of the objects that may be behind it. */
  readonly kind: O['kind'];
  objects(facts: F, view: ClusterView): Iterable<O>;
  /** Which of some families such an object lacks, or has of no use. */
  missing(facts: O, families: FamilyList, view: ClusterView): FamilyList;
  /** Where only checks that explain these objects may find what is behind it. */
  readonly explaining?: Reach;
  /** The keys of the objects that are explained again when other findings are on one of this kind, where no link that selects leads to them. */
  explained?(store: ClusterStore, key: string): Iterable<string>;
  /** Whether what is behind such an object counts more than what is behind others. */
  counts(facts: O): boolean;
}

const OF_NODE = {
  kind: 'Pod',
  lacks: (pod: PodFacts, families: FamilyList) => {
    const has = pod.families;
    return families.some((family) => !has.includes(family));
  },
  objects: (node: string, store: ClusterStore) => store.podsOn(node),
} as const;

/** The running pods of the pod network on a node. */
export const PODS_OF_NETWORK: Reach<PodFacts> = {
  ...OF_NODE,
  noun: 'pod',
  includes: (pod) => podSkipReason(pod) === undefined,
  count: { from: (node, store) => store.podNetworkOf(node).total, of: (store) => store.podFamilies.total },
};

/** Those of the running pods of the pod network that something in the cluster is why they lack families. */
export function podsOfNetworkThat(isOne: (pod: PodFacts, view: ClusterView) => boolean): Reach<PodFacts> {
  return { ...OF_NODE, noun: 'pod', includes: (pod, view) => podSkipReason(pod) === undefined && isOne(pod, view) };
}

/** Those that started after the pod network, or that of their node, lost a family. */
export const PODS_AFTER_LOSS = podsOfNetworkThat((pod, view) => view.singleFamilyPods.isAfterLoss(pod));

/** The node of a pod, where the pod started after such a loss. */
export const NODE_AFTER_LOSS: Origin<PodFacts, NodeFacts> = {
  kind: 'Node',
  objects: (pod, view) => {
    const node = view.node(pod.nodeName);
    return node && view.singleFamilyPods.isAfterLoss(pod) ? [node] : [];
  },
  missing: (_node, families) => families,
  explaining: PODS_AFTER_LOSS,
  explained: ({ podPatterns }, node) => (podPatterns.mayHaveLosses ? [...podPatterns.singlesOn(node)].map(keyOf) : []),
  counts: () => true,
};

/**
 * Whether a pod lacks a family that podCIDRs have, on a node without an address of it and without any podCIDR, where no other finding says that podCIDRs
 * are missing: kOps gives a node of IPv6 its podCIDR by its address.
 */
export function lacksAsItsNode(pod: PodFacts, view: ClusterView): boolean {
  // Every pod comes here, and most have both.
  if (isDual(pod.families)) return false;
  const { inUse, families } = view.stack.podCIDRs;
  const unasked = inUse ? missingFrom(view.podCIDRFamiliesWanted, families) : NO_FAMILY;
  if (unasked.length === 0) return false;
  const lacked = missingFrom(pod.families, unasked);
  const node = lacked.length > 0 ? view.node(pod.nodeName) : undefined;
  return node !== undefined && node.podCIDRs.length === 0 && missingFrom(node.addressFamilies, lacked).length > 0;
}

/** The running pods that have the addresses of their node, and those of the pod network that lack a family until it has one. */
export const PODS_OF_NODE_ADDRESSES: Reach<PodFacts> = {
  ...OF_NODE,
  noun: 'host-network pod',
  nounOf: ({ hostNetwork }) => (hostNetwork ? 'host-network pod' : 'pod'),
  includes: (pod, view) =>
    pod.hostNetwork ? pod.state === 'Running' : podSkipReason(pod) === undefined && (view.isAwaited(pod) || lacksAsItsNode(pod, view)),
};

/** The Services that prefer dual-stack and have one family, where there are several. */
export const SERVICES_NOT_UPGRADED: Reach<ServiceFacts> = {
  kind: 'Service',
  noun: 'Service',
  includes: (service, { notUpgraded }) =>
    notUpgraded.areSeveral &&
    service.policy === 'PreferDualStack' &&
    service.ipFamilies.length === 1 &&
    serviceSkipReason(service) === undefined,
  lacks: ({ ipFamilies }, families) => families.some((family) => !ipFamilies.includes(family)),
  objects: (_key, store) => store.services.values(),
};

/** A Service itself, which may be one of these. */
export const SERVICE_ITSELF: Origin<ServiceFacts, ServiceFacts> = {
  kind: 'Service',
  objects: (service) => [service],
  missing: (service, families) => missingFrom(service.ipFamilies, families),
  explaining: SERVICES_NOT_UPGRADED,
  counts: () => true,
};

/** The running pods that a Service selects, those that are ready first. */
export const SELECTED_PODS: Origin<ServiceFacts, PodFacts> = {
  kind: 'Pod',
  objects: (service, view) => view.podsSelectedBy(service),
  missing: missingOfPod,
  counts: (pod) => pod.ready,
};

/** A stale address is as good as none. */
function missingOfPod(pod: PodFacts, families: FamilyList, view: ClusterView): FamilyList {
  if (pod.state !== 'Running') return NO_FAMILY;
  const stale = view.staleFamilies(pod);
  return listOf(families.filter((family) => !pod.families.includes(family) || stale.includes(family)));
}
