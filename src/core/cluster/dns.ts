import { familiesWhere, NO_FAMILY, overlap, union, type Family, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { SingleFamilyPods } from './single-family-pods.ts';

/** What is known of the cluster's DNS (rules.md#cluster-dns). */
export interface ClusterDNS {
  /** Those of its Services together. */
  readonly families: FamilyList;
  /** Whether pods may ask an address on their node, which no Service has. */
  readonly isNodeLocal: boolean;
  /** The families that some pods who need it have alone, without a way to it. */
  readonly lacked: FamilyList;
  /** Until when all of these pods may be so because their nodes are being set up, in milliseconds since the epoch; 0 where one of them is not. */
  readonly settledAt: number;
}

const LABELS = { IPv4: 'ipv4', IPv6: 'ipv6' } as const;

/** What the DNS of a cluster is compared with. */
export interface DNSNeeds {
  readonly store: ClusterStore;
  /** What the pod network gives. */
  readonly podFamilies: FamilyList;
  readonly singleFamilyPods: SingleFamilyPods;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** Until when a pod may lack these families because its node is being set up. */
  settledAt(pod: PodFacts, families: FamilyList): number;
}

/** What is known of the DNS of a cluster. */
export function clusterDNS(needs: DNSNeeds): ClusterDNS {
  const { store } = needs;
  let families = NO_FAMILY;
  for (const key of store.dnsServices) {
    const service = store.services.get(key);
    if (service && !service.deleting && !service.headless && service.type !== 'ExternalName')
      families = union(families, service.ipFamilies);
  }
  const lacked = familiesWhere((family) => dnsClientsWithout(needs, family, families) > 0);
  return { families, isNodeLocal: store.nodeLocalDNS > 0, lacked, settledAt: settledAt(needs, lacked, families) };
}

/**
 * How many pods that need the cluster's DNS have a family alone that it lacks. Where the pod network gives a family that it has, only those
 * that ask for the one family or whose workload has no other: the others lack one by a fault of their own or of their node.
 */
export function dnsClientsWithout({ store, podFamilies, singleFamilyPods }: DNSNeeds, family: Family, ofDNS: FamilyList): number {
  if (ofDNS.length === 0 || ofDNS.includes(family)) return 0;
  const all = store.dnsClients.get(`any/${LABELS[family]}`);
  if (!overlap(ofDNS, podFamilies)) return all;
  const onPurpose = store.dnsClients.get(`onPurpose/${LABELS[family]}`);
  // A look at all pods, which only such workloads ask for.
  if (all === onPurpose || !overlap(singleFamilyPods.lackedByOneFamily, ofDNS)) return onPurpose;
  const ofWorkloads = singleFamilyPods
    .all()
    .filter((pod) => pod.needsClusterDNS && pod.families.includes(family) && singleFamilyPods.isOfOneFamily(pod));
  return onPurpose + ofWorkloads.reduce((sum) => sum + 1, 0);
}

/** Mostly the first of these pods is on a node that is set up, and no other one is looked at. One that asks for its family waits for nothing. */
function settledAt(needs: DNSNeeds, lacked: FamilyList, ofDNS: FamilyList): number {
  const { store, podFamilies, singleFamilyPods, now } = needs;
  if (lacked.every((family) => store.dnsClients.get(`onPurpose/${LABELS[family]}`) > 0)) return 0;
  const areOfWorkloads = overlap(ofDNS, podFamilies);
  let first: number | undefined;
  for (const pod of singleFamilyPods.all()) {
    if (!pod.needsClusterDNS || overlap(pod.families, ofDNS) || !overlap(pod.families, lacked)) continue;
    if (areOfWorkloads && !singleFamilyPods.isOfOneFamily(pod)) continue;
    first = Math.min(first ?? Infinity, needs.settledAt(pod, ofDNS));
    if (first <= now) return 0;
  }
  return first ?? 0;
}
