import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { LabelSet } from './labels.ts';

/** Why a pod's addresses say nothing about drift (rules.md#skipped-pods), or `Running`. An address that cannot be read may be of any family. */
export type PodState = 'Running' | 'Pending' | 'Completed' | 'Terminating' | 'Unaddressed' | 'Unreadable';

/** Whether the network of a pod is set up, and known since when; before Kubernetes 1.29 nothing says so. */
export type SandboxState = 'Unknown' | 'Ready' | 'NotReady';

export interface PodFacts {
  readonly kind: 'Pod';
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty where the pod is not scheduled. */
  readonly nodeName: string;
  readonly createdAt: number;
  /** When it got its addresses at the earliest: when the kubelet took it up, or last set up its network (rules.md#new-sandboxes). */
  readonly startedAt: number;
  readonly state: PodState;
  readonly hostNetwork: boolean;
  /** A static pod's mirror: the kubelet, not the API server, owns it. */
  readonly mirror: boolean;
  /** Whether a controller makes a new one when it is deleted. */
  readonly controlled: boolean;
  readonly ready: boolean;
  /** When the Ready condition last changed. */
  readonly readySince: number;
  /** `status.podIPs`, as written. */
  readonly addresses: readonly string[];
  readonly families: FamilyList;
  readonly hostFamilies: FamilyList;
  /** Of a host-network pod: the families of its addresses that are not among its `hostIPs`. */
  readonly strayFamilies: FamilyList;
  /** The families that its annotations ask the CNI plugin for; none where they say nothing. */
  readonly declaredFamilies: FamilyList;
  /** The families that the CNI plugin says it gave the pod, where it has one only; none where the plugin says nothing. */
  readonly pluginFamilies: FamilyList;
  /** Whether another network than the cluster's own gives it its addresses. */
  readonly otherNetwork: boolean;
  /** The subnet that Kube-OVN takes its addresses from; empty where the pod does not say. */
  readonly subnet: string;
  /** Its controller as `KIND/NAME`, that of a ReplicaSet of a Deployment as the Deployment; empty where it has none. */
  readonly owner: string;
  readonly sandbox: SandboxState;
  /** Whether it can ask no other DNS server than that of the cluster. */
  readonly needsClusterDNS: boolean;
  readonly labels: LabelSet;
}

const STATES: readonly PodState[] = ['Running', 'Pending', 'Completed', 'Terminating', 'Unaddressed', 'Unreadable'];
const SANDBOXES: readonly SandboxState[] = ['Unknown', 'Ready', 'NotReady'];
const LISTS: readonly FamilyList[] = [NO_FAMILY, IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST];

/** Each state and each list of families takes so many bits. */
const BITS = 3;
const MASK = (1 << BITS) - 1;
const [FAMILIES, HOST_FAMILIES, HOST_NETWORK, MIRROR, CONTROLLED, READY] = [BITS, 2 * BITS, 1 << 9, 1 << 10, 1 << 11, 1 << 12];
const [DECLARED, PLUGIN, STRAY, OTHER_NETWORK, SANDBOX, CLUSTER_DNS] = [13, 16, 19, 1 << 22, 23, 1 << 26];

/** Between addresses; one that has it in it, which only a dump can have, is kept apart. */
const SEPARATOR = ',';

/**
 * The facts of a pod in a third of their memory, since a cluster has more pods than anything else: times as whole seconds, which take no
 * object of their own, addresses as one text, and all that is one of few in the bits of one number.
 */
