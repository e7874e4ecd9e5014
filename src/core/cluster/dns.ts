import { familiesWhere, NO_FAMILY, overlap, union, type Family, type FamilyList } from '../net/addresses.ts';
import type { ClusterStore } from './cluster-store.ts';

/** What is known of the cluster's DNS (rules.md#cluster-dns). */
export interface ClusterDNS {
  /** Those of its Services together. */
  readonly families: FamilyList;
  /** Whether pods may ask an address on their node, which no Service has. */
  readonly isNodeLocal: boolean;
  /** The families that some pods who need it have alone, without a way to it. */
  readonly lacked: FamilyList;
}

const LABELS = { IPv4: 'ipv4', IPv6: 'ipv6' } as const;

/** @param podFamilies what the pod network gives */
export function clusterDNS(store: ClusterStore, podFamilies: FamilyList): ClusterDNS {
  let families = NO_FAMILY;
  for (const key of store.dnsServices) {
    const service = store.services.get(key);
    if (service && !service.deleting && !service.headless && service.type !== 'ExternalName')
      families = union(families, service.ipFamilies);
  }
  const lacked = familiesWhere((family) => dnsClientsWithout(store, family, families, podFamilies) > 0);
  return { families, isNodeLocal: store.nodeLocalDNS > 0, lacked };
}

/**
 * How many pods that need the cluster's DNS have a family alone that it lacks. Where the pod network gives a family that it has, only those
 * that ask for the one family: the others lack one by a fault of their own or of their node.
 */
export function dnsClientsWithout({ dnsClients }: ClusterStore, family: Family, ofDNS: FamilyList, podFamilies: FamilyList): number {
  if (ofDNS.length === 0 || ofDNS.includes(family)) return 0;
  return dnsClients.get(`${overlap(ofDNS, podFamilies) ? 'onPurpose' : 'any'}/${LABELS[family]}`);
}
