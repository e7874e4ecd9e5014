import { containedBy, familiesOfCIDRs, isRedacted, usableFamilies, type FamilyList } from '../net/addresses.ts';
import { object, objects, string, strings } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind, type FactSettings } from './kind.ts';
import { minorOf } from './kubelet-version.ts';
import { matchesLabels } from './label-selector.ts';
import {
  annotation,
  CONDITION_FIELDS,
  conditionOf,
  listOrOne,
  METADATA,
  metadataOf,
  present,
  readable,
  type Metadata,
} from './metadata.ts';
import { isOfKarpenter, networkHintOf, platformHintOf } from './platform-hint.ts';
import { fields, items, text, texts, timeOf } from './shapes.ts';

/** `Etcd`: a server of k3s or RKE2 with a member of their etcd, which is removed with its Node object. */
export type NodeRole = 'Worker' | 'ControlPlane' | 'Etcd';

/** Whether OpenShift is changing the configuration of a machine, or cannot. */
export type MachineConfigState = 'Updating' | 'Degraded';

export interface NodeFacts {
  readonly kind: 'Node';
  readonly name: string;
  readonly createdAt: number;
  readonly deleting: boolean;
  /** A virtual-kubelet or Fargate node, or one of `--virtual-node-selector`: it has no pod network of its own (rules.md#skipped-nodes). */
  readonly virtual: boolean;
  /** Whether it is a virtual one that KWOK simulates: no container of its pods runs. */
  readonly simulated: boolean;
  /** Whether a virtual cluster made it up: its addresses, if it has any, are not those of a machine. */
  readonly madeUp: boolean;
  /** Whether its Ready condition is there and not True. */
  readonly notReady: boolean;
  /** When that last changed, in milliseconds since the epoch; 0 where nothing says so. */
  readonly readyChangedAt: number;
  /** Whether a cloud provider has yet to fill in what it knows of it. */
  readonly uninitialized: boolean;
  /** What its `node-role.kubernetes.io` labels say. */
  readonly role: NodeRole;
  /** Windows overlay networks have no second family (rules.md#windows-overlay). */
  readonly windows: boolean;
  readonly podCIDRs: readonly string[];
  readonly podCIDRFamilies: FamilyList;
  /** The families of InternalIP and ExternalIP, in the order of `status.addresses`. */
  readonly addressFamilies: FamilyList;
  /** InternalIP and ExternalIP, as written, those that are of no use to others included. */
  readonly addresses: readonly string[];
  /** The container runtime without its version, as in `containerd`; empty where the node does not say. */
  readonly runtime: string;
  /** Whether some address or podCIDR cannot be read, as in a redacted dump: it may be of any family. */
  readonly unreadable: boolean;
  /** What `--node-ip` requests, where an external cloud provider recorded it (rules.md#node-addresses), as written. */
  readonly providedNodeIP: string | undefined;
  /** Whether its kubelet takes addresses of both families in `--node-ip` (rules.md#node-ip-of-both-families). */
  readonly takesDualNodeIP: boolean;
  /** Whether it is of OpenShift before 4.14 on vSphere, which passes no addresses to kubelets (rules.md#node-ip-of-both-families). */
  readonly isOldOpenShift: boolean;
  /** What the Machine Config Operator of OpenShift is doing with it; undefined where that is nothing (rules.md#machine-config-rollout). */
  readonly machineConfig: MachineConfigState | undefined;
  /** Whether Cluster API made it for an owner that makes another one in its place (rules.md#machines-of-cluster-api). */
  readonly hasMachineOwner: boolean;
  /** The configurations of its machine by that operator: the present one, and the one that it is to have; empty where there is none. */
  readonly currentConfig: string;
  readonly desiredConfig: string;
  /** What shows its platform, as `EKS: the label eks.amazonaws.com/nodegroup`; empty where nothing does. */
  readonly platformHint: string;
  /** The same of its CNI plugin, as far as annotations show it. */
  readonly networkHint: string;
  /** Whether Karpenter made it, and makes another one in its place. */
  readonly ofKarpenter: boolean;
}

/** Why a node is not evaluated (rules.md#skipped-nodes). */
export type NodeSkipReason = 'virtual' | 'deleting' | 'unreadable';

const PROVIDED_NODE_IP = 'alpha.kubernetes.io/provided-node-ip';
const VIRTUAL_KUBELET = 'virtual-kubelet.io/provider';
const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized';

/** vcluster makes such a node for each that its pods run on. It lists the clusterIP of a Service, or nothing but a name. */
const MADE_UP = 'vcluster.loft.sh/fake-node';

/** KWOK manages the nodes with this annotation, and its own manifests put the label beside it. */
const SIMULATED_KEY = 'kwok.x-k8s.io/node';
const SIMULATED_TYPE = 'kwok';

