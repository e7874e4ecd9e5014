import { containedBy, DUAL_IPV4_FIRST, familyOfAddress, networkOf, type Family, type Network } from '../net/addresses.ts';
import type { NodeFacts, PodFacts, ServiceCIDRFacts, ServiceFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
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
 * How addresses of Services meet others. `podCIDRs`: podCIDRs of nodes overlap a range of Services. `clusterIPs`: they have clusterIPs in
 * them. `pods`: pods have addresses in a range of Services. `nodes`: nodes do. `between`: that range lies between the podCIDRs.
 */
export type RangeOverlap =
  { readonly family: Family; readonly how: 'clusterIPs'; readonly clusterIPs: readonly ClusterIPIn[] } | (RangeMet & RangeUse);

/** A range of Services that meets addresses of pods or of nodes. */
type RangeMet = { readonly family: Family; readonly range: string } & (
  | { readonly how: 'podCIDRs' | 'nodes'; readonly nodes: readonly string[] }
  | { readonly how: 'pods'; readonly pods: number }
  | { readonly how: 'between' }
);

/** Who has a range, and who has addresses of its ServiceCIDR. */
interface RangeUse {
  /** Services, in order; of the API server's own ServiceCIDR, some of them. Empty where no clusterIP shows that it is used. */
  readonly users: readonly string[];
  /** The first by name of the ServiceCIDRs that were added, where the range is theirs and not that of the API server. */
  readonly added: string | undefined;
}

/** That of the API server's own ranges. */
export const OWN_SERVICE_CIDR = 'kubernetes';

/** Whether the clusterIPs of a Service are addresses: an ExternalName Service has no use for the fields that it may have (rules.md#external-name). */
export function hasClusterIPs({ headless, type }: ServiceFacts): boolean {
  return !headless && type !== 'ExternalName';
}

/** The clusterIPs of Services that lie in podCIDRs, by the names of the Services. */
export function clusterIPsIn(podCIDRs: CIDRIndex, services: Iterable<ServiceFacts>): readonly ClusterIPIn[] {
  const found: ClusterIPIn[] = [];
  for (const service of services) {
    if (!hasClusterIPs(service)) continue;
    const { namespace, name, clusterIPs } = service;
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
 * The Services with clusterIPs of ServiceCIDRs, by the ranges of these. A virtual cluster, whose Services get addresses of another one, may have a
 * ServiceCIDR that says nothing about them, as may a dump of several clusters (rules.md#ranges-are-disjoint). ServiceCIDRs may overlap each other: an
 * address in the API server's own ranges shows nothing of those that were added (rules.md#service-cidrs-may-overlap).
 */
export function usersOfRanges(
  serviceCIDRs: Iterable<ServiceCIDRFacts>,
  services: ReadonlyMap<string, ServiceFacts>,
): ReadonlyMap<string, readonly string[]> {
  const all = [...serviceCIDRs];
  const isOwn = containedByAny(all.filter(({ name }) => name === OWN_SERVICE_CIDR));
  const users = new Map<string, readonly string[]>();
  for (const one of all) {
    const contains = containedByAny([one]);
    const found =
      one.name === OWN_SERVICE_CIDR ? someUser(services, contains) : allUsers(services, (address) => contains(address) && !isOwn(address));
    if (found.length > 0) for (const cidr of one.cidrs) users.set(cidr, users.get(cidr) ?? found);
  }
  return users;
}

type Test = (address: string) => boolean;

/** Mostly one look is enough. */
function someUser(services: ReadonlyMap<string, ServiceFacts>, test: Test): readonly string[] {
  const uses = (service: ServiceFacts): boolean => hasClusterIPs(service) && service.clusterIPs.some(test);
  const apiServer = services.get(API_SERVER);
  if (apiServer && uses(apiServer)) return [API_SERVER];
  for (const [key, service] of services) if (uses(service)) return [key];
  return [];
}

function allUsers(services: ReadonlyMap<string, ServiceFacts>, test: Test): readonly string[] {
  return [...services]
    .filter(([, service]) => hasClusterIPs(service) && service.clusterIPs.some(test))
    .map(([key]) => key)
    .sort();
}

function containedByAny(serviceCIDRs: readonly ServiceCIDRFacts[]): Test {
  const contain = serviceCIDRs.flatMap(({ cidrs }) => cidrs.map(containedBy));
  return (address) => contain.some((contains) => contains(address));
}

/** The first by name of the ServiceCIDRs with a range that was added to those of the API server, where these are known. */
function addedWith(range: string, { serviceCIDRs }: ClusterStore): string | undefined {
  const own = serviceCIDRs.get(OWN_SERVICE_CIDR);
  if (!own || own.cidrs.includes(range)) return undefined;
  return [...serviceCIDRs.values()]
    .filter(({ cidrs }) => cidrs.includes(range))
    .map(({ name }) => name)
    .sort()[0];
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
  #own: readonly string[] = [];
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

  /** Those of the API server, as far as they are known apart. */
  get own(): readonly string[] {
    return this.#own;
  }

  /** Whether one of the ranges has an address. */
  has(address: string): boolean {
    return this.#contain.some((contains) => contains(address));
  }

  /** The ranges of the API server that have an address, as written. */
  ownWith(address: string): readonly string[] {
    return this.#cidrs.filter((cidr, index) => this.#own.includes(cidr) && this.#contain[index]?.(address) === true);
  }

  /**
   * Sets the ranges; those that are no CIDR are passed over.
   * @param own those of them that are the API server's
   */
  set(cidrs: readonly string[], own: readonly string[]): void {
    this.#cidrs = cidrs;
    this.#own = own;
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
  const met: readonly RangeMet[] = [...ofPods.filter(({ pods }) => pods > 0), ...serviceRanges.overlaps(), ...ofNodes(store)];
  const found: readonly RangeOverlap[] = serviceRanges.isEmpty
    ? ofClusterIPs(store.clusterIPsInPodCIDRs())
    : met.map((one) => ({ ...one, users: store.usersOfRanges().get(one.range) ?? [], added: addedWith(one.range, store) }));
  const relevant = found.filter((overlap) => !isGoing(overlap, store));
  return relevant.length === 0 || [...store.nodes.values()].some(isMadeUp) ? [] : relevant;
}

/** Whether a range gives no addresses, and no Service has one: its ServiceCIDR is being deleted (rules.md#service-cidrs-may-overlap). */
function isGoing(overlap: RangeOverlap, { serviceCIDRs }: ClusterStore): boolean {
  if (overlap.how === 'clusterIPs' || overlap.added === undefined || overlap.users.length > 0) return false;
  return serviceCIDRs.get(overlap.added)?.ready === false;
}

/**
 * Ranges that were added with addresses of nodes in them. Nothing is known of the API server's own: a virtual cluster, whose nodes have addresses of
 * Services, has no other.
 */
function ofNodes(store: ClusterStore): readonly RangeMet[] {
  const { serviceRanges, nodes } = store;
  const added = serviceRanges.ranges.filter(({ cidr }) => addedWith(cidr, store) !== undefined);
  if (added.length === 0 || !store.usersOfRanges().has(serviceRanges.own[0] ?? '')) return [];
  const evaluated = [...nodes.values()].filter((node) => !nodeSkipReason(node));
  return added.flatMap(({ family, cidr }) => {
    const contains = containedBy(cidr);
    const names = evaluated.filter(({ addresses }) => addresses.some(contains)).map(({ name }) => name);
    return names.length > 0 ? [{ family, how: 'nodes', range: cidr, nodes: names.sort() }] : [];
  });
}

function ofClusterIPs(found: readonly ClusterIPIn[]): readonly RangeOverlap[] {
  return DUAL_IPV4_FIRST.map(
    (family) => ({ family, how: 'clusterIPs', clusterIPs: found.filter((one) => one.family === family) }) as const,
  ).filter(({ clusterIPs }) => clusterIPs.length > 0);
}
