import { ALL_KINDS } from '../kinds/registry.ts';
import { familyLabel, isDual, NO_FAMILY, union, type Family, type FamilyLabel, type FamilyList } from '../net/addresses.ts';
import { AddressUse } from './address-use.ts';
import { CIDRIndex } from './cidr-index.ts';
import {
  keyOf,
  type EndpointSliceFacts,
  type Facts,
  type FactsKind,
  type NodeFacts,
  type PodFacts,
  type ServiceFacts,
} from '../kinds/facts.ts';
import { nodeSkipReason, podSkipReason, serviceSkipReason, type PodSkipReason } from '../kinds/skipped.ts';
import { PodHistories, type PodHistory } from './pod-history.ts';
import { MachineAddresses } from './made-up-nodes.ts';
import { CountedPods, isOlderThanNode, type NodePods } from './node-pods.ts';
import { PodPatterns } from './pod-patterns.ts';
import { firstAddress, PodRanges, type PodCIDRPlace } from './pod-ranges.ts';
import { dependsOnNodeAddresses } from './service-addresses.ts';
import {
  clusterIPsIn,
  hasClusterIPs,
  mayBeInOtherNetwork,
  OWN_SERVICE_CIDR,
  ServiceRanges,
  usersOfRanges,
  type ClusterIPIn,
} from './service-ranges.ts';
import { Store, type DirtySets } from '../store/store.ts';
import { hasOwnPools, isNodeLocalDNS, systemAgentOf, type SystemAgent } from './system-pods.ts';
import { setAt, Tally } from '../store/tally.ts';
import { NewestDualStackRequest } from './newest-dual-stack-request.ts';
import type { KnownNamespaces } from './unknown-requests.ts';

const NO_PODS: readonly PodFacts[] = [];
const EMPTY_NODE_PODS: NodePods = new CountedPods();
const NO_NAMES: ReadonlySet<string> = new Set();

/** The facts of the cluster's objects, with the indexes and counts that verdicts need. Changed by {@link apply} only. */
export class ClusterStore extends Store {
  readonly nodes = this.objects('Node');
  readonly pods = this.objects('Pod');
  readonly services = this.objects('Service');
  readonly slices = this.objects('EndpointSlice');
  readonly serviceCIDRs = this.objects('ServiceCIDR');
  readonly namespaces = this.objects('Namespace');
  /** Which Services select which pods. */
  readonly workloads = this.selections('Service', 'Pod');
  readonly newestDualStackRequest = new NewestDualStackRequest(this.services);

  /** Evaluated nodes by the families of their addresses and of their podCIDRs: `dual/ipv4`. */
  readonly nodeTally = new Tally<`${FamilyLabel}/${FamilyLabel}`>();
  /** Evaluated nodes by the family of their first address. */
  readonly nodeFirstFamilies = new Tally<Family>();
  /** The addresses of nodes, evaluated or not. */
  readonly nodeAddresses = new Tally();
  /** The keys of the Services whose findings depend on the addresses of nodes: mostly there are none. */
  readonly servicesByNodeAddresses = new Set<string>();
  /** Evaluated nodes with podCIDRs of both families, by the family of the first. */
  readonly podCIDRFirstFamilies = new Tally<Family>();
  /** The podCIDRs of evaluated nodes. */
  readonly podCIDRs = new CIDRIndex();
  readonly serviceRanges = new ServiceRanges(this.podCIDRs);
  readonly machineAddresses = new MachineAddresses(this.serviceRanges);
  readonly nodesSkipped = new Tally();
  /** How addresses of evaluated nodes and families of the pods on them go together. */
  readonly addressUse = new AddressUse(this);
  /** Evaluated pods by `namespace/families`, and the others by `namespace/reason`. */
  readonly podTally = new Tally();
  readonly podsSkipped = new Tally();
  /** Evaluated pods of the whole cluster by families: a look at each namespace would take long, and each evaluation asks. */
  readonly podFamilies = new Tally<FamilyLabel>();
  /** Evaluated Services by `namespace/policy/families`, and the others by `namespace/reason`. */
  readonly serviceTally = new Tally();
  readonly servicesSkipped = new Tally();
  /** Evaluated Services with the policy PreferDualStack, by families. */
  readonly servicesThatPrefer = new Tally<FamilyLabel>();
  /** Services that have clusterIPs, by the families of these. */
  readonly clusterIPTally = new Tally<FamilyLabel>();
  /** Of the evaluated pods on nodes that have podCIDRs, how many have their first address in them and how many not. */
  readonly podCIDRUse = new Tally<'inside' | 'outside'>();
  /** The agents that run on nodes, by the pods of each. */
  readonly systemAgents = new Tally<SystemAgent>();
  /** In which ranges the addresses of evaluated pods lie. */
  readonly podRanges = new PodRanges();
  /** The families that evaluated pods on nodes with podCIDRs have; what is left of a node that has gone is no evidence. */
  readonly podFamiliesOnPodCIDRs = new Tally<Family>();

