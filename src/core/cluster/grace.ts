import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';

/** How long things that are being set up may be incomplete, in milliseconds. */
export interface Grace {
  /** Pods, host-network pods and EndpointSlices. */
  readonly pod: number;
  /** A new node's podCIDRs and addresses. */
  readonly node: number;
  /** The addresses of a new load balancer. */
  readonly loadBalancer: number;
}

/** Until when a node that its cloud provider has yet to set up may lack things, in milliseconds since the epoch. */
export function settledAt({ uninitialized, createdAt }: NodeFacts, grace: Grace): number {
  if (!uninitialized) return 0;
  // Without a clock nothing says how long it has been so.
  return grace.node === -Infinity ? Infinity : createdAt + grace.node;
}

/** Until when a node may lack addresses: a machine that starts, for the first time or again, gets them one after the other. */
export function addressesSettledAt(node: NodeFacts, grace: Grace): number {
  return Math.max(node.createdAt + grace.node, node.readyChangedAt + grace.node, settledAt(node, grace));
}

/** Until when a node may lack podCIDRs: an empty list can still be filled (rules.md#pod-cidrs-are-immutable). */
export function podCIDRsSettledAt(node: NodeFacts, grace: Grace): number {
  const filledAt = node.podCIDRs.length > 0 ? 0 : node.createdAt + grace.node;
  return Math.max(filledAt, settledAt(node, grace));
}

/** Until when the last of some nodes may lack addresses; what has those of nodes waits as long. -Infinity without any node. */
export function lastSettledAt(nodes: Iterable<NodeFacts>, grace: Grace): number {
  let last = -Infinity;
  for (const node of nodes) if (!nodeSkipReason(node)) last = Math.max(last, addressesSettledAt(node, grace));
  return last;
}