export class PackedPod implements PodFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly owner: string;
  readonly subnet: string;
  readonly labels: LabelSet;
  readonly #addresses: string | readonly string[];
  readonly #bits: number;
  readonly #createdAt: number;
  readonly #startedAt: number;
  readonly #readySince: number;

  constructor(pod: PodFacts) {
    this.uid = pod.uid;
    this.namespace = pod.namespace;
    this.name = pod.name;
    this.nodeName = pod.nodeName;
    this.owner = pod.owner;
    this.subnet = pod.subnet;
    this.labels = pod.labels;
    this.#addresses = pod.addresses.some((address) => address === '' || address.includes(SEPARATOR))
      ? pod.addresses
      : pod.addresses.join(SEPARATOR);
    this.#bits = bitsOf(pod);
    this.#createdAt = packedTime(pod.createdAt);
    this.#startedAt = packedTime(pod.startedAt);
    this.#readySince = packedTime(pod.readySince);
  }

  get kind(): 'Pod' {
    return 'Pod';
  }

  get addresses(): readonly string[] {
    if (typeof this.#addresses !== 'string') return this.#addresses;
    return this.#addresses === '' ? [] : this.#addresses.split(SEPARATOR);
  }

  get state(): PodState {
    return STATES[this.#bits & MASK] ?? 'Pending';
  }

  get families(): FamilyList {
    return this.#list(FAMILIES);
  }

  get hostFamilies(): FamilyList {
    return this.#list(HOST_FAMILIES);
  }

  get strayFamilies(): FamilyList {
    return this.#list(STRAY);
  }

  get declaredFamilies(): FamilyList {
    return this.#list(DECLARED);
  }

  get pluginFamilies(): FamilyList {
    return this.#list(PLUGIN);
  }

  get otherNetwork(): boolean {
    return (this.#bits & OTHER_NETWORK) !== 0;
  }

  get sandbox(): SandboxState {
    return SANDBOXES[(this.#bits >> SANDBOX) & MASK] ?? 'Unknown';
  }

  get needsClusterDNS(): boolean {
    return (this.#bits & CLUSTER_DNS) !== 0;
  }

  get hostNetwork(): boolean {
    return (this.#bits & HOST_NETWORK) !== 0;
  }

  get mirror(): boolean {
    return (this.#bits & MIRROR) !== 0;
  }

  get controlled(): boolean {
    return (this.#bits & CONTROLLED) !== 0;
  }

  get ready(): boolean {
    return (this.#bits & READY) !== 0;
  }

  get createdAt(): number {
    return milliseconds(this.#createdAt);
  }

  get startedAt(): number {
    return milliseconds(this.#startedAt);
  }

  get readySince(): number {
    return milliseconds(this.#readySince);
  }

  #list(shift: number): FamilyList {
    return LISTS[(this.#bits >> shift) & MASK] ?? NO_FAMILY;
  }
}

function bitsOf(pod: PodFacts): number {
  return STATES.indexOf(pod.state) | listBitsOf(pod) | flagsOf(pod) | (SANDBOXES.indexOf(pod.sandbox) << SANDBOX);
}

function listBitsOf(pod: PodFacts): number {
  const { families, hostFamilies, declaredFamilies, pluginFamilies, strayFamilies } = pod;
  const at = (list: FamilyList, shift: number): number => LISTS.indexOf(list) << shift;
  return (
    at(families, FAMILIES) |
    at(hostFamilies, HOST_FAMILIES) |
    at(declaredFamilies, DECLARED) |
    at(pluginFamilies, PLUGIN) |
    at(strayFamilies, STRAY)
  );
}

function flagsOf({ hostNetwork, mirror, controlled, ready, otherNetwork, needsClusterDNS }: PodFacts): number {
  const flags = (hostNetwork ? HOST_NETWORK : 0) | (mirror ? MIRROR : 0) | (controlled ? CONTROLLED : 0) | (ready ? READY : 0);
  return flags | (otherNetwork ? OTHER_NETWORK : 0) | (needsClusterDNS ? CLUSTER_DNS : 0);
}

/** Whole seconds; of a dump, a time may have a part of one: it is then kept as negative milliseconds. */
function packedTime(ms: number): number {
  return ms % 1000 === 0 ? ms / 1000 : -ms;
}

function milliseconds(packed: number): number {
  return packed < 0 ? -packed : packed * 1000;
}