  /** Evaluated pods of one family that need the cluster's DNS, and of these those that ask for the one family, by `onPurpose/families`. */
  readonly dnsClients = new Tally<`${'any' | 'onPurpose'}/${FamilyLabel}`>();
  /** The pods that answer DNS on their nodes. */
  nodeLocalDNS = 0;
  /** The keys of the Services of the cluster's DNS. */
  readonly dnsServices = new Set<string>();
  /** Evaluated pods with both families, by the family of their first address. */
  readonly podFirstFamilies = new Tally<Family>();
  /** Pods that name the subnet that they are in, by `subnet/families`. */
  readonly subnetTally = new Tally();
  /** Why pods have one family where others have both. */
  readonly podPatterns = new PodPatterns(this, (pod) => {
    this.touch(pod);
  });

  readonly #podsByNode = this.referrers('Pod', 'Node');
  readonly #slicesByService = this.referrers('EndpointSlice', 'Service');
  readonly #nodePods = new Map<string, CountedPods>();
  readonly #histories = new PodHistories((nodeName) => this.networkPodsOn(nodeName));
  /** Changes when the clusterIPs of some Service do. */
  #clusterIPVersion = 0;
  #clusterIPs: { readonly version: string; readonly found: readonly ClusterIPIn[] } = { version: '', found: [] };
  #rangeUsers: { readonly version: string; readonly users: ReadonlyMap<string, readonly string[]> } = { version: '', users: new Map() };
  /** That of the podCIDRs when changes were last taken. */
  #podCIDRVersion = 0;

