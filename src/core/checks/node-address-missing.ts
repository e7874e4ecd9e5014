import {
  joinWithOr,
  DUAL_IPV4_FIRST,
  familiesOfAddresses,
  familyOfAddress,
  familyWords,
  IPV6,
  isDual,
  listOf,
  missingFrom,
  NO_FAMILY,
  overlap,
  union,
  type FamilyList,
} from '../net/addresses.ts';
import { PODS_OF_NETWORK, PODS_OF_NODE_ADDRESSES } from '../cluster/reach.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { addressesSettledAt } from '../cluster/grace.ts';
import type { ClusterView } from '../cluster/view.ts';
import { familiesAtPlatform, familiesOfNodesAtPlatform, otherCluster, renewMachine, setsNoFlags } from './platform-fixes.ts';
import { leaveNodeIPOut, listNodeIP, setNodeIP, takesNodeIPFlag } from './self-managed-fixes.ts';
import { setupOf } from './replace-by-tool.ts';
import { missingAddresses, nodeExposure } from './remedies.ts';
import { rolloutWords, WAIT_FOR_OPENSHIFT, waitForMachineConfig } from './openshift-fixes.ts';
import { describeConversion, restartOldPods, WAIT_FOR_AKS } from './unfinished-conversion.ts';
import { areUpdated, changedLast } from './family-removal.ts';
import { lackedByPods, stepsForPods } from './cluster-stack-inconsistent.ts';
import {
  violation,
  type Description,
  type NodeCheck,
  type Remediation,
  type RemediationStep,
  type Share,
  type Violation,
} from './check.ts';

