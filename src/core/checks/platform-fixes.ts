import { IPV6, missingFrom, union, type FamilyList } from '../net/addresses.ts';
import { layerFamilies } from '../cluster/stack.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { RemediationStep } from './check.ts';
import { nodeExposure } from './remedies.ts';
import { correctNodeClass, deleteNodeClaim, exceptOfKarpenter, JOIN_AGAIN, replaceByTool } from './replace-by-tool.ts';

interface Setting extends Pick<RemediationStep, 'description' | 'disruption'> {
  /** Whether nodes from before have to be replaced after it, which the platform leaves to its users. */
  readonly leavesNodes?: boolean;
  /** Whether only another cluster can have the family. */
  readonly isFixed?: boolean;
}

/** Where nobody sets flags of kubelets or of the control plane: how a cluster gets IPv6 beside IPv4 there. */
const IPV6_SETTINGS: Readonly<Record<string, Setting>> = {
  GKE: {
    description:
      'Make the subnet dual-stack (gcloud compute networks subnets update SUBNET --stack-type=IPV4_IPV6 --ipv6-access-type=INTERNAL), then the cluster: gcloud container clusters update CLUSTER --stack-type=ipv4-ipv6.',
    disruption: 'None',
    leavesNodes: true,
  },
  AKS: {
    description:
      'Give the virtual network IPv6, then the cluster, where it has Azure CNI Overlay: az aks update --resource-group GROUP --name CLUSTER --ip-families ipv4,ipv6. AKS reimages the nodes.',
    disruption: 'RecreatesNode',
  },
};

/** The same for either family. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  EKS: {
    description:
      'Create another cluster for the other family: Amazon EKS gives pods and Services one family, which is chosen when a cluster is created and cannot be changed.',
    disruption: 'None',
    isFixed: true,
  },
  'Google Distributed Cloud': {
    description: 'Create another cluster with both families: Google Distributed Cloud takes them when a cluster is created, and not later.',
    disruption: 'None',
    isFixed: true,
  },
  Gardener: {
    description: 'Add the family to spec.networking.ipFamilies of the Shoot, behind the present one.',
    disruption: 'None',
    leavesNodes: true,
  },
  OpenShift: {
    description:
      'Add a range of the family to clusterNetwork and serviceNetwork of network.config.openshift.io/cluster, behind the present one. OpenShift restarts its nodes for that, one after the other.',
    disruption: 'RecreatesNode',
  },
};

const OF_ANY_PROVIDER: Setting = {
  description:
    'Set both IP families of the cluster and of its node pools at the provider, which configures kubelets and the control plane. Some providers allow that only when a cluster is created.',
  disruption: 'None',
  leavesNodes: true,
};

/**
 * How a cluster gets families on a platform that configures kubelets and the control plane itself.
 * @returns undefined where that is left to flags
 */
export function familiesAtPlatform(families: FamilyList, { platform }: ClusterView): RemediationStep | undefined {
  const setting = settingOf(families, platform);
  if (!setting) return undefined;
  const { description, disruption } = setting;
  return disruption === 'None' ? { description, disruption } : { description, disruption, exposes: nodeExposure(families) };
}

function settingOf(families: FamilyList, { name, managed }: ClusterView['platform']): Setting | undefined {
  const ofIPv6 = families === IPV6 ? IPV6_SETTINGS[name] : undefined;
  return ofIPv6 ?? SETTINGS[name] ?? (managed === true ? OF_ANY_PROVIDER : undefined);
}

/** Whether pods or Services have families, so that the platform is set to give them. */
function areGiven(families: FamilyList, { podFamiliesSeen, stack }: ClusterView): boolean {
  return missingFrom(union(union(podFamiliesSeen, stack.podCIDRs.families), layerFamilies(stack.services)), families).length === 0;
}

/** What gives IPv6 to nodes where neither another machine nor a setting does: pods and Services of the cluster cannot have it. */
export function otherCluster(families: FamilyList, view: ClusterView): RemediationStep | undefined {
  const isFixed = families === IPV6 && settingOf(families, view.platform)?.isFixed === true && !areGiven(families, view);
  return isFixed ? familiesAtPlatform(families, view) : undefined;
}

/** The same as far as it is to be done, and what gives them to the nodes that are there. */
export function familiesOfNodesAtPlatform(
  families: FamilyList,
  view: ClusterView,
  exposes: string,
): readonly RemediationStep[] | undefined {
  const step = familiesAtPlatform(families, view);
  if (!step) return undefined;
  if (areGiven(families, view)) return [renewMachines(view, exposes)];
  return settingOf(families, view.platform)?.leavesNodes === true ? [step, replaceMachines(view, exposes)] : [step];
}

/** Whether the platform configures kubelets and the control plane itself, so that nobody sets their flags. */
export function setsNoFlags(view: ClusterView): boolean {
  return familiesAtPlatform(IPV6, view) !== undefined;
}

const REBOOT_OPENSHIFT =
  'Give its interface an address of the family and reboot the machine: nodeip-configuration.service passes the addresses to the kubelet when the machine boots.';

/** What gives a machine an address. */
const ADDRESSED_MACHINES: Readonly<Record<string, string>> = {
  EKS: 'Delete its machine, so that the node group or Karpenter makes another one: in a subnet with the family, and with the range of the Services of the cluster in its user data (cidr in the NodeConfig of nodeadm; --ip-family and --service-ipv6-cidr of bootstrap.sh).',
  OpenShift: `${REBOOT_OPENSHIFT} Uncordon the node afterwards.`,
};

