import { containedBy, familyLabel, familyOfAddress, isDual, type Family, type FamilyLabel } from './addresses.ts';
import { CIDRIndex } from './cidr-index.ts';
import {
  keyOf,
  sameFacts,
  type Change,
  type EndpointSliceFacts,
  type Facts,
  type FactsKind,
  type FactsOf,
  type NamespaceFacts,
  type NodeFacts,
  type PodFacts,
  type Refusal,
  type ServiceCIDRFacts,
  type ServiceFacts,
} from './facts.ts';
import { nodeLeftOut, podLeftOut, serviceLeftOut, type PodLeftOut } from './judged.ts';
import { PackedPod } from './kinds/packed-pod.ts';
import { addTo, removeFrom, setAt, Tally } from './tally.ts';
import { Workloads } from './workloads.ts';
import { YoungestAsking } from './youngest-asking.ts';

/** Whether the objects of a kind are all known: not yet, yes, or not to be had. */
export type Availability = 'Pending' | 'Synced' | Refusal;

/** What has to be looked at again, by key. */
export interface Dirt {
  readonly nodes: Set<string>;
  readonly pods: Set<string>;
  readonly services: Set<string>;
}

/** The addressed, running pods of the pod network on one node. */
export interface NodePods {
  total: number;
  readonly having: Record<Family, number>;
}

const NO_PODS: ReadonlySet<PodFacts> = new Set();
const EMPTY_NODE_PODS: Readonly<NodePods> = { total: 0, having: { IPv4: 0, IPv6: 0 } };

/** Where the first address of a judged pod lies as to its node's podCIDRs. */
type PodCIDRPlace = 'inside' | 'outside' | 'noPodCIDR';

/** How a pod is counted: as left out, with the reason, or as judged. It follows from the pod and its node. */
type PodClass = PodLeftOut | 'nodeNotJudged' | PodCIDRPlace;

function isJudged(counted: PodClass): counted is PodCIDRPlace {
  return counted === 'inside' || counted === 'outside' || counted === 'noPodCIDR';
}

/** The facts of the cluster's objects, with the indexes and counts that verdicts need. Changed by {@link apply} only. */
export class Inventory {
  readonly nodes = new Map<string, NodeFacts>();
  readonly pods = new Map<string, PodFacts>();
  readonly services = new Map<string, ServiceFacts>();
  readonly slices = new Map<string, EndpointSliceFacts>();
  readonly serviceCIDRs = new Map<string, ServiceCIDRFacts>();
  readonly namespaces = new Map<string, NamespaceFacts>();
  readonly workloads = new Workloads();
  readonly youngestAsking = new YoungestAsking(this.services);

  /** Judged nodes by the families of their addresses and of their podCIDRs: `dual/ipv4`. */
  readonly nodeTally = new Tally<`${FamilyLabel}/${FamilyLabel}`>();
  /** Judged nodes by the family of their first address. */
  readonly nodeFirstFamilies = new Tally<Family>();
  /** Judged nodes with podCIDRs of both families, by the family of the first. */
  readonly podCIDRFirstFamilies = new Tally<Family>();
  /** The podCIDRs of judged nodes. */
  readonly podCIDRs = new CIDRIndex();
  readonly nodesLeftOut = new Tally();
  /** Judged pods by `namespace/families`, and the others by `namespace/reason`. */
  readonly podTally = new Tally();
  readonly podsLeftOut = new Tally();
  /** Judged pods of the whole cluster by families: a look at each namespace would take long, and each evaluation asks. */
  readonly podFamilies = new Tally<FamilyLabel>();
  /** Judged Services by `namespace/policy/families`, and the others by `namespace/reason`. */
  readonly serviceTally = new Tally();
  readonly servicesLeftOut = new Tally();
  /** Services that have clusterIPs, by the families of these. */
  readonly clusterIPTally = new Tally<FamilyLabel>();
  /** Of the judged pods on nodes that have podCIDRs, how many have their first address in them and how many not. */
  readonly podCIDRUse = new Tally<'inside' | 'outside'>();
  /** The families that judged pods on nodes with podCIDRs have; what is left of a node that has gone is no evidence. */
  readonly podFamiliesOnPodCIDRs = new Tally<Family>();

