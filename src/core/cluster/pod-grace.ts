import { IPV4, IPV6, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { addressesSettledAt, podCIDRsSettledAt } from './grace.ts';
import type { ClusterView } from './view.ts';

/** Until when a node may lack addresses that its pods need for these families; 0 where they do not depend on its addresses. */
export function neededAddressesSettledAt(node: NodeFacts, families: FamilyList, view: ClusterView): number {
  const needsAddress = missingFrom(node.addressFamilies, families).some(
    (family) => view.podsFollowAddresses(family) || view.conversion.isAwaitedOn(node, family),
  );
  return needsAddress ? addressesSettledAt(node, view.grace) : 0;
}

/**
 * Until when a pod may lack some of these families because its node has yet to get them, in milliseconds since the epoch: what the pod lacks then counts no
 * earlier than what its node lacks. 0 where it has them all, or its node has what it needs.
 */
export function familiesSettledAt(pod: PodFacts, families: FamilyList, view: ClusterView): number {
  const lacked = missingFrom(pod.families, families);
  const node = lacked.length > 0 ? view.node(pod.nodeName) : undefined;
  if (!node || nodeSkipReason(node)) return 0;
  // The kubelet gives such a pod the addresses of its node some time after these.
  if (pod.hostNetwork) return addressesSettledAt(node, view.grace);
  const needsPodCIDR = view.stack.podCIDRs.inUse && missingFrom(node.podCIDRFamilies, lacked).length > 0;
  return Math.max(needsPodCIDR ? podCIDRsSettledAt(node, view.grace) : 0, neededAddressesSettledAt(node, lacked, view));
}

/**
 * Until when a pod may have none of these families because its node is being set up, in milliseconds since the epoch: as above, or while its node has yet to
 * get an address of one of them, whatever other pods show.
 */
export function anyFamilySettledAt(pod: PodFacts, families: FamilyList, view: ClusterView): number {
  const node = view.node(pod.nodeName);
  const needsAddress = node !== undefined && !nodeSkipReason(node) && missingFrom(node.addressFamilies, families).length > 0;
  return Math.max(familiesSettledAt(pod, families, view), needsAddress ? addressesSettledAt(node, view.grace) : 0);
}

/** The same by family, as a text, of a pod whose node may still get one; undefined for all other pods. */
export function graceOfFamilies(pod: PodFacts, view: ClusterView): string | undefined {
  const ends = [IPV4, IPV6].map((families) => familiesSettledAt(pod, families, view));
  return ends.some((end) => end > view.now) ? ends.join() : undefined;
}