const NEW_MACHINE = 'Delete its machine at the provider, so that the node pool makes another one with what the pool has today.';

/** What makes another machine, where there is more to say of it. */
const NEW_MACHINES: Readonly<Record<string, string>> = {
  OpenShift:
    'Delete the Machine that annotation machine.openshift.io/machine of the node names, so that its MachineSet makes another one. Where there is no such Machine, remove the host and install it again.',
  GKE: `${NEW_MACHINE} On Autopilot, which has no machines of yours, the autoscaler removes the drained node.`,
};

/** What drains and replaces machines by itself. */
const REPLACED: Readonly<Record<string, (node: string) => string>> = {
  AKS: () => REIMAGE,
  'Google Distributed Cloud': () => `Give the interface of its machine an address of the family. Then ${JOIN_AGAIN}`,
  Gardener: (node) =>
    `Let Gardener replace the machine: annotate the node with node.machine.sapcloud.io/trigger-deletion-by-mcm=true (kubectl annotate node ${node}). machine-controller-manager then drains it, deletes it and makes another one. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.`,
};

const REIMAGE =
  'Replace the nodes of the pool, where there is a newer node image: az aks nodepool upgrade --resource-group GROUP --cluster-name CLUSTER --name POOL --node-image-only. Otherwise add a pool and delete this one. Either way, AKS evicts the pods of one node after the other, which start on other nodes and lose their emptyDir volumes.';

/** Gives a node whose machine the platform makes an address that it lacks. */
export function renewMachine(node: NodeFacts, view: ClusterView, exposes: string): readonly RemediationStep[] {
  if (node.ofKarpenter) return [correctNodeClass(view.platform.name, { exposes }), ...deleteNodeClaim(node, { exposes })];
  // What is evicted from the only node cannot start anywhere else.
  if (view.platform.name === 'OpenShift' && isAlone(node, view)) {
    const description = `${REBOOT_OPENSHIFT} It is the only node: all pods stop until it is back.`;
    return [{ description, disruption: 'RestartsPods', exposes }];
  }
  return drainAnd(ADDRESSED_MACHINES[view.platform.name], node, view, exposes);
}

function isAlone(node: NodeFacts, view: ClusterView): boolean {
  return [...view.nodes()].every((other) => other === node || nodeSkipReason(other) !== undefined);
}

/** Replaces a node whose machine the platform makes. */
export function replaceMachine(node: NodeFacts, view: ClusterView, exposes?: string): readonly RemediationStep[] {
  const opens = exposes === undefined ? {} : { exposes };
  return replaceByTool(node, view.platform.name, opens) ?? drainAnd(NEW_MACHINES[view.platform.name], node, view, exposes);
}

function drainAnd(
  description: string | undefined,
  { name }: NodeFacts,
  { platform }: ClusterView,
  exposes: string | undefined,
): readonly RemediationStep[] {
  const opens = exposes === undefined ? {} : { exposes };
  const replaced = REPLACED[platform.name]?.(name);
  if (replaced !== undefined) return [{ description: replaced, disruption: 'RecreatesNode', ...opens }];
  return [
    {
      description: 'Drain the node. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
      command: `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data`,
      disruption: 'RestartsPods',
    },
    { description: description ?? NEW_MACHINES[platform.name] ?? NEW_MACHINE, disruption: 'RecreatesNode', ...opens },
  ];
}

/** Gives all nodes what the platform gives new ones. */
export function renewMachines(view: ClusterView, exposes: string): RemediationStep {
  if (view.platform.name !== 'OpenShift') return replaceMachines(view, exposes);
  return {
    description:
      'Give the interface of each machine an address of the family, then drain and reboot one machine after the other: nodeip-configuration.service passes the addresses to the kubelet when the machine boots.',
    disruption: 'RestartsPods',
    exposes,
  };
}

const BY_POOL =
  'Replace the nodes, pool by pool, as an upgrade of the pool does. That evicts their pods, which start on other nodes, and loses their emptyDir volumes.';

const ALL_MACHINES: Readonly<Record<string, string>> = {
  AKS: REIMAGE,
  EKS: 'Add node groups in subnets with the family, and with the range of the Services of the cluster in their user data, if they have any (cidr in the NodeConfig of nodeadm; --ip-family and --service-ipv6-cidr of bootstrap.sh). Then delete the node groups of these nodes: a node group keeps its subnets. That evicts their pods, which start on other nodes, and loses their emptyDir volumes.',
  'Google Distributed Cloud': `Give the interfaces of the machines an address of the family. Then, one node after the other: ${JOIN_AGAIN}`,
  OpenShift:
    'Delete the Machines of one MachineSet after the other, one Machine at a time, so that the MachineSet makes others. Install hosts without a Machine again. That evicts their pods, which start on other nodes, and loses their emptyDir volumes.',
  GKE: `${BY_POOL} Autopilot has no pools of yours: it replaces its nodes after an upgrade of the control plane.`,
};

/** The same for many nodes. */
export function replaceMachines(view: ClusterView, exposes: string): RemediationStep {
  const description = `${ALL_MACHINES[view.platform.name] ?? BY_POOL}${exceptOfKarpenter(view.nodes())}`;
  return { description, disruption: 'RecreatesNode', exposes };
}