  podsOn(nodeName: string): ReadonlySet<PodFacts> {
    return setAt(this.#podsByNode, nodeName);
  }

  /** The counts of the evaluated pods on a node. */
  podNetworkOf(nodeName: string): NodePods {
    return this.#nodePods.get(nodeName) ?? EMPTY_NODE_PODS;
  }

  /** The pods on a node that are evidence of what the pod network gives. */
  networkPodsOn(nodeName: string): readonly PodFacts[] {
    const node = this.nodes.get(nodeName);
    // On Windows one family is enough.
    if (node && (nodeSkipReason(node) || node.windows)) return [];
    const pods: PodFacts[] = [];
    for (const pod of this.podsOn(nodeName)) if (!podSkipReason(pod) && !this.isOnPurpose(pod)) pods.push(pod);
    return pods;
  }

  /** The names of the nodes that have such pods. */
  nodesWithPods(): Iterable<string> {
    return this.#nodePods.keys();
  }

  /** Whether some evaluated node has podCIDRs of both families. */
  get somePodCIDRsAreDual(): boolean {
    return [...this.nodeTally.keys()].some((key) => key.endsWith('/dual'));
  }

  /** Whether a pod has its address from a node that has podCIDRs of one family only. */
  hasAllThatItsNodeGives(pod: PodFacts): boolean {
    const podCIDRFamilies = this.nodes.get(pod.nodeName)?.podCIDRFamilies ?? NO_FAMILY;
    if (podCIDRFamilies.length !== 1) return false;
    const { address, family } = firstAddress(pod);
    return family !== undefined && this.podRanges.isInPodCIDR(pod.nodeName, address, family);
  }

  /** The Namespaces of which it is known what they request for their pods. */
  get knownNamespaces(): KnownNamespaces {
    if (this.availability('Namespace') !== 'Synced') return NO_NAMES;
    return this.gapIn('Namespace') === undefined ? 'all' : this.namespaces;
  }

  /** What these pods show over time. */
  podHistoryOf(nodeName: string): PodHistory {
    return this.#histories.of(nodeName);
  }

  /** The same of each node that has such pods. */
  *podHistories(): Generator<PodHistory> {
    for (const nodeName of this.#nodePods.keys()) yield this.podHistoryOf(nodeName);
  }

  /** Whether a pod has the one family that it or its namespace asks for. */
  isOnPurpose({ declaredFamilies, namespace, families }: PodFacts): boolean {
    if (isDual(families)) return false;
    const ofNamespace = this.namespaces.get(namespace)?.declaredFamilies ?? NO_FAMILY;
    return families !== NO_FAMILY && families === (declaredFamilies === NO_FAMILY ? ofNamespace : declaredFamilies);
  }

  /**
   * What the changes since the last call touched. That includes pods of which the pattern changed, and nodes with pods beside their podCIDRs, since
   * these may lie in those of another node now.
   */
  override takeDirtySets(): DirtySets {
    this.podPatterns.update();
    if (this.podCIDRs.version !== this.#podCIDRVersion && usedPodCIDRFamilies(this) !== NO_FAMILY) {
      for (const name of this.podRanges.nodesWithStrays) this.mark('Node', name);
    }
    this.#podCIDRVersion = this.podCIDRs.version;
    return super.takeDirtySets();
  }

  /** The clusterIPs that lie in podCIDRs. Looks at every Service where some changed, which only a cluster without ServiceCIDRs asks for. */
  clusterIPsInPodCIDRs(): readonly ClusterIPIn[] {
    const version = `${this.podCIDRs.version}/${this.#clusterIPVersion}`;
    if (this.#clusterIPs.version !== version) this.#clusterIPs = { version, found: clusterIPsIn(this.podCIDRs, this.services.values()) };
    return this.#clusterIPs.found;
  }

  /** The Services with clusterIPs of ServiceCIDRs, by range. Looks at Services where some changed, which only ranges that overlap ask for. */
  usersOfRanges(): ReadonlyMap<string, readonly string[]> {
    const version = `${this.serviceRanges.version}/${this.#clusterIPVersion}`;
    if (this.#rangeUsers.version !== version)
      this.#rangeUsers = { version, users: usersOfRanges(this.serviceCIDRs.values(), this.services) };
    return this.#rangeUsers.users;
  }

  /** The EndpointSlices that belong to a Service, whoever made them. */
  slicesOf(service: ServiceFacts): ReadonlySet<EndpointSliceFacts> {
    return setAt(this.#slicesByService, keyOf(service));
  }

  protected override replace(kind: FactsKind, key: string, next: Facts | undefined): void {
    // How a pod counts follows its node and its namespace too.
    const counted = this.#countedBy(kind, key, next);
    for (const pod of counted) this.#count(pod, -1);
    super.replace(kind, key, next);
    if (kind === 'Node') this.#indexPodCIDRs(key);
    if (kind === 'ServiceCIDR') this.#setServiceRanges();
    for (const pod of counted) this.#count(pod, 1);
    if (kind === 'Namespace' && this.gapIn(kind) !== undefined) this.podPatterns.requests.changeKnown();
    if (kind === 'Namespace') for (const pod of counted) this.touch(pod);
  }

  /** The pods that count otherwise because of a change of another object. */
  #countedBy(kind: FactsKind, key: string, next: Facts | undefined): Iterable<PodFacts> {
    if (kind === 'Node') return this.podsOn(key);
    if (kind !== 'Namespace') return NO_PODS;
    const declared = next?.kind === 'Namespace' ? next.declaredFamilies : NO_FAMILY;
    if (declared === (this.namespaces.get(key)?.declaredFamilies ?? NO_FAMILY)) return NO_PODS;
    return [...this.pods.values()].filter(({ namespace }) => namespace === key);
  }

  protected override added(facts: Facts): void {
    if (facts.kind === 'Node') this.#countNode(facts, 1);
    if (facts.kind === 'Pod') this.#countPod(facts, 1);
    if (facts.kind !== 'Service') return;
    this.#countService(facts, 1);
    if (facts.isClusterDNS) this.dnsServices.add(keyOf(facts));
    if (dependsOnNodeAddresses(facts)) this.servicesByNodeAddresses.add(keyOf(facts));
    this.newestDualStackRequest.add(facts);
  }

  protected override removed(facts: Facts): void {
    if (facts.kind === 'Node') this.#countNode(facts, -1);
    if (facts.kind === 'Pod') this.#countPod(facts, -1);
    if (facts.kind !== 'Service') return;
    this.#countService(facts, -1);
    this.dnsServices.delete(keyOf(facts));
    this.servicesByNodeAddresses.delete(keyOf(facts));
    this.newestDualStackRequest.remove(facts);
  }

  #countNode(node: NodeFacts, by: 1 | -1): void {
    for (const address of node.addresses) this.nodeAddresses.add(address, by);
    this.addressUse.change(node.name);
    this.machineAddresses.countNode(node, by);
    for (const key of this.servicesByNodeAddresses) this.mark('Service', key);
    const skipped = nodeSkipReason(node);
    if (skipped) {
      this.nodesSkipped.add(skipped, by);
      return;
    }
    this.nodeTally.add(`${familyLabel(node.addressFamilies)}/${familyLabel(node.podCIDRFamilies)}`, by);
    const [first] = node.addressFamilies;
    if (first) this.nodeFirstFamilies.add(first, by);
    const [firstOfPodCIDRs] = node.podCIDRFamilies;
    if (firstOfPodCIDRs && isDual(node.podCIDRFamilies)) this.podCIDRFirstFamilies.add(firstOfPodCIDRs, by);
  }

  /** A conflict is one of both nodes. */
  #indexPodCIDRs(name: string): void {
    const node = this.nodes.get(name);
    const podCIDRs = node && !nodeSkipReason(node) ? node.podCIDRs : [];
    for (const other of this.podCIDRs.set(name, podCIDRs)) this.mark('Node', other);
    this.podRanges.setPodCIDRs(name, podCIDRs);
  }

  #setServiceRanges(): void {
    const evaluated = [...this.pods.values()].filter(
      (pod) => !this.#skipReasonOf(pod) && !this.isOnPurpose(pod) && this.#mayOverlapServices(pod),
    );
    for (const pod of evaluated) this.podRanges.countInServiceRanges(pod, -1);
    const cidrs = [...new Set([...this.serviceCIDRs.values()].flatMap((one) => one.cidrs))].sort();
    this.podRanges.setServiceRanges(cidrs);
    this.serviceRanges.set(cidrs, this.serviceCIDRs.get(OWN_SERVICE_CIDR)?.cidrs ?? cidrs);
    this.machineAddresses.setServiceRanges(this.nodes.values());
    for (const pod of evaluated) this.podRanges.countInServiceRanges(pod, 1);
  }

  /** A pod of a node that is not there is what is left of it, or of another cluster. */
  #mayOverlapServices(pod: PodFacts): boolean {
    return this.nodes.has(pod.nodeName) && !mayBeInOtherNetwork(pod);
  }

