import { nodeAddressMissing } from '../../../src/core/checks/node-address-missing.ts';
import { MINUTE, serviceCIDR, type NodeSketch, type PodSketch } from '../build.ts';
import {
  AFTER_THAT,
  AKS,
  CONVERTED,
  LET_OPENSHIFT,
  NODES_IPV6,
  OPENSHIFT,
  PODS_IPV6,
  REIMAGE,
  RESTART_ON_NODES,
  RESTART_ON_OTHERS,
  SEE,
  SEE_COMMAND,
  SEE_NODE,
  SEE_POOLS,
  SET_NODE_IP,
  WAIT,
  WAIT_FOR_AKS,
  converted,
  left,
  old,
} from './conversion-shapes.ts';
import { describeCheck } from './table.ts';

/** A machine that OpenShift brings from one configuration to another. */
const CHANGING: NodeSketch = { ...OPENSHIFT, machineConfig: 'Updating', currentConfig: 'before', desiredConfig: 'after' };
const BEFORE: NodeSketch = { ...OPENSHIFT, currentConfig: 'before', desiredConfig: 'before' };
const AFTER: NodeSketch = { ...OPENSHIFT, currentConfig: 'after', desiredConfig: 'after' };
/** Long after the first pod with both families. */
const newer: PodSketch = { startedAt: CONVERTED + 11 * MINUTE };

const REMOVED_OR = 'Find out whether IPv6 is to be removed from the cluster. If it is to stay, give these nodes an IPv6 address.';
const NEWER_PODS = ', nor have their pods, which are newer than those with it: IPv6 is being removed, or fails to reach them';
const PAUSE =
  'None: Pause the MachineConfigPools that OpenShift is updating (spec.paused: true), so that no other machine loses the family. Resume them when this is fixed: a paused pool gets no updates, and may miss new certificates.';
const REBOOT_EACH =
  'RestartsPods: Give the interface of each machine an address of the family, then drain and reboot one machine after the other: nodeip-configuration.service passes the addresses to the kubelet when the machine boots.';

describeCheck(
  nodeAddressMissing,
  [],
  [
    {
      of: 'nodes that OpenShift changed before others, which have the family still',
      given: [
        serviceCIDR(),
        ...converted('a', CHANGING),
        ...converted('b', BEFORE),
        ...left('c', AFTER),
        ...left('d', { ...OPENSHIFT, currentConfig: 'of-masters', desiredConfig: 'of-masters' }),
      ],
      message:
        '2 of 4 nodes have no IPv6 address (c, d), though OpenShift has updated c already: IPv6 is being removed, or fails to reach them',
      summary: REMOVED_OR,
      steps: [
        SEE,
        'None: See of which families clusterNetwork has a range. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        PAUSE,
        REBOOT_EACH,
      ],
      commands: [SEE_COMMAND, "oc get network.config.openshift.io cluster -o jsonpath='{.spec.clusterNetwork}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes of which some have the configuration that OpenShift replaces: it has yet to update them',
      given: [serviceCIDR(), ...converted('a', CHANGING), ...left('b', BEFORE, newer), ...left('c', AFTER, newer)],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c)',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, WAIT, AFTER_THAT],
      commands: [SEE_COMMAND, 'oc get mcp', 'oc wait mcp/worker --for=condition=Updated --timeout=60m'],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'one node that OpenShift changed before others, which waiting for it does not fix',
      given: [serviceCIDR(), ...converted('a', CHANGING), ...converted('b', BEFORE), ...left('c', AFTER)],
      message: 'Node c has no IPv6 address (it has addresses of IPv4 only)',
      summary: 'Give the machine of the node an IPv6 address: OpenShift configures its kubelet.',
      steps: [
        SEE_NODE,
        'RestartsPods: Drain the node. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
        'RecreatesNode: Give its interface an address of the family and reboot the machine: nodeip-configuration.service passes the addresses to the kubelet when the machine boots. Uncordon the node afterwards.',
      ],
      commands: ["kubectl get node c -o jsonpath='{.status.addresses}'", 'kubectl drain c --ignore-daemonsets --delete-emptydir-data'],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes that Karpenter made without the family, of which it would make more',
      given: [
        serviceCIDR(),
        ...converted('a', AKS),
        ...converted('b', AKS),
        ...['c', 'd'].flatMap((name) => left(name, { ...AKS, ofKarpenter: true }, newer)),
      ],
      message: `2 of 4 nodes have no IPv6 address (c, d)${NEWER_PODS}`,
      summary: REMOVED_OR,
      steps: [
        SEE,
        'None: See which families the cluster is to have: az aks show --resource-group GROUP --name CLUSTER --query networkProfile.ipFamilies. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        'RecreatesNode: Verify that node auto-provisioning of this cluster gives machines both families: without support of that, it gives them IPv4 only (Azure/AKS#5350, Azure/karpenter-provider-azure#1732), and a node pool of AKS is the only way. With it, have the AKSNodeClass name a subnet with both (spec.vnetSubnetID). Karpenter then replaces all nodes that no longer match their NodeClass, within the disruption budgets of the NodePool.',
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes of AKS with newer pods than those that have the family',
      given: [serviceCIDR(), ...converted('a', AKS), ...converted('b', AKS), ...['c', 'd'].flatMap((name) => left(name, AKS, newer))],
      message: `2 of 4 nodes have no IPv6 address (c, d)${NEWER_PODS}`,
      summary: REMOVED_OR,
      steps: [
        SEE,
        'None: See which families the cluster is to have: az aks show --resource-group GROUP --name CLUSTER --query networkProfile.ipFamilies. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        REIMAGE,
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes with newer pods where no platform is known',
      given: [serviceCIDR(), ...converted('a'), ...converted('b'), ...['c', 'd'].flatMap((name) => left(name, {}, newer))],
      message: `2 of 4 nodes have no IPv6 address (c, d)${NEWER_PODS}`,
      summary: REMOVED_OR,
      steps: [
        SEE,
        'None: Find out whether somebody is taking IPv6 out of the cluster. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        SET_NODE_IP,
        RESTART_ON_NODES,
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6, PODS_IPV6],
    },
    {
      of: 'nodes of which one has a pod from before: they are the rest of a conversion, whatever else started there',
      given: [serviceCIDR(), ...converted('a', AKS), ...left('b', AKS), ...left('c', AKS, newer)],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c)',
      summary: 'Replace these nodes with ones that have an IPv6 address: AKS configures their kubelets.',
      steps: [SEE, WAIT_FOR_AKS, REIMAGE],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'the last node that AKS has yet to reimage, and pods from before on the others',
      given: [serviceCIDR(), ...converted('a', AKS), ...old('a'), ...left('b', AKS)],
      message: 'Node b has no IPv6 address (it has addresses of IPv4 only)',
      summary: 'Replace the node with one that has an IPv6 address: AKS configures its kubelet.',
      steps: [SEE_NODE, WAIT_FOR_AKS, REIMAGE, RESTART_ON_OTHERS],
      commands: ["kubectl get node b -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6, PODS_IPV6],
    },
  ],
);
