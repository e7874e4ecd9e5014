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
import { missingAddresses, nodeExposure } from '../remedies.ts';
import { lacking, type Description, type NodeCheck, type RemediationStep, type Share, type Verdict } from './check.ts';

const SET_NODE_IP = 'Give the kubelet --node-ip with an address of each family, the preferred one first, and restart it.';
const ON_A_CLOUD =
  "Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on.";

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
      summary: asked
        ? `Name both families in the kubelet's --node-ip, which is ${node.providedNodeIP} now, or leave the flag out.`
        : `Give the node ${missingAddresses(families)}, and name both families in the kubelet's --node-ip.`,
      steps: [
        {
          description: 'See which addresses the node has.',
          command: `kubectl get node ${node.name} -o jsonpath='{.status.addresses}'`,
          disruption: 'None',
        },
        setNodeIP(families),
      ],
    },
  };
}

/** A restart of the kubelet leaves pods as they are. */
function setNodeIP(families: FamilyList): RemediationStep {
  return {
    description: `${ON_A_CLOUD} Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. Pods keep running; host-network pods get the new address when they restart.`,
    disruption: 'None',
    exposes: nodeExposure(families),
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
    remediation: {
      summary: `Give each node ${missingAddresses(families)}, and name both families in its kubelet's --node-ip.`,
      steps: [setNodeIP(families)],
    },
  };
}
