import {
  deniedWords,
  familiesOfAddresses,
  familyWords,
  IPV6,
  listOf,
  missingFrom,
  NO_FAMILY,
  union,
  type FamilyList,
} from '../addresses.ts';
import { PODS_OF_HOST_NETWORK } from '../cluster/reach.ts';
import type { NodeFacts } from '../facts.ts';
import type { ClusterView } from '../view.ts';
import { lacking, type Description, type NodeCheck, type Share, type Verdict } from './check.ts';

const SET_NODE_IP = 'Give the kubelet --node-ip with an address of each family, the preferred one first, and restart it.';

/** Rule N3, KEP-3705. */
export const nodeAddressMissing: NodeCheck = {
  name: 'NodeAddressMissing',
  kind: 'Node',
  severity: 'Warning',
  description: 'A node has no InternalIP or ExternalIP of an expected family.',
  rationale:
    'Host-network pods, NodePorts and the control plane reach the node by these addresses only (k/k#91940, k3s-io/k3s#9946). Expected are the ' +
    "report's families, else those of any peer's addresses or of the node's own podCIDRs. An IPv6-only node among dual-stack ones is common on " +
    'IPv6-mostly networks (k/k#137119) and so Info.',
  remediation: SET_NODE_IP,
  needs: ['Node'],
  evaluate,
  describe,
  explains: PODS_OF_HOST_NETWORK,
  migration: { stage: 'NodeAddresses' },
  metrics: ['node_families'],
  rollUp: { over: 'all', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Verdict | undefined {
  const missing = missingFrom(node.addressFamilies, wantedOf(node, view));
  const amongDual = view.stack.nodes.families === 'DualStack';
  const ipv6Mostly = node.addressFamilies === IPV6 && amongDual && view.expected.length === 0;
  // A new node may have what its kubelet knows, and get the rest from the cloud provider.
  return lacking(missing, node.createdAt + view.grace.node, ipv6Mostly ? 'Info' : undefined);
}

/** The second family of a Windows node is not judged (N7): any one will do there. */
function wantedOf(node: NodeFacts, { nodeFamiliesWanted }: ClusterView): FamilyList {
  const wanted = union(nodeFamiliesWanted, node.podCIDRFamilies);
  if (!node.windows) return wanted;
  return node.addressFamilies.length > 0 ? NO_FAMILY : listOf(wanted.slice(0, 1));
}

function describe(node: NodeFacts, { families }: Verdict): Description {
  const has = node.addressFamilies.length === 0 ? 'no address' : `addresses of ${familyWords(node.addressFamilies)} only`;
  const asked = askedForOther(node, families);
  return {
    message: `Node ${node.name} has no ${deniedWords(families)} address (it has ${has}${asked ? `, as its kubelet's --node-ip ${node.providedNodeIP} asks` : ''})`,
    remediation: {
      description: asked
        ? `The kubelet's --node-ip names ${node.providedNodeIP} only, so the cloud provider leaves the other family out: name both, or none, and restart the kubelet.`
        : SET_NODE_IP,
      command: `kubectl get node ${node.name} -o jsonpath='{.status.addresses}'`,
    },
  };
}

/** Whether `--node-ip` is why a family is missing (k/k#111695). */
function askedForOther(node: NodeFacts, families: FamilyList): node is NodeFacts & { readonly providedNodeIP: string } {
  if (!node.providedNodeIP) return false;
  const asked = familiesOfAddresses(node.providedNodeIP.split(','));
  return asked.length > 0 && missingFrom(asked, families).length > 0;
}

function describeAll(families: FamilyList, { nodes }: Share): Description {
  return {
    message: `None of the ${nodes} nodes has an ${deniedWords(families)} address`,
    remediation: { description: `${SET_NODE_IP} On a cloud, first give the machines' network interfaces addresses of both families.` },
  };
}