  readonly #stores: { readonly [K in FactsKind]: Map<string, FactsOf<K>> } = {
    Node: this.nodes,
    Pod: this.pods,
    Service: this.services,
    EndpointSlice: this.slices,
    ServiceCIDR: this.serviceCIDRs,
    Namespace: this.namespaces,
  };
  readonly #availability = new Map<FactsKind, Availability>();
  readonly #unlisted = new Map<FactsKind, Set<string>>();
  readonly #podsByNode = new Map<string, Set<PodFacts>>();
  readonly #slicesByService = new Map<string, Set<EndpointSliceFacts>>();
  readonly #nodePods = new Map<string, NodePods>();
  /** Whether an address lies in a podCIDR of a node, by the node's name. */
  readonly #inPodCIDRs = new Map<string, readonly ((address: string) => boolean)[]>();
  /** Before the first evaluation, which looks at everything, nothing is marked. */
  #dirt: Dirt | undefined;

  /**
   * Takes in one change and marks what it touches. Never fails, whatever the order of changes.
   * @returns false where it says nothing that was not known
   */
  apply(change: Change): boolean {
    switch (change.type) {
      case 'upsert':
        return this.#upsert(change.facts);
      case 'delete':
        if (!this.#stores[change.kind].has(change.key)) return false;
        this.#replace(change.kind, change.key, undefined);
        return true;
      case 'listing':
        this.#unlisted.set(change.kind, new Set(this.#stores[change.kind].keys()));
        return false;
      case 'listed':
        for (const key of this.#unlisted.get(change.kind) ?? []) this.#replace(change.kind, key, undefined);
        this.#unlisted.delete(change.kind);
        this.#availability.set(change.kind, 'Synced');
        return true;
      case 'refused':
        // What was known can no longer be seen to change, so it is no evidence.
        for (const key of this.#stores[change.kind].keys()) this.#replace(change.kind, key, undefined);
        this.#unlisted.delete(change.kind);
        this.#availability.set(change.kind, change.reason);
        return true;
    }
  }

  availability(kind: FactsKind): Availability {
    return this.#availability.get(kind) ?? 'Pending';
  }

  /** What the changes since the last call touched; of the first one, which is for ledgers that are new, nothing. */
  takeDirt(): Dirt {
    const dirt = this.#dirt ?? newDirt();
    this.#dirt = newDirt();
    return dirt;
  }

  podsOn(nodeName: string): ReadonlySet<PodFacts> {
    return setAt(this.#podsByNode, nodeName);
  }

  /** The counts of the judged pods on a node. */
  podNetworkOf(nodeName: string): Readonly<NodePods> {
    return this.#nodePods.get(nodeName) ?? EMPTY_NODE_PODS;
  }

  /** The EndpointSlices that belong to a Service, whoever made them. */
  slicesOf(service: ServiceFacts): ReadonlySet<EndpointSliceFacts> {
    return setAt(this.#slicesByService, keyOf(service));
  }

  /** Most of what the API server tells of an object is none of its facts. */
  #upsert(facts: Facts): boolean {
    const key = keyOf(facts);
    this.#unlisted.get(facts.kind)?.delete(key);
    const known = this.#stores[facts.kind].get(key);
    if (known && sameFacts(facts, known)) return false;
    this.#replace(facts.kind, key, facts.kind === 'Pod' ? new PackedPod(facts) : facts);
    return true;
  }

  #replace(kind: FactsKind, key: string, next: Facts | undefined): void {
    const store = this.#stores[kind] as Map<string, Facts>;
    const previous = store.get(key);
    // How a pod counts follows its node too.
    const podsOfNode = kind === 'Node' ? this.podsOn(key) : NO_PODS;
    for (const pod of podsOfNode) this.#count(pod, -1);
    if (previous) this.#unlink(previous);
    if (next) store.set(key, next);
    else store.delete(key);
    if (next) this.#link(next);
    if (kind === 'Node') this.#indexPodCIDRs(key);
    for (const pod of podsOfNode) this.#count(pod, 1);
  }

  #link(facts: Facts): void {
    if (facts.kind === 'Node') this.#countNode(facts, 1);
    if (facts.kind === 'Pod') this.#linkPod(facts);
    if (facts.kind === 'Service') this.#linkService(facts);
    if (facts.kind === 'EndpointSlice') this.#linkSlice(facts);
  }

  #unlink(facts: Facts): void {
    if (facts.kind === 'Node') this.#countNode(facts, -1);
    if (facts.kind === 'Pod') this.#unlinkPod(facts);
    if (facts.kind === 'Service') this.#unlinkService(facts);
    if (facts.kind === 'EndpointSlice') this.#unlinkSlice(facts);
  }

  #countNode(node: NodeFacts, by: 1 | -1): void {
    this.#dirt?.nodes.add(node.name);
    const leftOut = nodeLeftOut(node);
    if (leftOut) {
      this.nodesLeftOut.add(leftOut, by);
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
    const podCIDRs = node && !nodeLeftOut(node) ? node.podCIDRs : [];
    for (const other of this.podCIDRs.set(name, podCIDRs)) this.#dirt?.nodes.add(other);
    if (podCIDRs.length > 0) this.#inPodCIDRs.set(name, podCIDRs.map(containedBy));
    else this.#inPodCIDRs.delete(name);
  }

  #linkPod(pod: PodFacts): void {
    if (pod.nodeName) addTo(this.#podsByNode, pod.nodeName, pod);
    this.workloads.addPod(pod);
    this.#count(pod, 1);
    this.#touchPod(pod);
  }

  #unlinkPod(pod: PodFacts): void {
    this.#touchPod(pod);
    this.#count(pod, -1);
    this.workloads.removePod(pod);
    removeFrom(this.#podsByNode, pod.nodeName, pod);
  }

  #touchPod(pod: PodFacts): void {
    if (!this.#dirt) return;
    this.#dirt.pods.add(pod.uid);
    if (pod.nodeName) this.#dirt.nodes.add(pod.nodeName);
    for (const service of this.workloads.servicesOf(pod)) this.#dirt.services.add(keyOf(service));
  }

  #count(pod: PodFacts, by: 1 | -1): void {
    const counted = this.#classOf(pod);
    if (!isJudged(counted)) {
      this.podsLeftOut.add(`${pod.namespace}/${counted}`, by);
      return;
    }
    const families = familyLabel(pod.families);
    this.podTally.add(`${pod.namespace}/${families}`, by);
    this.podFamilies.add(families, by);
    if (counted !== 'noPodCIDR') {
      this.podCIDRUse.add(counted, by);
      for (const family of pod.families) this.podFamiliesOnPodCIDRs.add(family, by);
    }
    const onNode = this.#nodePods.get(pod.nodeName) ?? { total: 0, having: { IPv4: 0, IPv6: 0 } };
    this.#nodePods.set(pod.nodeName, onNode);
    onNode.total += by;
    for (const family of pod.families) onNode.having[family] += by;
    if (onNode.total === 0) this.#nodePods.delete(pod.nodeName);
  }

  #classOf(pod: PodFacts): PodClass {
    const node = this.nodes.get(pod.nodeName);
    const leftOut = podLeftOut(pod);
    if (leftOut) return leftOut;
    return node && nodeLeftOut(node) ? 'nodeNotJudged' : this.#podCIDRUseOf(pod);
  }

  #podCIDRUseOf(pod: PodFacts): PodCIDRPlace {
    const node = this.nodes.get(pod.nodeName);
    if (!node || node.podCIDRFamilies.length === 0) return 'noPodCIDR';
    const first = firstAddress(pod);
    return this.#inPodCIDRs.get(node.name)?.some((contains) => contains(first)) ? 'inside' : 'outside';
  }

  #linkService(service: ServiceFacts): void {
    this.#countService(service, 1);
    this.workloads.addService(service);
    this.youngestAsking.add(service);
  }

  #unlinkService(service: ServiceFacts): void {
    this.#countService(service, -1);
    this.workloads.removeService(service);
    this.youngestAsking.remove(service);
  }

  #countService(service: ServiceFacts, by: 1 | -1): void {
    this.#dirt?.services.add(keyOf(service));
    const leftOut = serviceLeftOut(service);
    if (leftOut) this.servicesLeftOut.add(`${service.namespace}/${leftOut}`, by);
    else this.serviceTally.add(`${service.namespace}/${service.policy}/${familyLabel(service.ipFamilies)}`, by);
    if (hasClusterIPs(service)) this.clusterIPTally.add(familyLabel(service.clusterIPFamilies), by);
  }

  #linkSlice(slice: EndpointSliceFacts): void {
    this.#dirt?.services.add(serviceKeyOf(slice));
    addTo(this.#slicesByService, serviceKeyOf(slice), slice);
  }

  #unlinkSlice(slice: EndpointSliceFacts): void {
    this.#dirt?.services.add(serviceKeyOf(slice));
    removeFrom(this.#slicesByService, serviceKeyOf(slice), slice);
  }
}

/** The first of a pod's addresses that is one; reading an address takes long, and mostly all are. */
function firstAddress({ addresses, families }: PodFacts): string {
  const all = addresses.length === families.length;
  return (all ? addresses[0] : addresses.find((address) => familyOfAddress(address))) ?? '';
}

function newDirt(): Dirt {
  return { nodes: new Set(), pods: new Set(), services: new Set() };
}

function serviceKeyOf(slice: EndpointSliceFacts): string {
  return `${slice.namespace}/${slice.serviceName}`;
}

/** An ExternalName Service has no use for the fields that it may have (rule S7). */
function hasClusterIPs({ headless, type }: ServiceFacts): boolean {
  return !headless && type !== 'ExternalName';
}

/** Whether some Service that is not headless has clusterIPs of both families. */
export function someServiceIsDual(inventory: Inventory): boolean {
  return inventory.clusterIPTally.get('dual') > 0;
}
