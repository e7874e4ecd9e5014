import type { NodeFacts } from '../kinds/facts.ts';
import type { RemediationStep } from './check.ts';

type Opens = Pick<RemediationStep, 'exposes'>;

/** How a tool replaces machines that it made: one that registers again by hand is not what the tool has noted of it. */
interface Tool {
  readonly one: (node: NodeFacts) => string;
  readonly many: string;
}

const EVICTS = 'That evicts the pods of the node, which start on other nodes, and loses their emptyDir volumes.';
const EVICTS_EACH = 'That evicts the pods of one node after the other, which start on other nodes, and loses their emptyDir volumes.';

const ONE_AT_A_TIME = ' Replace one control plane machine at a time, once all others are Ready, and never the only one.';

const HARVESTER =
  'evict its Longhorn replicas, enable maintenance mode, which migrates its virtual machines, run /opt/rke2/bin/rke2-uninstall.sh on it, and delete it among the hosts. Then install it again. What is on its disks is lost. Do not delete its Node object alone: a management node loses its etcd member with it';

/** What the controllers of Google Distributed Cloud do with a machine that leaves a node pool and comes back (documentation, "Add or remove nodes in a cluster"). */
export const JOIN_AGAIN = `take the node out of spec.nodes of its NodePool in the admin cluster, and add it again once it is gone: that resets the machine, and sets it up again. ${EVICTS}`;

const TOOLS: Readonly<Record<string, Tool>> = {
  'Google Distributed Cloud': {
    one: ({ role }) => `Have the machine set up again: ${JOIN_AGAIN}${role === 'Worker' ? '' : ONE_AT_A_TIME}`,
    many: `Have the machines set up again, one after the other: ${JOIN_AGAIN}`,
  },
  'Cluster API': {
    one: ({ name, role }) =>
      `In the management cluster, delete the Machine that annotation cluster.x-k8s.io/machine of node ${name} names: its owner makes a new one. ${EVICTS}${role === 'Worker' ? '' : ONE_AT_A_TIME}`,
    many: `In the management cluster, have the machines of each MachineDeployment and of the control plane rolled out again ("clusterctl alpha rollout restart", or delete one Machine after the other where the control plane is not of kubeadm). ${EVICTS_EACH}`,
  },
  kOps: {
    one: ({ name, role }) =>
      `Let kOps replace the machine with "kops delete instance ${name} --yes": kOps takes it out of its instance group, which makes another one, then drains and terminates it. ${EVICTS}${role === 'Worker' ? '' : ' Replace one control plane machine at a time, once all others are Ready.'}`,
    many: `Let kOps replace the machines, one instance group after the other, with "kops rolling-update cluster --instance-group GROUP --force --yes". ${EVICTS_EACH}`,
  },
  Harvester: {
    one: () => `Replace the host as the documentation of Harvester says ("Deleting a Node"): ${HARVESTER}.`,
    many: `Replace one host after the other as the documentation of Harvester says ("Deleting a Node"): ${HARVESTER}.`,
  },
  minikube: {
    one: ({ role }) =>
      role === 'Worker'
        ? `Delete the node with "minikube node delete", and add another one with "minikube node add". ${EVICTS}`
        : 'Create the cluster again: minikube does not replace the node that it made first. "minikube delete" deletes all that is in the cluster.',
    many: 'Create the cluster again. "minikube delete" deletes all that is in it.',
  },
  Magnum: {
    one: ({ role }) =>
      `Drain the node, and remove its server with "openstack coe cluster resize --nodegroup GROUP --nodes-to-remove SERVER CLUSTER COUNT", where COUNT is one less than the group has. Then resize the group to what it had, so that Magnum makes another one. ${EVICTS}${role === 'Worker' ? '' : ' Where Magnum does not resize the group of master nodes, create another cluster.'}`,
    many: `Add a node group ("openstack coe nodegroup create"), and delete the old one ("openstack coe nodegroup delete") once its nodes are drained. The drain evicts their pods, which start on other nodes, and loses their emptyDir volumes.`,
  },
};

function toolOf(platform: string): Tool | undefined {
  return Object.hasOwn(TOOLS, platform) ? TOOLS[platform] : undefined;
}

