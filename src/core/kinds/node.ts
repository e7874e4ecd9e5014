import { familiesOfAddresses, familiesOfCIDRs, type FamilyList } from '../addresses.ts';
import { object, objects, string, strings } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind } from './kind.ts';
import { listOrOne, METADATA, metadataOf, readable, type Metadata } from './metadata.ts';
import { platformHintOf } from './platform-hint.ts';
import { fields, items, text, texts } from './shapes.ts';

export interface NodeFacts {
  readonly kind: 'Node';
  readonly name: string;
  readonly createdAt: number;
  readonly deleting: boolean;
  /** A virtual-kubelet or Fargate node: it has no pod network of its own (rule N7). */
  readonly virtual: boolean;
  /** Windows overlay networks have no second family (rule K3). */
  readonly windows: boolean;
  readonly podCIDRs: readonly string[];
  readonly podCIDRFamilies: FamilyList;
  /** The families of InternalIP and ExternalIP, in the order of `status.addresses`. */
  readonly addressFamilies: FamilyList;
  /** What `--node-ip` asked for, where an external cloud provider recorded it (rule N3), as written. */
  readonly providedNodeIP: string | undefined;
  /** What shows its platform, as `EKS: the label eks.amazonaws.com/nodegroup`; empty where nothing does. */
  readonly platformHint: string;
}

/** Why a node is not judged (rule N7). */
export type NodeLeftOut = 'virtual' | 'deleting';

const PROVIDED_NODE_IP = 'alpha.kubernetes.io/provided-node-ip';
const VIRTUAL_KUBELET_TAINT = 'virtual-kubelet.io/provider';

/** The API server takes one of each family. Each that is kept takes kilobytes in an index, so of what it would not take, so many count. */
const MOST_POD_CIDRS = 16;

function factsOf(object: unknown, interner: Interner): NodeFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec, status } = fields(object);
  const { podCIDR, podCIDRs: list, taints } = fields(spec);
  const { addresses, nodeInfo } = fields(status);
  const podCIDRs = listOrOne(texts(list), podCIDR).slice(0, MOST_POD_CIDRS);
  return {
    kind: 'Node',
    name: interner.text(metadata.name),
    createdAt: metadata.createdAt,
    deleting: metadata.deleting,
    virtual: isVirtual(metadata, taints),
    windows: metadata.labels['kubernetes.io/os'] === 'windows' || fields(nodeInfo)['operatingSystem'] === 'windows',
    podCIDRs,
    podCIDRFamilies: familiesOfCIDRs(podCIDRs),
    addressFamilies: familiesOfAddresses(ownAddresses(addresses)),
    providedNodeIP: text(metadata.annotations[PROVIDED_NODE_IP]) || undefined,
    platformHint: interner.text(platformHintOf(metadata, spec, nodeInfo)),
  };
}

/** What virtual-kubelet and EKS give their nodes; none has a pod network of its own (rule N7). */
function isVirtual({ labels }: Metadata, taints: unknown): boolean {
  if (labels['type'] === 'virtual-kubelet') return true;
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') return true;
  return items(taints).some((taint) => fields(taint)['key'] === VIRTUAL_KUBELET_TAINT);
}

/** Addresses of type InternalIP and ExternalIP; the others are names. */
function ownAddresses(addresses: unknown): string[] {
  return readable(items(addresses))
    .map(fields)
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => text(address));
}

/** A NotReady node is judged. */
function leftOut({ deleting, virtual }: NodeFacts): NodeLeftOut | undefined {
  if (deleting) return 'deleting';
  return virtual ? 'virtual' : undefined;
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
      addresses: objects(5, { type: string(1), address: string(2) }),
      nodeInfo: object(7, { osImage: string(5), kubeletVersion: string(7), operatingSystem: string(9) }),
    }),
  },
  facts: factsOf,
  key: ({ name }) => name,
  skip: leftOut,
});
