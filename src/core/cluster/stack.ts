import {
  familyOfAddress,
  familyWords,
  isDual,
  listOf,
  NO_FAMILY,
  type Family,
  type FamilyLabel,
  type FamilyList,
  DUAL_IPV4_FIRST,
  DUAL_IPV6_FIRST,
  IPV4,
  IPV6,
} from '../net/addresses.ts';
import { keyOf, type FactsKind, type ServiceCIDRFacts } from '../kinds/facts.ts';
import { someServiceIsDual, usedPodCIDRFamilies, type ClusterStore } from './cluster-store.ts';
import { establishedFamilies } from './pod-families.ts';
import { counted } from '../words.ts';

/** Mixed: some objects have IPv4 only, others IPv6 only, and none has both. */
/** The layers of the cluster, each before those that build on it. */
export type LayerName = 'nodes' | 'pods' | 'services';

export type LayerFamilies = Family | 'DualStack' | 'Mixed' | 'Unknown';

/** Which families one layer of the cluster has, and how that is known. */
export interface LayerStack {
  readonly families: LayerFamilies;
  readonly primary?: Family;
  /** A sentence without its full stop. */
  readonly evidence: string;
}

/** The layers of the cluster, and what podCIDRs say of its pod network. */
export interface Stack {
  readonly nodes: LayerStack;
  readonly pods: LayerStack;
  readonly services: LayerStack;
  readonly podCIDRs: PodCIDRUse;
  /** The families that the pod network gives, as far as pods show it. */
  readonly podFamilies: FamilyList;
}

export interface PodCIDRUse {
  /** The families that the podCIDRs of evaluated nodes have. */
  readonly families: FamilyList;
  /** Whether some evaluated node has podCIDRs of both families. */
  readonly dual: boolean;
  /** Whether pods get their addresses from them: most that can be compared do, or none can be compared (rules.md#families-a-node-gives). */
  readonly inUse: boolean;
  /** The families of which most pods show that they get their addresses from podCIDRs (rules.md#pod-cidrs-in-use). */
  readonly used: FamilyList;
  /** Those of them of which most nodes show it, and not only the other family of the same pods. */
  readonly usual: FamilyList;
  /** Whether that can be an accident: Cilium has modes with ranges of its own, which can be the same as podCIDRs. */
  readonly mayCoincide: boolean;
}

/** What the three layers have in common, for one column. */
export function overallFamilies(stack: Stack): LayerFamilies {
  const layers = [stack.nodes.families, stack.pods.families, stack.services.families] as const;
  if (layers.includes('Unknown')) return 'Unknown';
  return layers.every((layer) => layer === layers[0]) ? layers[0] : 'Mixed';
}

/** Determines the stack of each layer from the facts. A layer of which nothing can be determined is Unknown, never healthy. */
export function detectStack(store: ClusterStore): Stack {
  const podCIDRs = podCIDRUse(store);
  const services = serviceStack(store);
  const podFamilies = establishedFamilies(store, {
    podCIDRs: podCIDRs.inUse ? podCIDRs.families : NO_FAMILY,
    services: layerFamilies(services),
    primary: services.primary,
  });
  return { nodes: nodeStack(store), pods: podStack(store, podCIDRs, podFamilies), services, podCIDRs, podFamilies };
}

interface Counts {
  readonly dual: number;
  readonly ipv4: number;
  readonly ipv6: number;
  readonly none: number;
  readonly total: number;
}

const FAMILIES_OF_LABEL: Readonly<Record<FamilyLabel, FamilyList>> = {
  dual: DUAL_IPV4_FIRST,
  ipv4: IPV4,
  ipv6: IPV6,
  none: NO_FAMILY,
};

/** The families, in no particular order, that a label of a tally represents. */
export function familiesOfLabel(label: string): FamilyList {
  return FAMILIES_OF_LABEL[label as FamilyLabel];
}

function count(entries: Iterable<readonly [string, number]>, labelOf: (key: string) => string): Counts {
  const counts = { dual: 0, ipv4: 0, ipv6: 0, none: 0 };
  for (const [key, number] of entries) counts[labelOf(key) as FamilyLabel] += number;
  return { ...counts, total: counts.dual + counts.ipv4 + counts.ipv6 + counts.none };
}

function part(key: string, index: number): string {
  return key.split('/')[index] ?? '';
}

function podCIDRUse(store: ClusterStore): PodCIDRUse {
  const counts = count(store.nodeTally.entries(), (key) => part(key, 1));
  const families = listOf([counts.dual + counts.ipv4 > 0 ? 'IPv4' : undefined, counts.dual + counts.ipv6 > 0 ? 'IPv6' : undefined]);
  const inside = store.podCIDRUse.get('inside');
  const inUse = families.length > 0 && inside >= store.podCIDRUse.get('outside');
  const used = usedPodCIDRFamilies(store);
  const mayCoincide = store.systemAgents.get('Cilium') > 0;
  const usual = used === NO_FAMILY ? NO_FAMILY : store.podRanges.usual;
  return { families, dual: counts.dual > 0, inUse, used, usual, mayCoincide };
}

