import type { Facts, NodeFacts, PodFacts } from '../../../src/core/kinds/facts.ts';
import { addressesOn, MINUTE, node, NOW, pod, type NodeSketch, type PodSketch } from '../build.ts';

export const CONVERTED = NOW - 60 * MINUTE;
export const OPENSHIFT: NodeSketch = { platformHint: 'OpenShift: the label node.openshift.io/os_id' };
export const AKS: NodeSketch = { platformHint: 'AKS: the label kubernetes.azure.com/cluster' };

/** A node without podCIDRs that is converted, with pods of both families. */
export function converted(name: string, parts: NodeSketch = {}): Facts[] {
  return [node({ name, ...parts }), ...podsOn(name, { startedAt: CONVERTED })];
}

/** One that is not, with pods of IPv4 from before. */
export function left(name: string, parts: NodeSketch = {}, ofPods: PodSketch = {}): Facts[] {
  return [ipv4Node(name, parts), ...ipv4PodsOn(name, { startedAt: CONVERTED - 20 * MINUTE, ...ofPods })];
}

export function ipv4Node(name: string, parts: NodeSketch = {}): NodeFacts {
  return node({ name, addresses: ['192.0.2.1'], ...parts });
}

export function podsOn(nodeName: string, parts: PodSketch = {}): PodFacts[] {
  return ['1', '2'].map((each) => pod({ name: `${nodeName}-${each}`, nodeName, owner: `ReplicaSet/${nodeName}`, labels: {}, ...parts }));
}

export function ipv4PodsOn(nodeName: string, parts: PodSketch = {}): PodFacts[] {
  return podsOn(nodeName, { addresses: addressesOn(nodeName).slice(0, 1), ...parts });
}

/** Pods from before on a node, of a workload that is elsewhere too. */
export function old(nodeName: string): PodFacts[] {
  return ['1', '2'].map((each) =>
    pod({
      name: `old-${nodeName}-${each}`,
      nodeName,
      owner: '',
      labels: {},
      startedAt: CONVERTED - 20 * MINUTE,
      addresses: [`10.9.9.${each}`],
    }),
  );
}

export const SEE_NODE = 'None: See which addresses the node has.';
export const SEE = 'None: See which addresses the nodes have.';
export const SEE_COMMAND = "kubectl get nodes -o custom-columns='NAME:.metadata.name,ADDRESSES:.status.addresses[*].address'";
export const SEE_POOLS =
  'None: See which MachineConfigPools OpenShift still updates, and whether one is paused or degraded, which stops it. It drains and reboots their machines one after the other: do not drain them by hand.';
export const WAIT = 'None: Wait until the pools of these nodes are updated. If you have pools of your own, name them too.';
export const WAIT_FOR_AKS =
  'None: See whether AKS still reimages nodes: then az aks show --resource-group GROUP --name CLUSTER --query provisioningState prints "Updating". Wait for its end.';
export const AFTER_THAT =
  'RestartsPods: If a node lacks the address after that: give its interface an address of the family, then drain and reboot the machine. nodeip-configuration.service passes the addresses to the kubelet when the machine boots.';
export const LET_OPENSHIFT = 'Let OpenShift finish updating its machines, which gives each node its addresses.';
export const NODES_IPV6 = 'Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv6 addresses.';
export const REIMAGE =
  'RecreatesNode: Replace the nodes of the pool, where there is a newer node image: az aks nodepool upgrade --resource-group GROUP --cluster-name CLUSTER --name POOL --node-image-only. Otherwise add a pool and delete this one. Either way, AKS evicts the pods of one node after the other, which start on other nodes and lose their emptyDir volumes.';
export const SET_NODE_IP =
  "None: Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. Pods keep running; host-network pods get the new address when they restart.";
export const RESTART_ON_NODES =
  'RestartsPods: Restart the workloads of the pods on these nodes that have IPv4 only (kubectl rollout restart). A pod gets its addresses when it starts.';
export const RESTART_ON_OTHERS =
  'RestartsPods: Restart the workloads of the pods from before on the other nodes that have IPv4 only (kubectl rollout restart). A pod gets its addresses when it starts.';
export const PODS_IPV6 =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';