/**
 * The platform whose way to set up nodes holds: where Cluster API makes them, nobody edits their files or registers them again by hand, whatever
 * distribution they run (rules.md#machines-of-cluster-api). A platform with a tool of its own may use it as a part of that.
 */
export function setupOf(nodes: readonly NodeFacts[], platform: string): string {
  const isMade = nodes.length > 0 && nodes.every(({ hasMachineOwner }) => hasMachineOwner);
  return isMade && toolOf(platform) === undefined ? 'Cluster API' : platform;
}

/** Whether a tool replaces the machines of nodes, so that nobody registers them again by hand. */
export function hasMachineTool(nodes: readonly NodeFacts[], platform: string): boolean {
  return nodes.some(({ ofKarpenter }) => ofKarpenter) || toolOf(setupOf(nodes, platform)) !== undefined;
}

/** How the tool of a platform, or what made the machine, replaces the machine of a node; undefined where nothing does. */
export function replaceByTool(node: NodeFacts, platform: string, opens: Opens): readonly RemediationStep[] | undefined {
  if (node.ofKarpenter) return deleteNodeClaim(node, opens);
  const tool = toolOf(setupOf([node], platform));
  return tool && [{ description: tool.one(node), disruption: 'RecreatesNode', ...opens }];
}

/** The same for many nodes, one after the other. */
export function replaceAllByTool(nodes: readonly NodeFacts[], platform: string, opens: Opens): readonly RemediationStep[] | undefined {
  const tool = toolOf(setupOf(nodes, platform));
  return tool && [{ description: tool.many, disruption: 'RecreatesNode', ...opens }];
}

/** Karpenter drains a node whose NodeClaim goes, and makes another one for pods that wait (documentation, "Disruption"). */
export function deleteNodeClaim({ name }: NodeFacts, opens: Opens): readonly RemediationStep[] {
  return [
    {
      description: `See which NodeClaim is that of node ${name}, and which NodeClass it is made from.`,
      command: 'kubectl get nodeclaims -o custom-columns=NAME:.metadata.name,NODE:.status.nodeName,NODECLASS:.spec.nodeClassRef.name',
      disruption: 'None',
    },
    {
      description: `Delete this NodeClaim (kubectl delete nodeclaim). Karpenter drains the node, terminates its machine, and makes another one for pods that wait. ${EVICTS}`,
      disruption: 'RecreatesNode',
      ...opens,
    },
  ];
}

/** How Karpenter gets to make machines with an address of a family, by platform. */
const NODE_CLASSES: Readonly<Record<string, string>> = {
  EKS: 'Have the NodeClass of its NodePool choose subnets with the family (spec.subnetSelectorTerms). If the NodeClass has userData of its own, give it the range of the Services of the cluster too (cidr in the NodeConfig of nodeadm; --service-ipv6-cidr of bootstrap.sh).',
  AKS: 'Verify that node auto-provisioning of this cluster gives machines both families: without support of that, it gives them IPv4 only (Azure/AKS#5350, Azure/karpenter-provider-azure#1732), and a node pool of AKS is the only way. With it, have the AKSNodeClass name a subnet with both (spec.vnetSubnetID).',
};

const NODE_CLASS = 'Have the NodeClass of its NodePool choose a subnet with the family.';

const DRIFT = 'Karpenter then replaces all nodes that no longer match their NodeClass, within the disruption budgets of the NodePool.';

/** Gives nodes that Karpenter makes addresses of a family that they lack. */
export function correctNodeClass(platform: string, opens: Opens): RemediationStep {
  return { description: `${NODE_CLASSES[platform] ?? NODE_CLASS} ${DRIFT}`, disruption: 'RecreatesNode', ...opens };
}

/** What is to be added where nodes are replaced pool by pool; empty where Karpenter made none of them. */
export function exceptOfKarpenter(nodes: Iterable<NodeFacts>): string {
  return [...nodes].some(({ ofKarpenter }) => ofKarpenter)
    ? ' For nodes of Karpenter, delete the NodeClaims one after the other instead.'
    : '';
}