function nodeStack(store: ClusterStore): LayerStack {
  const counts = count(store.nodeTally.entries(), (key) => part(key, 0));
  return layer(
    familiesOf(counts),
    nodePrimary(store),
    unseen(store, 'Node') ?? `${countWords(counts, 'node', 'addresses')}${redacted(store.nodesSkipped.entries(), 'node')}`,
  );
}

function podStack(store: ClusterStore, podCIDRs: PodCIDRUse, podFamilies: FamilyList): LayerStack {
  const counts = count(store.podFamilies.entries(), (key) => key);
  const cidrs =
    podCIDRs.families.length === 0
      ? withoutPodCIDRs(store)
      : `nodes have podCIDRs of ${familyWords(podCIDRs.families)}${podCIDRs.inUse ? '' : ', which the pod network does not use'}`;
  const pods =
    unseen(store, 'Pod') ?? `${countWords(counts, 'pod-network pod', 'addresses')}${redacted(store.podsSkipped.entries(), 'pod')}`;
  const evidence = `${pods}; ${unseen(store, 'Node') ?? cidrs}`;
  // A few odd pods with both families are no dual-stack pod network.
  if (counts.dual > 0 && podFamilies.length === 1) return layer(only(podFamilies), podFamilies[0], evidence);
  if (counts.total > 0) return layer(familiesOf(counts), primaryOf(counts, store), evidence);
  if (podCIDRs.dual) return layer('DualStack', undefined, evidence);
  return layer(isDual(podCIDRs.families) ? 'Mixed' : only(podCIDRs.families), undefined, evidence);
}

/** A node with addresses that cannot be read may have a podCIDR. */
function withoutPodCIDRs(store: ClusterStore): string {
  return redacted(store.nodesSkipped.entries(), 'node') === ''
    ? 'no node has a podCIDR'
    : 'podCIDRs of nodes with redacted addresses are not evaluated';
}

/** The first family of dual pods follows their node's; any one of them represents the cluster. */
function primaryOf(counts: Counts, store: ClusterStore): Family | undefined {
  if (counts.dual === 0) return counts.ipv4 >= counts.ipv6 ? 'IPv4' : 'IPv6';
  return nodePrimary(store);
}

const API_SERVER = 'default/kubernetes';

function serviceStack(store: ClusterStore): LayerStack {
  const cidr = store.serviceCIDRs.get('kubernetes');
  if (!cidr) return serviceStackWithoutCIDR(store);
  const evidence = `ServiceCIDR kubernetes has ${familyWords(cidr.families)}`;
  if (cidr.unreadable) return layer('Unknown', undefined, `${evidence} and a range that cannot be read: the objects are redacted`);
  if (!cidr.ready) return layer('Unknown', undefined, `${evidence}, but is not Ready`);
  if (isOfNoService(store, cidr)) return serviceStackBesideCIDR(store, cidr);
  const contradiction = contradictionOf(store, cidr);
  if (contradiction) return layer('Unknown', undefined, `${evidence}, but ${contradiction}`);
  return layer(isDual(cidr.families) ? 'DualStack' : only(cidr.families), cidr.families[0], evidence);
}

/** The API server's flags, which cannot be seen, decide; a ServiceCIDR that they contradict is no evidence (rules.md#service-cidr-is-evidence). */
function contradictionOf(store: ClusterStore, cidr: ServiceCIDRFacts): string | undefined {
  const [apiServerFamily] = store.services.get(API_SERVER)?.clusterIPFamilies ?? [];
  if (apiServerFamily && cidr.families[0] && apiServerFamily !== cidr.families[0]) {
    return `Service default/kubernetes has an address of ${apiServerFamily}`;
  }
  const newest = store.newestDualStackRequest.get();
  if (!newest || isDual(newest.clusterIPFamilies) === isDual(cidr.families) || newest.createdAt <= lastChangeOf(cidr)) return undefined;
  if (isDual(newest.clusterIPFamilies)) return `Service ${keyOf(newest)}, made since, was given both families`;
  const given = `Service ${keyOf(newest)}, made since, was given ${familyWords(newest.clusterIPFamilies)} only`;
  return `${given}: fix --service-cluster-ip-range of the API server, or that Service`;
}

/** An API server that is taken back to one family leaves the ServiceCIDR as it was: what it assigned before the second came shows nothing. */
function lastChangeOf({ families, createdAt, changedAt }: ServiceCIDRFacts): number {
  return isDual(families) ? (changedAt ?? Infinity) : createdAt;
}

/**
 * Whether no clusterIP is in a ServiceCIDR: the Services of a virtual cluster have addresses of the host cluster. Looks at Services only where
 * default/kubernetes has no address in it (rules.md#service-cidr-is-evidence).
 */