  #count(pod: PodFacts, by: 1 | -1): void {
    const skipped = this.#skipReasonOf(pod);
    if (skipped) {
      this.podsSkipped.add(`${pod.namespace}/${skipped}`, by);
      return;
    }
    const families = familyLabel(pod.families);
    this.podTally.add(`${pod.namespace}/${families}`, by);
    this.podFamilies.add(families, by);
    if (pod.subnet !== '') this.subnetTally.add(`${pod.subnet}/${families}`, by);
    const first = pod.families[0];
    if (first && isDual(pod.families)) this.podFirstFamilies.add(first, by);
    else if (pod.needsClusterDNS) this.#countDNSClient(pod, families, by);
    if (this.isOnPurpose(pod)) return;
    this.#weigh(pod, by);
    const place = this.#countRanges(pod, by);
    if (place !== 'noPodCIDR') {
      this.podCIDRUse.add(place, by);
      for (const family of pod.families) this.podFamiliesOnPodCIDRs.add(family, by);
    }
    this.#countOnNode(pod, place, by);
  }

  #countOnNode(pod: PodFacts, place: PodCIDRPlace, by: 1 | -1): void {
    const node = this.nodes.get(pod.nodeName);
    const known = this.#nodePods.get(pod.nodeName);
    const onNode = known ?? new CountedPods();
    if (!known) this.#nodePods.set(pod.nodeName, onNode);
    this.addressUse.change(pod.nodeName);
    onNode.add(pod.families, { isInside: place === 'inside', isOlder: node !== undefined && isOlderThanNode(pod, node) }, by);
    if (onNode.total === 0) this.#nodePods.delete(pod.nodeName);
  }

  #countRanges(pod: PodFacts, by: 1 | -1): PodCIDRPlace {
    const addressed = { nodeName: pod.nodeName, addresses: pod.addresses, families: pod.families };
    if (this.#mayOverlapServices(pod)) this.podRanges.countInServiceRanges(addressed, by);
    return this.podRanges.count(addressed, by);
  }

  #countDNSClient(pod: PodFacts, families: FamilyLabel, by: 1 | -1): void {
    this.dnsClients.add(`any/${families}`, by);
    if (this.isOnPurpose(pod)) this.dnsClients.add(`onPurpose/${families}`, by);
  }

  #countPod(pod: PodFacts, by: 1 | -1): void {
    this.#count(pod, by);
    this.machineAddresses.countPod(pod, by);
    if (isNodeLocalDNS(pod)) this.nodeLocalDNS += by;
    const agent = systemAgentOf(pod);
    if (agent) this.systemAgents.add(agent, by);
  }

  /** Takes a pod for evidence of what the pod network gives, or no more: those that {@link networkPodsOn} gives. */
  #weigh(pod: PodFacts, by: 1 | -1): void {
    if (pod.nodeName === '' || this.nodes.get(pod.nodeName)?.windows) return;
    for (const evidence of [this.#histories, this.podPatterns]) {
      if (by === 1) evidence.add(pod);
      else evidence.remove(pod);
    }
  }

  #skipReasonOf(pod: PodFacts): PodSkipReason | 'onSkippedNode' | undefined {
    const node = this.nodes.get(pod.nodeName);
    return podSkipReason(pod) ?? (node && nodeSkipReason(node) ? 'onSkippedNode' : undefined);
  }

  #countService(service: ServiceFacts, by: 1 | -1): void {
    const skipped = serviceSkipReason(service);
    const families = familyLabel(service.ipFamilies);
    if (skipped) this.servicesSkipped.add(`${service.namespace}/${skipped}`, by);
    else this.serviceTally.add(`${service.namespace}/${service.policy}/${families}`, by);
    if (!skipped && service.policy === 'PreferDualStack') this.servicesThatPrefer.add(families, by);
    if (!hasClusterIPs(service)) return;
    this.clusterIPTally.add(familyLabel(service.clusterIPFamilies), by);
    this.#clusterIPVersion += 1;
  }
}

/**
 * The families of which the pod network takes addresses from podCIDRs, as far as pods show it: most nodes have most pods of the family in their
 * podCIDR, or some have and most do of the other family; and no plugin with pools of its own runs (rules.md#pod-cidrs-in-use).
 */
export function usedPodCIDRFamilies({ podRanges, systemAgents, subnetTally }: ClusterStore): FamilyList {
  const { usual, seen } = podRanges;
  if (usual === NO_FAMILY || hasOwnPools(systemAgents) || !subnetTally.keys().next().done) return NO_FAMILY;
  return union(usual, seen);
}

/** Whether some non-headless Service has clusterIPs of both families. */
export function someServiceIsDual(store: ClusterStore): boolean {
  return store.clusterIPTally.get('dual') > 0;
}

/** The kinds whose first list is still under way. */
export function pendingKinds(store: ClusterStore): FactsKind[] {
  return ALL_KINDS.map(({ name }) => name).filter((kind) => store.availability(kind) === 'Pending');
}
