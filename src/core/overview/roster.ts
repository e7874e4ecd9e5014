import { DUAL_IPV4_FIRST, listOf, type FamilyList } from '../net/addresses.ts';
import type { FactsKind } from '../kinds/facts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { nodeSkipReason, type NodeSkipReason } from '../kinds/skipped.ts';

/** A node with its families. */
export interface Member {
  readonly name: string;
  readonly addresses: FamilyList;
  readonly podCIDRs: readonly string[];
  readonly podCIDRFamilies: FamilyList;
  /** The running pods of the pod network on it, and the families that they have; undefined where pods are not known. */
  readonly pods: { readonly total: number; readonly ipv4: number; readonly ipv6: number; readonly families: FamilyList } | undefined;
  readonly skipped: NodeSkipReason | undefined;
}

/** The kind of the objects that are listed one by one, whether something is found on them or not. */
export const ROSTER_KIND: FactsKind = 'Node';

/** All nodes as they are now. */
export function roster(store: ClusterStore): readonly Member[] {
  const arePodsKnown = store.availability('Pod') === 'Synced';
  return [...store.nodes.values()].map((node) => ({
    name: node.name,
    addresses: node.addressFamilies,
    podCIDRs: node.podCIDRs,
    podCIDRFamilies: node.podCIDRFamilies,
    pods: arePodsKnown ? podsOn(node.name, store) : undefined,
    skipped: nodeSkipReason(node),
  }));
}

function podsOn(name: string, store: ClusterStore): Member['pods'] {
  const { total, having } = store.podNetworkOf(name);
  return { total, ipv4: having.IPv4, ipv6: having.IPv6, families: listOf(DUAL_IPV4_FIRST.filter((family) => having[family] > 0)) };
}