/** rules.md#node-addresses, #node-ip-of-both-families. */
export const nodeAddressMissing: NodeCheck = {
  name: 'NodeAddressMissing',
  kind: 'Node',
  severity: 'Warning',
  description: 'A node has no InternalIP or ExternalIP of an expected family.',
  rationale:
    'Host-network pods, NodePorts and the control plane reach the node only by these addresses (kubernetes/kubernetes#91940, ' +
    'k3s-io/k3s#9946). The expected families are those of the report. By default they are the families that podCIDRs in use, pods ' +
    'and Services have. That some nodes list an address of a second family does not make it expected on others ' +
    '(aws/containers-roadmap#1703). The pod network does not need node addresses of both families, because overlays run over ' +
    'either one (cilium/cilium#40324). So an IPv6-only node, as on IPv6-mostly networks (kubernetes/kubernetes#137119), is Info. ' +
    'A link-local address does not count, because others cannot reach it (kubernetes/kubernetes#130409). A node has five minutes ' +
    'after its creation, and after each change of its Ready condition, because a machine that starts gets its addresses one after ' +
    'the other. A node that has no ' +
    'podCIDR of the family either joined before the cluster had the family, so NodePodCIDRMissing is the cause. Without podCIDRs, ' +
    'AKS and OpenShift convert a cluster node by node: the nodes that are left, whose pods lack the family too, are one finding. ' +
    'If they changed later than the others, nothing is still to be converted: the family is being removed, or fails to reach them.',
  remediation: 'Set --node-ip of the kubelet to an address of each family, the preferred one first, and restart it.',
  needs: ['Node'],
  evaluate,
  describe,
  explains: PODS_OF_NODE_ADDRESSES,
  // A node from before the family came has neither: it is to be replaced, which gives it both. One without any podCIDR says nothing about that.
  causedThrough: {
    kind: 'Node',
    objects: (node) => (node.podCIDRs.length > 0 ? [node] : []),
    missing: ({ podCIDRFamilies }: NodeFacts, families, { podCIDRFamiliesWanted }) =>
      listOf(families.filter((family) => podCIDRFamiliesWanted.includes(family) && !podCIDRFamilies.includes(family))),
    explaining: PODS_OF_NETWORK,
    counts: () => true,
  },
  migration: { stage: 'NodeAddresses' },
  metrics: ['node_families'],
  rollUp: { over: 'all', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const missing = missingFrom(node.addressFamilies, wantedOf(node, view));
  if (missing.length === 0 || view.isMadeUp(node)) return undefined;
  const hasOne = node.addressFamilies !== NO_FAMILY;
  const isByDesign = view.expected.length === 0 && (node.addressFamilies === IPV6 || (node.isOldOpenShift && hasOne));
  const isInfo = (isByDesign || (node.windows && hasOne)) && !overlap(missing, view.conversion.withheld);
  const isLeft = hasOne && view.conversion.isLeft(missing);
  // A new node may have what its kubelet knows, and get the rest from the cloud provider.
  const found = violation(missing, addressesSettledAt(node, view.grace), isInfo ? 'Info' : undefined);
  // What a conversion has yet to reach is one fault.
  return found && { ...found, together: isLeft };
}

/** One family is enough on a Windows node (rules.md#skipped-nodes), unless its podCIDRs or pods show that it has both. */
function wantedOf(node: NodeFacts, view: ClusterView): FamilyList {
  const ofPodCIDRs = view.stack.podCIDRs.inUse ? node.podCIDRFamilies : NO_FAMILY;
  const wanted = union(view.nodeFamiliesWanted, ofPodCIDRs);
  if (!node.windows || isDual(union(node.podCIDRFamilies, familiesOn(node, view)))) return wanted;
  return node.addressFamilies.length > 0 ? NO_FAMILY : listOf(wanted.slice(0, 1));
}

function familiesOn(node: NodeFacts, view: ClusterView): FamilyList {
  const { having } = view.podsOn(node);
  return listOf(DUAL_IPV4_FIRST.filter((family) => having[family] > 0));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const has = hasWords(node, families);
  return {
    message: `Node ${node.name} has no ${joinWithOr(families)} address (${has}${requestWords(node, families)})${rolloutWords([node], view)}`,
    remediation: remedyOf(node, families, view),
  };
}

function requestWords(node: NodeFacts, families: FamilyList): string {
  if (requestedOther(node, families)) return `, as its kubelet's --node-ip ${node.providedNodeIP} asks`;
  return requestedInVain(node, families) ? `, though its kubelet's --node-ip is ${node.providedNodeIP}` : '';
}

const UPGRADE_OPENSHIFT: Remediation = {
  summary:
    'Upgrade to OpenShift 4.14 or newer: on vSphere, older versions pass no address to the kubelets, so nodes list one family by design.',
  steps: [],
};

function remedyOf(node: NodeFacts, families: FamilyList, view: ClusterView): Remediation {
  if (node.isOldOpenShift) return UPGRADE_OPENSHIFT;
  const remediation = setsNoFlags(view) ? replaceNode(node, families, view) : nameInFlag(node, families, view);
  if (!isLast(node, families, view)) return remediation;
  // The pods on a machine that is changed restart with it.
  const others = [...view.nodes()].filter((other) => other !== node && !nodeSkipReason(other));
  const steps = others.length > 0 || !setsNoFlags(view) ? restartOldPods(families, view) : [];
  return { ...remediation, steps: [...remediation.steps, ...steps] };
}

/** Whether a node is the last one that a conversion has yet to reach. */
function isLast(node: NodeFacts, families: FamilyList, view: ClusterView): boolean {
  return view.conversion.isUnderWay && isToBeConverted(node, families, view);
}

/** Whether its platform is yet to give a node what others have. */
function isToBeConverted(node: NodeFacts, families: FamilyList, view: ClusterView): boolean {
  return view.conversion.isLeft(families) && !changedLast([node], view) && !areUpdated([node], families, view);
}

function seeAddresses({ name }: NodeFacts): RemediationStep {
  return {
    description: 'See which addresses the node has.',
    command: `kubectl get node ${name} -o jsonpath='{.status.addresses}'`,
    disruption: 'None',
  };
}

const ONE_IN_FLAG = 'before Kubernetes 1.29, the kubelet takes one address in --node-ip beside a cloud provider';

function nameInFlag(node: NodeFacts, families: FamilyList, { platform }: ClusterView): Remediation {
  if (!takesNodeIPFlag(platform.name)) {
    return {
      summary: `Give the node ${missingAddresses(families)}, as far as ${platform.name}, which sets up its kubelet, allows that.`,
      steps: [seeAddresses(node), setNodeIP(platform.name, families)],
    };
  }
  if (!node.takesDualNodeIP) {
    return {
      summary: `Give the machine ${missingAddresses(families)}, and let the cloud provider list it: ${ONE_IN_FLAG}.`,
      steps: [seeAddresses(node), leaveNodeIPOut(families)],
    };
  }
  if (requestedInVain(node, families)) {
    return { summary: haveListed(families), steps: [seeAddresses(node), listNodeIP(platform.name, families)] };
  }
  return {
    summary: requestedOther(node, families)
      ? `Name both families in the kubelet's --node-ip, which is ${node.providedNodeIP} now, or leave the flag out.`
      : `Give the node ${missingAddresses(families)}, and name both families in the kubelet's --node-ip.`,
    steps: [seeAddresses(node), setNodeIP(setupOf([node], platform.name), families)],
  };
}

function haveListed(families: FamilyList): string {
  return `Have the cloud provider list ${missingAddresses(families)}: --node-ip of the kubelet names both families already.`;
}

/** Where the platform configures kubelets. */
function replaceNode(node: NodeFacts, families: FamilyList, view: ClusterView): Remediation {
  const other = otherCluster(families, view);
  if (other) {
    return {
      summary: `Do not expect ${familyWords(families)} of this cluster, whose pods and Services cannot have it, or create another one.`,
      steps: [other],
    };
  }
  const { name } = view.platform;
  if (name === 'OpenShift' && isToBeConverted(node, families, view)) {
    return { summary: WAIT_FOR_OPENSHIFT, steps: [seeAddresses(node), ...waitForMachineConfig([node], families, view)] };
  }
  // Its machines stay, and get addresses when they boot.
  const isReplaced = name !== 'OpenShift' || node.ofKarpenter;
  return {
    summary: `${isReplaced ? 'Replace the node with one that has' : 'Give the machine of the node'} ${missingAddresses(families)}: ${name} configures its kubelet.`,
    steps: [
      seeAddresses(node),
      ...(name === 'AKS' && isLast(node, families, view) ? [WAIT_FOR_AKS] : []),
      ...renewMachine(node, view, nodeExposure(families)),
    ],
  };
}

function hasWords({ addresses, addressFamilies }: NodeFacts, families: FamilyList): string {
  const unusable = addresses.filter((address) => families.some((family) => familyOfAddress(address) === family));
  if (unusable.length > 0) return `its only one is ${unusable.join(', ')}, which others cannot reach`;
  return addressFamilies.length === 0 ? 'it has no address' : `it has addresses of ${familyWords(addressFamilies)} only`;
}

/** Whether `--node-ip` is why a family is missing (k/k#111695). */
function requestedOther(node: NodeFacts, families: FamilyList): node is NodeFacts & { readonly providedNodeIP: string } {
  if (!node.providedNodeIP) return false;
  const requested = familiesOfAddresses(node.providedNodeIP.split(','));
  return requested.length > 0 && missingFrom(requested, families).length > 0;
}

/** Whether `--node-ip` names the missing families, so that setting it changes nothing. */
function requestedInVain({ providedNodeIP }: NodeFacts, families: FamilyList): boolean {
  return providedNodeIP !== undefined && missingFrom(familiesOfAddresses(providedNodeIP.split(',')), families).length === 0;
}

function describeAll(families: FamilyList, share: Share, view: ClusterView): Description {
  const { nodes, of } = share;
  const isDifferent = isDual(families);
  const missing = isDifferent ? 'an address of each family that it lacks' : missingAddresses(families);
  const atPlatform = familiesOfNodesAtPlatform(families, view, nodeExposure(families));
  const message = `None of the ${nodes} nodes has ${isDifferent ? 'addresses of both families' : `an ${joinWithOr(families)} address`}`;
  if ([...view.nodes()].some((node) => node.isOldOpenShift && !nodeSkipReason(node))) return { message, remediation: UPGRADE_OPENSHIFT };
  if (!isDifferent && (nodes < of || view.conversion.isRollingOut)) return describeConversion(families, share, view);
  const ofNodes = atPlatform
    ? { summary: `Give the nodes ${missing}: ${view.platform.name} configures them.`, steps: atPlatform }
    : inEachFlag(missing, families, view);
  return { message, remediation: { ...ofNodes, steps: [...ofNodes.steps, ...givePods(families, view)] } };
}

/** Where Services have families that neither nodes nor pods have, the nodes come first, and the pods then. */
function givePods(families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  const lacked = listOf(families.filter((family) => lackedByPods(view.stack).includes(family)));
  return lacked.length > 0 && !familiesAtPlatform(lacked, view) ? stepsForPods(lacked, view) : [];
}

/** Only some of the kubelets may take both families, as in an upgrade. */
function inEachFlag(missing: string, families: FamilyList, view: ClusterView): Remediation {
  const { name } = view.platform;
  if (!takesNodeIPFlag(name)) {
    return {
      summary: `Give each node ${missing}, as far as ${name}, which sets up their kubelets, allows that.`,
      steps: [setNodeIP(name, families)],
    };
  }
  const nodes = [...view.nodes()].filter((node) => !nodeSkipReason(node));
  const without = nodes.filter(({ addressFamilies }) => missingFrom(addressFamilies, families).length > 0);
  if (without.every((node) => requestedInVain(node, families))) {
    return { summary: haveListed(families), steps: [listNodeIP(name, families)] };
  }
  const takeBoth = nodes.some(({ takesDualNodeIP }) => takesDualNodeIP);
  const takeOne = nodes.some(({ takesDualNodeIP }) => !takesDualNodeIP);
  const steps = [...(takeOne ? [leaveNodeIPOut(families)] : []), ...(takeBoth ? [setNodeIP(setupOf(nodes, name), families)] : [])];
  if (!takeOne) return { summary: `Give each node ${missing}, and name both families in its kubelet's --node-ip.`, steps };
  return { summary: `Give each machine ${missing}, and let the cloud provider list it: ${ONE_IN_FLAG}.`, steps };
}
