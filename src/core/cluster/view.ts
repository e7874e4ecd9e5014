import { familyOfAddress, isDual, listOf, missingFrom, NO_FAMILY, overlap, union, type Family, type FamilyList } from '../net/addresses.ts';
import { Conversion } from './conversion.ts';
import { clusterDNS, dnsClientsWithout, type ClusterDNS, type DNSNeeds } from './dns.ts';
import { lastSettledAt, type Grace } from './grace.ts';
import type { EndpointSliceFacts, NodeFacts, PodFacts, ServiceFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import { DEFAULT_PARAMETERS, type Parameter, type ParameterValues } from './parameters.ts';
import { nodeSkipReason, podSkipReason } from '../kinds/skipped.ts';
import { hasAddressOfService, rangesWithNodes } from './made-up-nodes.ts';
import { platformOf, servesServices, type Platform } from './platform.ts';
import type { SystemAgent } from './system-pods.ts';
import { notUpgraded, type NotUpgraded } from './not-upgraded.ts';
import { familiesPromised, familiesSeen, nodeFamilies, podFamiliesSeen } from './pod-families.ts';
import { anyFamilySettledAt } from './pod-grace.ts';
import { eachAddress, type NodeRanges } from './pod-ranges.ts';
import { rangeOverlaps, type RangeOverlap } from './service-ranges.ts';
import { SingleFamilyPods } from './single-family-pods.ts';
import { detectStack, layerFamilies, type Stack } from './stack.ts';

/** The grace that the design sets, times a factor; 0 switches it off. */
export function graceOf(scale: number): Grace {
  return { pod: 60_000 * scale, node: 300_000 * scale, loadBalancer: 300_000 * scale };
}

/** A pod with an address beside the podCIDR of its node, and the first by name of other nodes that have a podCIDR with the address. */
export interface Stray {
  readonly pod: PodFacts;
  readonly family: Family;
  readonly address: string;
  readonly holder: string | undefined;
}

/** A clock that goes back by less makes verdicts early by no more than that. */
const SET_BACK_MS = 60_000;

/**
 * The cluster as checks see it: read-only, and complete for the kinds that a check needs. Cluster-wide knowledge is
 * fixed for one evaluation; what concerns one object is read from the facts.
 */
export class ClusterView {
  readonly now: number;
  readonly grace: Grace;
  /** `spec.expectedFamilies`; empty means to detect. */
  readonly expected: FamilyList;
  readonly stack: Stack;
  /**
   * The families that a podCIDR should be there for; none where nothing says so or the pod network does without: they are optional
   * (k/k#104544), and a family that pods have from elsewhere needs none.
   */
  readonly podCIDRFamiliesWanted: FamilyList;
  /** The families of which some Service that counts has one: only then does anybody rely on it. undefined where that is not known. */
  readonly familiesPromised: FamilyList | undefined;
  /** The family that the podCIDRs of most dual-stack nodes begin with; where it is a tie, that of Services. */
  readonly podCIDRPrimary: Family | undefined;
  /**
   * The families that node addresses should have: the expected ones, else those of podCIDRs, pods and Services. That some nodes have addresses of a
   * second family obliges nobody.
   */
  readonly nodeFamiliesWanted: FamilyList;
  /** The families that some evaluated node has an address of. */
  readonly nodeAddressFamilies: FamilyList;
  /** The families that the pod network gives, as far as pods show it, and those that are expected and some pod has. */
  readonly podFamiliesSeen: FamilyList;
  /**
   * The families that no evaluated node has a podCIDR of, but pods on nodes with podCIDRs do have: they come from another pool, so every node
   * can give them (rules.md#families-a-node-gives).
   */
  readonly podFamiliesFromElsewhere: FamilyList;
  /** The pods that lack a family for a reason that is not their node's. */
  readonly singleFamilyPods: SingleFamilyPods;
  /** How far a conversion to both families is, node by node. */
  readonly conversion: Conversion;
  /** What is known of the cluster's DNS and of who needs it. */
  readonly dns: ClusterDNS;
  /** The families that a Service should have: those that Services can have, as far as they are expected. */
  readonly serviceFamiliesWanted: FamilyList;
  /** The Services that prefer dual-stack and have fewer. */
  readonly notUpgraded: NotUpgraded;
  /** What lone-pods.ts found, by the name of a node, since each pod on the node asks the same. */
  readonly lackedByOnePod = new Map<string, FamilyList>();
  readonly #store: ClusterStore;
  readonly #parameters: ParameterValues;
  readonly #targets = new Map<Family, ReadonlySet<string>>();
  readonly #familiesThatFollowAddresses: FamilyList;
  #targetsOf: ServiceFacts | undefined;
  #platform: Platform | undefined;
  #nodesSettledAt: number | undefined;
  #rangeOverlaps: readonly RangeOverlap[] | undefined;

  constructor(store: ClusterStore, expected: FamilyList, grace: Grace, now: number, parameters = DEFAULT_PARAMETERS) {
    this.#store = store;
    this.#parameters = parameters;
    this.expected = expected;
    this.grace = grace;
    this.now = now;
    this.stack = detectStack(store);
    this.podCIDRPrimary = podCIDRPrimary(store, this.stack);
    this.podFamiliesSeen = podFamiliesSeen(store, this.stack, expected);
    this.nodeAddressFamilies = familiesSeen(store.nodeTally.entries());
    this.#familiesThatFollowAddresses = familiesThatFollowAddresses(store);
    this.nodeFamiliesWanted = expected.length > 0 ? expected : nodeFamilies(this.nodeAddressFamilies, familiesOfOthers(this.stack));
    this.familiesPromised = familiesPromised(store);
    this.singleFamilyPods = new SingleFamilyPods(store, isDual(this.podFamiliesSeen));
    this.conversion = new Conversion(store, {
      podCIDRsInUse: this.stack.podCIDRs.inUse,
      wanted: this.nodeFamiliesWanted,
      promised: this.familiesPromised,
    });
    this.podFamiliesFromElsewhere = missingFrom(
      this.stack.podCIDRs.families,
      listOf(this.podFamiliesSeen.filter((family) => store.podFamiliesOnPodCIDRs.get(family) > 0)),
    );
    this.dns = clusterDNS(this.#dnsNeeds);
    this.podCIDRFamiliesWanted = missingFrom(this.podFamiliesFromElsewhere, podCIDRFamiliesWanted(this.stack, expected));
    this.serviceFamiliesWanted = expectedOf(layerFamilies(this.stack.services), expected);
    this.notUpgraded = notUpgraded(store.servicesThatPrefer, this.serviceFamiliesWanted);
  }

  /** Changes exactly when something cluster-wide changes that verdicts depend on. */
  get fingerprint(): string {
    const { nodes, pods, services, podCIDRs } = this.stack;
    return JSON.stringify([
      [nodes, pods, services].map((layer) => [layer.families, layer.primary]),
      podCIDRs,
      this.podCIDRPrimary,
      this.nodeFamiliesWanted,
      this.podFamiliesSeen,
      this.podFamiliesFromElsewhere,
      this.dns,
      this.familiesPromised,
      this.#store.serviceRanges.cidrs,
      this.#store.serviceRanges.own,
      rangesWithNodes(this.#store),
      this.singleFamilyPods.fingerprint,
      this.#familiesThatFollowAddresses,
      this.conversion.fingerprint,
      this.notUpgraded.areSeveral,
    ]);
  }

  /**
   * Whether the clock has been set back since: what was evaluated too early then stays so until it is evaluated again.
   * @param now milliseconds since the epoch
   */
  isAheadOf(now: number): boolean {
    return now <= this.now - SET_BACK_MS;
  }

  /** The value of a check's parameter. */
  valueOf(parameter: Parameter): number {
    return this.#parameters.values.get(parameter) ?? parameter.default;
  }

  /** What the cluster runs on, for the words of a fix; no verdict depends on it. */
  get platform(): Platform {
    this.#platform ??= platformOf(this.#store);
    return this.#platform;
  }

  /** What serves the addresses of Services, for the words of a fix; undefined where nothing shows it. */
  get servesServices(): SystemAgent | undefined {
    return servesServices(this.#store, this.platform);
  }

  /** Whether no pod has a family on the nodes without an address of it, and pods on most others have it, so that the one explains the other. */
  podsFollowAddresses(family: Family): boolean {
    return this.#familiesThatFollowAddresses.includes(family);
  }

  /** Whether a pod lacks a family because its node is still to be converted. */
  isAwaited(pod: PodFacts): boolean {
    if (this.conversion.withheld === NO_FAMILY || isDual(pod.families)) return false;
    const node = this.node(pod.nodeName);
    return (
      node !== undefined && missingFrom(pod.families, this.conversion.withheld).some((family) => this.conversion.isAwaitedOn(node, family))
    );
  }

  /** Whether an address is one of a node's own, as written. */
  isNodeAddress(address: string): boolean {
    return this.#store.nodeAddresses.get(address) > 0;
  }

  /** Until when some evaluated node may lack addresses. */
  get nodesSettledAt(): number {
    return (this.#nodesSettledAt ??= lastSettledAt(this.nodes(), this.grace));
  }

  nodes(): Iterable<NodeFacts> {
    return this.#store.nodes.values();
  }

  node(name: string): NodeFacts | undefined {
    return this.#store.nodes.get(name);
  }

  /** How many evaluated pods are on a node, and how many of them have a family. */
  podsOn(node: NodeFacts): { readonly total: number; readonly having: Readonly<Record<Family, number>> } {
    return this.#store.podNetworkOf(node.name);
  }

  /** Whether pods on a node show that it gives its pods a family of which it has no podCIDR: those that outlived its previous Node object do not. */
  isGivenFromElsewhere(node: NodeFacts, family: Family): boolean {
    const pods = this.#store.podNetworkOf(node.name);
    return this.stack.podCIDRs.usual.includes(family) ? pods.shows(family) : pods.having[family] > 0;
  }

  /** When the evaluated pods of a evaluated node started, the first ones first. Looks at each. */
  startsOn(node: NodeFacts): readonly number[] {
    return [...this.#store.podsOn(node.name)]
      .filter((pod) => !podSkipReason(pod))
      .map(({ startedAt }) => startedAt)
      .sort((a, b) => a - b);
  }

  /**
   * The families that a node can give its pods (rules.md#families-a-node-gives): those of its podCIDRs where the pod network uses them, with those that pods have
   * from elsewhere; else those seen on pods anywhere. Never determined from node addresses.
   * @returns undefined where it cannot be determined, or the node is not evaluated, and for Windows nodes, where any one will do (rules.md#skipped-nodes, #windows-overlay)
   */
  familiesGivenBy(node: NodeFacts): FamilyList | undefined {
    if (nodeSkipReason(node) || node.windows) return undefined;
    const given = this.stack.podCIDRs.inUse ? union(node.podCIDRFamilies, this.podFamiliesFromElsewhere) : this.podFamiliesSeen;
    return given.length === 0 && !this.stack.podCIDRs.inUse ? undefined : given;
  }

  /** Whether somebody relies on one of these families: a Service has it, or it is expected. Otherwise, pods may do without it on purpose. */
  isReliedOn(families: FamilyList): boolean {
    return this.familiesPromised === undefined || overlap(families, union(this.familiesPromised, this.expected));
  }

  /** Whether a pod has the one family that it or its namespace asks for. */
  isOnPurpose(pod: PodFacts): boolean {
    return this.#store.isOnPurpose(pod);
  }

  /** The pods on a node that are evidence of what its pod network gives. Looks at each. */
  networkPodsOn(node: NodeFacts): readonly PodFacts[] {
    return this.#store.networkPodsOn(node.name);
  }

  /**
   * The families of which a running host-network pod has an address that is neither among its `hostIPs` nor among those of its node, which
   * lists another one. Nothing is known of a node that is not Ready.
   */
  staleFamilies(pod: PodFacts): FamilyList {
    if (!pod.hostNetwork || pod.strayFamilies === NO_FAMILY || pod.state !== 'Running') return NO_FAMILY;
    const node = this.node(pod.nodeName);
    if (!node || nodeSkipReason(node) || node.notReady || this.isMadeUp(node)) return NO_FAMILY;
    const isListed = pod.addresses.filter((address) => node.addresses.includes(address)).map(familyOfAddress);
    return listOf(pod.strayFamilies.filter((family) => node.addressFamilies.includes(family) && !isListed.includes(family)));
  }

  /** Whether the addresses of a node are made up: a virtual cluster shows addresses of Services for those of its nodes. */
  isMadeUp(node: NodeFacts): boolean {
    return node.madeUp || hasAddressOfService(node, this.#store);
  }

  /** How addresses of Services and of pods meet. */
  rangeOverlaps(): readonly RangeOverlap[] {
    return (this.#rangeOverlaps ??= rangeOverlaps(this.#store, (node) => this.isMadeUp(node)));
  }

  /** The podCIDRs of a node that overlap one of another evaluated node, each with the first such node by name. */
  podCIDRConflicts(node: NodeFacts): readonly { readonly cidr: string; readonly node: string }[] {
    return this.#store.podCIDRs.conflictsOf(node.name);
  }

  /** The families of these podCIDRs. */
  podCIDRConflictFamilies(node: NodeFacts): FamilyList {
    return this.#store.podCIDRs.conflictFamiliesOf(node.name);
  }

  /** How many evaluated pods on a node have their addresses in its podCIDRs, and how many beside them. */
  rangesOn(node: NodeFacts): NodeRanges {
    return this.#store.podRanges.of(node.name);
  }

  /** Whether some pod on a node has an address beside its podCIDR of the family. */
  hasStrays({ name }: NodeFacts): boolean {
    return this.#store.podRanges.nodesWithStrays.has(name);
  }

  /** The families that the pods on a node should have from its podCIDRs: that most nodes show, or the other family of the same pods. */
  podCIDRFamiliesUsedOn({ name, podCIDRFamilies }: NodeFacts): FamilyList {
    const { used, usual } = this.stack.podCIDRs;
    const { inside } = this.#store.podRanges.of(name);
    const isUsed = (family: Family): boolean =>
      usual.includes(family) || (used.includes(family) && usual.some((other) => inside[other] > 0));
    return listOf(podCIDRFamilies.filter(isUsed));
  }

  /** The pods on a node with an address beside its podCIDR of a family, in no particular order. Looks at each pod where there are some. */
  straysOn(node: NodeFacts): readonly Stray[] {
    if (!this.hasStrays(node)) return [];
    const strays: Stray[] = [];
    for (const pod of this.#store.podsOn(node.name)) {
      if (podSkipReason(pod) || this.isOnPurpose(pod)) continue;
      eachAddress(pod, (address, family) => {
        if (!node.podCIDRFamilies.includes(family) || this.#store.podRanges.isInPodCIDR(node.name, address, family)) return;
        strays.push({ pod, family, address, holder: this.#store.podCIDRs.holderOf(address, node.name) });
      });
    }
    return strays;
  }

  /** How many evaluated pods that need the cluster's DNS have a family alone and no way to the DNS Service. */
  dnsClientsWithout(family: Family): number {
    return dnsClientsWithout(this.#dnsNeeds, family, this.dns.families);
  }

  get #dnsNeeds(): DNSNeeds {
    return {
      store: this.#store,
      podFamilies: this.podFamiliesSeen,
      singleFamilyPods: this.singleFamilyPods,
      now: this.now,
      settledAt: (pod, families) => anyFamilySettledAt(pod, families, this),
    };
  }

  /** The family that most evaluated pods with both families have first; undefined where there are as many of either. */
  get podPrimary(): Family | undefined {
    const ipv4 = this.#store.podFirstFamilies.get('IPv4');
    const ipv6 = this.#store.podFirstFamilies.get('IPv6');
    if (ipv4 === ipv6) return undefined;
    return ipv4 > ipv6 ? 'IPv4' : 'IPv6';
  }

  slicesOf(service: ServiceFacts): ReadonlySet<EndpointSliceFacts> {
    return this.#store.slicesOf(service);
  }

  /** Whether traffic of a family has somewhere to go: to a ready endpoint, or to one that is terminating and still serves, whoever wrote it. */
  hasEndpoint(service: ServiceFacts, family: Family): boolean {
    return [...this.#store.slicesOf(service)].some(
      ({ addressType, readyTargets, servingTerminating }) => addressType === family && (readyTargets.length > 0 || servingTerminating),
    );
  }

  /** All Services, evaluated or not. */
  services(): Iterable<ServiceFacts> {
    return this.#store.services.values();
  }

  podsSelectedBy(service: ServiceFacts): Iterable<PodFacts> {
    return this.#store.workloads.selectedBy(service);
  }

  /** The distinct ready targets that the endpointslice controller's slices of a family hold for a Service (rules.md#ready-targets). */
  readyTargets(service: ServiceFacts, family: Family): ReadonlySet<string> {
    // Several checks ask of one Service after the other.
    if (this.#targetsOf !== service) this.#targets.clear();
    this.#targetsOf = service;
    const known = this.#targets.get(family);
    if (known) return known;
    const targets = this.#collectTargets(service, family);
    this.#targets.set(family, targets);
    return targets;
  }

  #collectTargets(service: ServiceFacts, family: Family): ReadonlySet<string> {
    const targets = new Set<string>();
    for (const slice of this.#store.slicesOf(service)) {
      if (!slice.managed || slice.addressType !== family) continue;
      for (const target of slice.readyTargets) targets.add(target);
    }
    return targets;
  }
}

/** The expected ones of some families, in the order in which they are expected; all of them where none is expected. */
export function expectedOf(families: FamilyList, expected: FamilyList): FamilyList {
  if (expected.length === 0) return families;
  return listOf(expected.filter((family) => families.includes(family)));
}

function podCIDRFamiliesWanted({ podCIDRs }: Stack, expected: FamilyList): FamilyList {
  if (!podCIDRs.inUse) return NO_FAMILY;
  if (expected.length > 0) return expected;
  return podCIDRs.dual ? podCIDRs.families : NO_FAMILY;
}

/** The families that pods have on no node without an address of it, and on most of the others; none where all nodes have addresses of the same families. */
function familiesThatFollowAddresses({ nodeTally, addressUse }: ClusterStore): FamilyList {
  const labels = new Set([...nodeTally.keys()].map((key) => key.slice(0, key.indexOf('/'))));
  return labels.size < 2 ? NO_FAMILY : addressUse.followed;
}

/** The families that podCIDRs in use, pods and Services have. */
function familiesOfOthers({ podCIDRs, podFamilies, services }: Stack): FamilyList {
  return union(union(podFamilies, podCIDRs.inUse ? podCIDRs.families : NO_FAMILY), layerFamilies(services));
}

function podCIDRPrimary(store: ClusterStore, { services }: Stack): Family | undefined {
  const ipv4 = store.podCIDRFirstFamilies.get('IPv4');
  const ipv6 = store.podCIDRFirstFamilies.get('IPv6');
  if (ipv4 === ipv6) return services.primary;
  return ipv4 > ipv6 ? 'IPv4' : 'IPv6';
}
