import { containedBy, DUAL_IPV4_FIRST, familyOfAddress, networkOf, type Family, type Network } from '../net/addresses.ts';
import type { NodeFacts, PodFacts, ServiceCIDRFacts, ServiceFacts } from '../kinds/facts.ts';
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
export type RangeOverlap =
  | { readonly family: Family; readonly how: 'clusterIPs'; readonly clusterIPs: readonly ClusterIPIn[] }
  | (RangeMet & { readonly inUse: boolean });

/** A range of Services that meets addresses of pods; it is in use where clusterIPs are from its ServiceCIDR. */
type RangeMet = { readonly family: Family; readonly range: string } & (
  | { readonly how: 'podCIDRs'; readonly nodes: readonly string[] }
  | { readonly how: 'pods'; readonly pods: number }
  | { readonly how: 'between' }
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

const API_SERVER = 'default/kubernetes';

/**
 * The ranges of the ServiceCIDRs that clusterIPs are from. A virtual cluster, whose Services get addresses of another one, may have a ServiceCIDR
 * that says nothing about them, as may a dump of several clusters (rules.md#ranges-are-disjoint).
 */
export function rangesInUse(serviceCIDRs: Iterable<ServiceCIDRFacts>, services: ReadonlyMap<string, ServiceFacts>): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { cidrs } of serviceCIDRs) {
    const contain = cidrs.map(containedBy);
    const has = (service: ServiceFacts | undefined): boolean =>
      service?.clusterIPs.some((address) => contain.some((contains) => contains(address))) === true;
    if (has(services.get(API_SERVER)) || [...services.values()].some(has)) for (const cidr of cidrs) used.add(cidr);
  }
  return used;
}

/**
 * Whether a pod may be in a network of its own, with addresses that others have too: Kube-OVN puts subnets into such networks (VPC), and its pods name
 * their subnet.
 */
export function mayBeInOtherNetwork({ subnet }: PodFacts): boolean {
  return subnet !== '' && subnet !== DEFAULT_SUBNET;
}

/** That of Kube-OVN's own network, which has all other pods. */
const DEFAULT_SUBNET = 'ovn-default';

/** What the ranges of Services and podCIDRs have to do with each other, found again where some of them changed. */
export class ServiceRanges {
  readonly #podCIDRs: CIDRIndex;
  #cidrs: readonly string[] = [];
  #contain: readonly ((address: string) => boolean)[] = [];
  #ranges: readonly Network[] = [];
  #version = 0;
  #known: { readonly version: string; readonly overlaps: readonly RangeMet[] } = { version: '', overlaps: [] };

  constructor(podCIDRs: CIDRIndex) {
    this.#podCIDRs = podCIDRs;
  }

  /** Changes with the ranges. */
  get version(): number {
    return this.#version;
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

  /** Those that are a CIDR. */
  get ranges(): readonly Network[] {
    return this.#ranges;
  }

  /** Whether nothing shows which ranges Services have. */
  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** How the ranges and podCIDRs meet, those that overlap first. */
  overlaps(): readonly RangeMet[] {
    const version = `${this.#podCIDRs.version}/${this.#version}`;
    if (this.#known.version !== version) {
      const overlapping = this.#ranges.flatMap((range) => this.#overlapping(range));
      const families = overlapping.map(({ family }) => family);
      const between = this.#ranges.filter(({ family }) => !families.includes(family)).flatMap((range) => this.#between(range));
      this.#known = { version, overlaps: [...overlapping, ...between] };
    }
    return this.#known.overlaps;
  }

  #overlapping({ family, cidr }: Network): readonly RangeMet[] {
    const nodes = [...this.#podCIDRs.overlapping(cidr)].sort();
    return nodes.length > 0 ? [{ family, how: 'podCIDRs', range: cidr, nodes }] : [];
  }

  /** kube-controller-manager leaves the Services' range out where it hands out a range that has it: then podCIDRs are on both sides of it. */
  #between({ family, cidr, prefix }: Network): readonly RangeMet[] {
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
  const ofPods = serviceRanges.ranges.map(
    ({ family, cidr }) => ({ family, how: 'pods', pods: podRanges.inServiceRange(cidr), range: cidr }) as const,
  );
  const met: readonly RangeMet[] = [...ofPods.filter(({ pods }) => pods > 0), ...serviceRanges.overlaps()];
  const found: readonly RangeOverlap[] = serviceRanges.isEmpty
    ? ofClusterIPs(store.clusterIPsInPodCIDRs())
    : met.map((one) => ({ ...one, inUse: store.rangesInUse().has(one.range) }));
  return found.length === 0 || [...store.nodes.values()].some(isMadeUp) ? [] : found;
}

function ofClusterIPs(found: readonly ClusterIPIn[]): readonly RangeOverlap[] {
  return DUAL_IPV4_FIRST.map(
    (family) => ({ family, how: 'clusterIPs', clusterIPs: found.filter((one) => one.family === family) }) as const,
  ).filter(({ clusterIPs }) => clusterIPs.length > 0);
}
