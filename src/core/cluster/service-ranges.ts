import { containedBy, DUAL_IPV4_FIRST, familyOfAddress, networkOf, type Family, type Network } from '../net/addresses.ts';
import type { NodeFacts, ServiceFacts } from '../kinds/facts.ts';
import type { CIDRIndex } from './cidr-index.ts';
import type { ClusterStore } from './cluster-store.ts';

/** A clusterIP with the first by name of the nodes that have it in a podCIDR. */
export interface ClusterIPIn {
  readonly service: string;
  readonly address: string;
  readonly family: Family;
  readonly node: string;
}

/**
 * How addresses of Services and of pods meet. `podCIDRs`: podCIDRs of nodes overlap a range of Services. `clusterIPs`: they have clusterIPs in
 * them. `pods`: pods have addresses in a range of Services. `between`: that range lies between the podCIDRs.
 */
export type RangeOverlap = { readonly family: Family } & (
  | { readonly how: 'podCIDRs'; readonly range: string; readonly nodes: readonly string[] }
  | { readonly how: 'clusterIPs'; readonly clusterIPs: readonly ClusterIPIn[] }
  | { readonly how: 'pods'; readonly pods: number; readonly ranges: readonly string[] }
  | { readonly how: 'between'; readonly range: string }
);

/** The clusterIPs of Services that lie in podCIDRs, by the names of the Services. */
export function clusterIPsIn(podCIDRs: CIDRIndex, services: Iterable<ServiceFacts>): readonly ClusterIPIn[] {
  const found: ClusterIPIn[] = [];
  for (const { namespace, name, headless, type, clusterIPs } of services) {
    if (headless || type === 'ExternalName') continue;
    for (const address of clusterIPs) {
      const family = familyOfAddress(address);
      const node = family && podCIDRs.holderOf(address, '');
      if (family && node !== undefined) found.push({ service: `${namespace}/${name}`, address, family, node });
    }
  }
  return found.sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** What the ranges of Services and podCIDRs have to do with each other, found again where some of them changed. */
export class ServiceRanges {
  readonly #podCIDRs: CIDRIndex;
  #cidrs: readonly string[] = [];
  #contain: readonly ((address: string) => boolean)[] = [];
  #ranges: readonly Network[] = [];
  #version = 0;
  #known: { readonly version: string; readonly overlaps: readonly RangeOverlap[] } = { version: '', overlaps: [] };

  constructor(podCIDRs: CIDRIndex) {
    this.#podCIDRs = podCIDRs;
  }

  /** As written, in order. */
  get cidrs(): readonly string[] {
    return this.#cidrs;
  }

  /** Whether one of the ranges has an address. */
  has(address: string): boolean {
    return this.#contain.some((contains) => contains(address));
  }

  /** Sets the ranges; those that are no CIDR are passed over. */
  set(cidrs: readonly string[]): void {
    this.#cidrs = cidrs;
    this.#contain = cidrs.map(containedBy);
    this.#ranges = cidrs.map(networkOf).filter((network) => network !== undefined);
    this.#version += 1;
  }

  /** The ranges of a family, as written. */
  of(family: Family): readonly string[] {
    return this.#ranges.filter((range) => range.family === family).map(({ cidr }) => cidr);
  }

  /** Whether nothing shows which ranges Services have. */
  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** How the ranges and podCIDRs meet, those that overlap first. */
  overlaps(): readonly RangeOverlap[] {
    const version = `${this.#podCIDRs.version}/${this.#version}`;
    if (this.#known.version !== version) {
      const overlapping = this.#ranges.flatMap((range) => this.#overlapping(range));
      const families = overlapping.map(({ family }) => family);
      const between = this.#ranges.filter(({ family }) => !families.includes(family)).flatMap((range) => this.#between(range));
      this.#known = { version, overlaps: [...overlapping, ...between] };
    }
    return this.#known.overlaps;
  }

  #overlapping({ family, cidr }: Network): readonly RangeOverlap[] {
    const nodes = [...this.#podCIDRs.overlapping(cidr)].sort();
    return nodes.length > 0 ? [{ family, how: 'podCIDRs', range: cidr, nodes }] : [];
  }

  /** kube-controller-manager leaves the Services' range out where it hands out a range that has it: then podCIDRs are on both sides of it. */
  #between({ family, cidr, prefix }: Network): readonly RangeOverlap[] {
    const common = this.#podCIDRs.commonBitsOf(family);
    if (!common || common.length - common.prefix.length > MOST_BITS || !prefix.startsWith(common.prefix)) return [];
    return [{ family, how: 'between', range: cidr }];
  }
}

/** With more bits than these, podCIDRs may be from several ranges. */
const MOST_BITS = 12;

/**
 * How ranges of Services and of pods meet. In a virtual cluster they may, since it shows the nodes, podCIDRs and pods of another one.
 * Before Kubernetes 1.33 nothing shows the ranges of Services but their addresses.
 */
export function rangeOverlaps(store: ClusterStore, isMadeUp: (node: NodeFacts) => boolean): readonly RangeOverlap[] {
  const { serviceRanges, podRanges } = store;
  const found: RangeOverlap[] = [];
  for (const family of DUAL_IPV4_FIRST) {
    const pods = podRanges.inServiceRanges(family);
    if (pods > 0) found.push({ family, how: 'pods', pods, ranges: serviceRanges.of(family) });
    const clusterIPs = serviceRanges.isEmpty ? store.clusterIPsInPodCIDRs().filter((one) => one.family === family) : [];
    if (clusterIPs.length > 0) found.push({ family, how: 'clusterIPs', clusterIPs });
  }
  found.push(...serviceRanges.overlaps());
  return found.length === 0 || [...store.nodes.values()].some(isMadeUp) ? [] : found;
}