function isOfNoService(store: ClusterStore, { cidrs }: ServiceCIDRFacts): boolean {
  const addresses = store.services.get(API_SERVER)?.clusterIPs ?? [];
  if (store.availability('Service') !== 'Synced' || !addresses.some((address) => familyOfAddress(address))) return false;
  if (addresses.some((address) => store.serviceRanges.ownWith(address).length > 0)) return false;
  return !cidrs.some((cidr) => store.usersOfRanges().has(cidr));
}

/** Only what the ServiceCIDR and the newest of these Services agree on holds: the API server of a virtual cluster accepts no other families either. */
function serviceStackBesideCIDR(store: ClusterStore, { families }: ServiceCIDRFacts): LayerStack {
  const [primary] = store.services.get(API_SERVER)?.clusterIPFamilies ?? [];
  const newest = store.newestDualStackRequest.get();
  const givenFamilies = newest?.clusterIPFamilies ?? NO_FAMILY;
  const given = isDual(givenFamilies) ? 'both families' : `${familyWords(givenFamilies)} only`;
  const shown = newest ? `Service ${keyOf(newest)} was given ${given}` : 'no Service requests both families';
  const evidence = `ServiceCIDR kubernetes has ${familyWords(families)}, but no clusterIP, as in a virtual cluster; ${shown}`;
  return layer(isDual(families) && isDual(givenFamilies) ? 'DualStack' : 'Unknown', primary, evidence);
}

/** Before 1.33, or where ServiceCIDRs may not be read: only two clusterIPs prove anything (rules.md#service-cidr-is-evidence). */
function serviceStackWithoutCIDR(store: ClusterStore): LayerStack {
  const missing = unseen(store, 'ServiceCIDR') ?? 'there is no ServiceCIDR kubernetes';
  const noneDual = unseen(store, 'Service') ?? 'no non-headless Service has two clusterIPs';
  const [apiServerFamily] = store.services.get(API_SERVER)?.clusterIPFamilies ?? [];
  if (someServiceIsDual(store)) return layer('DualStack', apiServerFamily, `some Service has clusterIPs of both families; ${missing}`);
  return layer('Unknown', apiServerFamily, `${noneDual}; ${missing}`);
}

function familiesOf(counts: Counts): LayerFamilies {
  if (counts.dual > 0) return 'DualStack';
  if (counts.ipv4 > 0 && counts.ipv6 > 0) return 'Mixed';
  if (counts.ipv4 > 0) return 'IPv4';
  return counts.ipv6 > 0 ? 'IPv6' : 'Unknown';
}

function layer(families: LayerFamilies, primary: Family | undefined, evidence: string): LayerStack {
  return primary ? { families, primary, evidence } : { families, evidence };
}

function only(families: FamilyList): LayerFamilies {
  return families[0] ?? 'Unknown';
}

function nodePrimary(store: ClusterStore): Family | undefined {
  const ipv4 = store.nodeFirstFamilies.get('IPv4');
  const ipv6 = store.nodeFirstFamilies.get('IPv6');
  if (ipv4 + ipv6 === 0) return undefined;
  return ipv4 >= ipv6 ? 'IPv4' : 'IPv6';
}

/** Why the objects of a kind cannot be seen, without the full stop; undefined where they can. */
function unseen(store: ClusterStore, kind: FactsKind): string | undefined {
  const availability = store.availability(kind);
  return typeof availability === 'object' ? availability.message.replace(/\.$/, '') : undefined;
}

/** How many objects have addresses that cannot be read, from a tally of what is skipped; empty where there are none. */
function redacted(skipped: Iterable<readonly [string, number]>, what: string): string {
  let count = 0;
  for (const [key, number] of skipped) if (key === 'unreadable' || key.endsWith('/unreadable')) count += number;
  if (count === 0) return '';
  return `; ${counted(count, what)} ${count === 1 ? 'has' : 'have'} addresses that cannot be read: the objects are redacted`;
}

function countWords(counts: Counts, what: string, attribute: string): string {
  if (counts.total === 0) return `there is no ${what}`;
  const none = counts.none > 0 ? `, ${counts.none} none of either` : '';
  return `of ${counted(counts.total, what)} ${counts.dual} have ${attribute} of both families, ${counts.ipv4} IPv4 only, ${counts.ipv6} IPv6 only${none}`;
}

/** The families of a layer as a list; empty where it is Unknown or Mixed. */
export function layerFamilies(layerStack: LayerStack): FamilyList {
  if (layerStack.families === 'Unknown' || layerStack.families === 'Mixed') return NO_FAMILY;
  if (layerStack.families !== 'DualStack') return listOf([layerStack.families]);
  return layerStack.primary === 'IPv6' ? DUAL_IPV6_FIRST : DUAL_IPV4_FIRST;
}
