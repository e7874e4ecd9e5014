import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import { Tally } from '../store/tally.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { ServiceRanges } from './service-ranges.ts';

/** What shows whether the addresses of nodes are those of machines. */
export class MachineAddresses {
  readonly #ranges: ServiceRanges;
  /** The addresses of running host-network pods, by `node/address`. */
  readonly #ofPods = new Tally();
  #inRanges = 0;

  /** @param ranges those of Services */
  constructor(ranges: ServiceRanges) {
    this.#ranges = ranges;
  }

  /** Whether some node has an address in a range of Services, whether it is in use or not. */
  get areSomeInRanges(): boolean {
    return this.#inRanges > 0;
  }

  /** Whether a running host-network pod on a node has an address of it. */
  areOfPods({ name, addresses }: NodeFacts): boolean {
    return addresses.some((address) => this.#ofPods.get(`${name}/${address}`) > 0);
  }

  /** Counts the addresses of a node, or counts them no more. */
  countNode({ addresses }: NodeFacts, by: 1 | -1): void {
    for (const address of addresses) if (this.#ranges.has(address)) this.#inRanges += by;
  }

  /** Counts the addresses of a host-network pod, or counts them no more. */
  countPod({ hostNetwork, state, nodeName, addresses }: PodFacts, by: 1 | -1): void {
    if (!hostNetwork || state !== 'Running') return;
    for (const address of addresses) this.#ofPods.add(`${nodeName}/${address}`, by);
  }

  /** Counts the addresses of all nodes by other ranges. */
  setServiceRanges(nodes: Iterable<NodeFacts>): void {
    this.#inRanges = 0;
    for (const node of nodes) this.countNode(node, 1);
  }
}

/**
 * Whether addresses of a node are those of Services, as a virtual cluster shows them: they lie in a range of the API server that Services have addresses
 * of. A range that was added, or that no Service uses, proves nothing. Nor does one that overlaps the network of the machines, where host-network pods on
 * the node have these addresses: a virtual cluster does not change the addresses of pods.
 */
export function hasAddressOfService(node: NodeFacts, store: ClusterStore): boolean {
  if (!store.machineAddresses.areSomeInRanges) return false;
  const isOfService = (address: string): boolean => store.serviceRanges.ownWith(address).some((cidr) => isUsed(cidr, store));
  return node.addresses.some(isOfService) && !store.machineAddresses.areOfPods(node);
}

/** The ranges in use where addresses of nodes lie in some; mostly none do, and Services are not looked at. */
export function rangesWithNodes(store: ClusterStore): readonly string[] {
  if (!store.machineAddresses.areSomeInRanges) return [];
  return store.serviceRanges.own.filter((cidr) => isUsed(cidr, store));
}

/** Where Services are not known, each range may be in use. */
function isUsed(cidr: string, store: ClusterStore): boolean {
  return store.availability('Service') !== 'Synced' || store.usersOfRanges().has(cidr);
}
