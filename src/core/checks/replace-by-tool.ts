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

const HARVESTER =
  'evict its Longhorn replicas, enable maintenance mode, which migrates its virtual machines, run /opt/rke2/bin/rke2-uninstall.sh on it, and delete it among the hosts. Then install it again. What is on its disks is lost. Do not delete its Node object alone: a management node loses its etcd member with it';

const TOOLS: Readonly<Record<string, Tool>> = {
  'Cluster API': {
    one: ({ name }) =>
      `In the management cluster, delete the Machine that annotation cluster.x-k8s.io/machine of node ${name} names: its owner makes a new one. ${EVICTS}`,
    many: `In the management cluster, have the machines of each MachineDeployment and of the control plane rolled out again ("clusterctl alpha rollout restart"). ${EVICTS_EACH}`,
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

/** Machines of Cluster API are replaced by it whatever runs on them (rules.md#machines-of-cluster-api). */
function toolOf(nodes: readonly NodeFacts[], platform: string): Tool | undefined {
  if (Object.hasOwn(TOOLS, platform)) return TOOLS[platform];
  return nodes.length > 0 && nodes.every(({ hasMachineOwner }) => hasMachineOwner) ? TOOLS['Cluster API'] : undefined;
}

/** Whether a tool replaces the machines of some nodes, so that nobody registers them again by hand. */
export function hasMachineTool(nodes: readonly NodeFacts[], platform: string): boolean {
  return toolOf(nodes, platform) !== undefined;
}

/** How the tool of a platform replaces the machine of a node; undefined where it has none. */
export function replaceByTool(node: NodeFacts, platform: string, opens: Opens): readonly RemediationStep[] | undefined {
  const tool = toolOf([node], platform);
  return tool && [{ description: tool.one(node), disruption: 'RecreatesNode', ...opens }];
}

/** The same for many nodes, one after the other. */
export function replaceAllByTool(nodes: readonly NodeFacts[], platform: string, opens: Opens): readonly RemediationStep[] | undefined {
  const tool = toolOf(nodes, platform);
  return tool && [{ description: tool.many, disruption: 'RecreatesNode', ...opens }];
}
