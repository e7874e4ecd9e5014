import { familiesOfAddresses, familiesOfCIDRs } from '../../core/addresses.ts';
import type { NodeFacts } from '../../core/facts.ts';
import { fields, items, text, texts } from '../wire/shapes.ts';
import { listOrOne, metadataOf, readable } from './metadata.ts';
import type { Metadata } from './metadata.ts';
import type { Projection } from './projection.ts';

const PROVIDED_NODE_IP = 'alpha.kubernetes.io/provided-node-ip';
const VIRTUAL_KUBELET_TAINT = 'virtual-kubelet.io/provider';

/** The API server takes one of each family. Each that is kept takes kilobytes in an index, so of what it would not take, so many count. */
const MOST_POD_CIDRS = 16;

export const projectNode: Projection<NodeFacts> = (object, interner) => {
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
  };
};

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