/** The labels of nodes behind which there is no kubelet with a pod network of the cluster. */
const VIRTUAL_LABELS: Readonly<Record<string, readonly string[]>> = {
  type: [SIMULATED_TYPE],
  'eks.amazonaws.com/compute-type': ['fargate'],
  'liqo.io/type': ['virtual-node'],
  'node.kubernetes.io/instance-type': ['eklet'],
};
/** The value of the label `type`, with the prefix of the provider or without: interLink's is `virtual-node.interlink/type`. */
const VIRTUAL_TYPE = 'virtual-kubelet';
/** Labels, annotations and taints that say the same, whatever their value. */
const VIRTUAL_KEYS = [
  VIRTUAL_KUBELET,
  'virtual-node.interlink/no-schedule',
  'virtual-node.liqo.io/not-allowed',
  'eks.tke.cloud.tencent.com/eklet',
  SIMULATED_KEY,
];

/** The API server takes one of each family. Each that is kept takes kilobytes in an index, so of what it would not take, so many count. */
const MOST_POD_CIDRS = 16;

function factsOf(object: unknown, interner: Interner, { virtualNodes }: FactSettings = {}): NodeFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec, status } = fields(object);
  const { podCIDR, podCIDRs: list, taints } = fields(spec);
  const { addresses, conditions, nodeInfo } = fields(status);
  const { status: ready, lastTransitionTime } = conditionOf(conditions, 'Ready');
  const own = ownAddresses(addresses);
  const providedNodeIP = text(metadata.annotations[PROVIDED_NODE_IP]);
  const podCIDRs = listOrOne(texts(list), podCIDR).slice(0, MOST_POD_CIDRS);
  return {
    kind: 'Node',
    name: interner.text(metadata.name),
    createdAt: metadata.createdAt,
    deleting: metadata.deleting,
    virtual: isVirtual(metadata, taints, virtualNodes),
    simulated: metadata.labels['type'] === SIMULATED_TYPE || hasVirtualKey(metadata, taints, SIMULATED_KEY),
    madeUp: present(metadata.labels[MADE_UP]) || isDisplaced(providedNodeIP, own),
    notReady: present(ready) && ready !== 'True',
    readyChangedAt: timeOf(lastTransitionTime),
    uninitialized: hasTaint(taints, UNINITIALIZED),
    role: roleOf(metadata.labels),
    windows: metadata.labels['kubernetes.io/os'] === 'windows' || fields(nodeInfo)['operatingSystem'] === 'windows',
    podCIDRs,
    podCIDRFamilies: familiesOfCIDRs(podCIDRs),
    addressFamilies: usableFamilies(own),
    addresses: own.filter((address) => address !== ''),
    runtime: interner.text(text(fields(nodeInfo)['containerRuntimeVersion']).replace(/:\/\/.*$/s, '')),
    unreadable: [...own, ...podCIDRs].some(isRedacted),
    providedNodeIP: providedNodeIP || undefined,
    takesDualNodeIP: takesDualNodeIP(text(fields(nodeInfo)['kubeletVersion']), text(fields(spec)['providerID']), providedNodeIP),
    isOldOpenShift: isOldOpenShift(metadata, spec, nodeInfo),
    machineConfig: machineConfigOf(metadata),
    hasMachineOwner: hasMachineOwner(metadata),
    currentConfig: interner.text(annotation(metadata.annotations, CURRENT_CONFIG)),
    desiredConfig: interner.text(annotation(metadata.annotations, DESIRED_CONFIG)),
    platformHint: interner.text(platformHintOf(metadata, spec, nodeInfo)),
    ofKarpenter: isOfKarpenter(metadata),
    networkHint: networkHintOf(metadata),
  };
}

/** The first minor version of Kubernetes 1 whose kubelet takes both families beside a cloud provider. */
const DUAL_NODE_IP_SINCE = 29;
/** Of machines without a cloud provider, or with that of k3s and RKE2, which takes both. */
const WITHOUT_CLOUD = /^(?:kind|docker|metal3|k3s|rke2):/;
/** k3s and RKE2 enable both families, whichever provider there is. */
const SWITCHED_ON = /\+(?:k3s|rke2)/;

/** A version that cannot be read says nothing against it. What a kubelet requested, it took. */
function takesDualNodeIP(kubeletVersion: string, providerID: string, providedNodeIP: string): boolean {
  const minor = minorOf(kubeletVersion);
  if (minor === undefined || minor >= DUAL_NODE_IP_SINCE || SWITCHED_ON.test(kubeletVersion)) return true;
  if (providedNodeIP !== '') return providedNodeIP.includes(',');
  return providerID === '' || WITHOUT_CLOUD.test(providerID);
}

function roleOf(labels: Metadata['labels']): NodeRole {
  const has = (role: string): boolean => present(labels[`node-role.kubernetes.io/${role}`]);
  if (has('etcd')) return 'Etcd';
  return has('control-plane') || has('master') ? 'ControlPlane' : 'Worker';
}

/** That of OpenShift 4.14, the first one that passes both addresses to kubelets on vSphere. */
const OPENSHIFT_NODE_IP_SINCE = 27;

function isOldOpenShift({ labels }: Metadata, spec: unknown, nodeInfo: unknown): boolean {
  if (!present(labels['node.openshift.io/os_id']) || !text(fields(spec)['providerID']).startsWith('vsphere://')) return false;
  return (minorOf(text(fields(nodeInfo)['kubeletVersion'])) ?? OPENSHIFT_NODE_IP_SINCE) < OPENSHIFT_NODE_IP_SINCE;
}

const MACHINE_CONFIG = 'machineconfiguration.openshift.io/';
const CURRENT_CONFIG = `${MACHINE_CONFIG}currentConfig`;
const DESIRED_CONFIG = `${MACHINE_CONFIG}desiredConfig`;
const MACHINE_CONFIG_FAILED: readonly string[] = ['Degraded', 'Unreconcilable'];

/** A daemon on each node brings its current configuration to the one that the controller chose for it, and says how that goes. */
function machineConfigOf({ annotations }: Metadata): MachineConfigState | undefined {
  const state = annotation(annotations, `${MACHINE_CONFIG}state`);
  if (MACHINE_CONFIG_FAILED.includes(state)) return 'Degraded';
  const current = annotation(annotations, CURRENT_CONFIG);
  const desired = annotation(annotations, DESIRED_CONFIG);
  const isChosen = current !== '' && desired !== '' && current !== desired;
  return isChosen || state === 'Working' || state === 'Rebooting' ? 'Updating' : undefined;
}

/** Virtual kubelets and their like have no pod network of the cluster (rules.md#skipped-nodes). */
function hasMachineOwner({ annotations }: Metadata): boolean {
  const isNamed = annotation(annotations, 'cluster.x-k8s.io/machine') !== '';
  return isNamed && /^MachineSet$|ControlPlane$/.test(annotation(annotations, 'cluster.x-k8s.io/owner-kind'));
}

function isVirtual({ labels, annotations }: Metadata, taints: unknown, selector: FactSettings['virtualNodes']): boolean {
  if (selector !== undefined && matchesLabels(selector, labels)) return true;
  if (Object.entries(VIRTUAL_LABELS).some(([key, values]) => values.some((value) => labels[key] === value))) return true;
  if (Object.entries(labels).some(([key, value]) => value === VIRTUAL_TYPE && /(?:^|\/)type$/.test(key))) return true;
  return VIRTUAL_KEYS.some((key) => hasVirtualKey({ labels, annotations }, taints, key));
}

function hasVirtualKey({ labels, annotations }: Pick<Metadata, 'labels' | 'annotations'>, taints: unknown, key: string): boolean {
  return present(labels[key]) || present(annotations[key]) || hasTaint(taints, key);
}

/** Whether a node lists other addresses than its kubelet requested, which no cloud provider accepts: a virtual cluster put its own in their place. */
function isDisplaced(providedNodeIP: string, own: readonly string[]): boolean {
  const provided = providedNodeIP.split(',').filter((address) => usableFamilies([address]).length > 0);
  return provided.length > 0 && own.length > 0 && !provided.some((address) => own.some(isSameAs(address)));
}

/** Whether another text is the same address, which may be spelled in several ways. */
function isSameAs(address: string): (other: string) => boolean {
  return containedBy(`${address}/${address.includes(':') ? 128 : 32}`);
}

function hasTaint(taints: unknown, key: string): boolean {
  return items(taints).some((taint) => fields(taint)['key'] === key);
}

/** Addresses of type InternalIP and ExternalIP; the others are names. */
function ownAddresses(addresses: unknown): string[] {
  return readable(items(addresses))
    .map(fields)
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => text(address));
}

/** A NotReady node is evaluated. */
function skipped({ deleting, virtual, unreadable }: NodeFacts): NodeSkipReason | undefined {
  if (deleting) return 'deleting';
  if (virtual) return 'virtual';
  return unreadable ? 'unreadable' : undefined;
}

/** k8s.io/api v0.36.3, core/v1. */
export const node = defineKind({
  name: 'Node',
  resource: { group: '', versions: ['v1'], plural: 'nodes', namespaced: false, servedBy: 'Every Kubernetes API server serves it.' },
  role: 'evaluated',
  reason: 'Which families the addresses and podCIDRs of each node have.',
  fields: {
    metadata: METADATA,
    spec: object(2, { podCIDR: string(1), providerID: string(3), podCIDRs: strings(7), taints: objects(5, { key: string(1) }) }),
    status: object(3, {
      conditions: objects(4, CONDITION_FIELDS),
      addresses: objects(5, { type: string(1), address: string(2) }),
      nodeInfo: object(7, {
        osImage: string(5),
        containerRuntimeVersion: string(6),
        kubeletVersion: string(7),
        operatingSystem: string(9),
      }),
    }),
  },
  facts: factsOf,
  key: ({ name }) => name,
  skip: skipped,
});
