import { nodePodCIDRConflict } from '../../../src/core/checks/node-pod-cidr-conflict.ts';
import { familyOfAddress, familyOfCIDR } from '../../../src/core/net/addresses.ts';
import type { Facts, NodeFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, node, pod, type NodeSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const FIND_OUT =
  "None: Find out who gave the range twice: two allocators, or Node objects that were restored or made by hand. A node's podCIDRs cannot be changed once set.";
const DRAIN =
  'RecreatesNode: Note the labels, annotations and taints of the node: its new Node object has only those that its kubelet and its platform set, and until you set a taint again, any pod may start there. Then drain the node and delete its Node object. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
const RESTART_MACHINE =
  'RestartsPods: Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.';

function having(name: string, podCIDRs: readonly string[], parts: NodeSketch = {}): NodeFacts {
  return node({ name, podCIDRs, ...parts });
}

/** The nodes, each with a pod that has addresses of its podCIDRs: nothing else shows that they are used. */
function inUse(...nodes: readonly NodeFacts[]): Facts[] {
  const pods = nodes.map(({ name, podCIDRs }) => {
    const addresses = podCIDRs.filter((cidr) => familyOfCIDR(cidr)).map((cidr) => cidr.slice(0, cidr.indexOf('/')));
    return pod({
      name,
      nodeName: name,
      addresses: ['IPv4', 'IPv6'].flatMap((family) => addresses.find((one) => familyOfAddress(one) === family) ?? []),
    });
  });
  return [...nodes, ...pods];
}

const NODES_THAT_SHARE = [having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:2::/64'])];
const SHARED = inUse(...NODES_THAT_SHARE);

describeCheck(
  nodePodCIDRConflict,
  [
    { name: 'says nothing where each node has its own', given: dualNodes('a', 'b', 'c'), finds: [] },
    { name: 'says nothing where nodes have none', given: [node({ name: 'a' }), node({ name: 'b' })], finds: [] },
    { name: 'fires on both nodes that share one', given: SHARED, finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'] },
    {
      name: 'fires in both families',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])),
      finds: ['Critical Node/a IPv4+IPv6', 'Critical Node/b IPv4+IPv6'],
    },
    {
      name: 'fires on a range and one within it',
      given: inUse(having('a', ['10.0.0.0/16']), having('b', ['10.0.9.0/25']), having('c', ['10.1.0.0/24'])),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'fires on all within one, which do not conflict with each other, in IPv6 as well',
      given: inUse(having('a', ['fd00:1::/48']), having('b', ['fd00:1:0:1::/64']), having('c', ['fd00:1:0:2::/64'])),
      finds: ['Critical Node/a IPv6', 'Critical Node/b IPv6', 'Critical Node/c IPv6'],
    },
    {
      name: 'says nothing of neighbours, whatever their prefix lengths',
      given: inUse(
        having('a', ['10.0.0.0/25']),
        having('b', ['10.0.0.128/25']),
        having('c', ['10.0.1.0/24']),
        having('d', ['10.0.2.0/23']),
      ),
      finds: [],
    },
    {
      name: 'takes host bits for what they are',
      given: inUse(having('a', ['10.0.1.7/24']), having('b', ['10.0.1.0/24'])),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'takes one range for one, however it is written (#address-notation)',
      given: inUse(having('a', ['fd00:0:0:1::/64', '010.0.1.0/24']), having('b', ['FD00::1:0:0:0:0/64', '10.0.1.0/24'])),
      finds: ['Critical Node/a IPv6+IPv4', 'Critical Node/b IPv6+IPv4'],
    },
    {
      name: 'does not compare families with each other',
      given: inUse(having('a', ['0.0.0.0/0']), having('b', ['::/0'])),
      finds: [],
    },
    {
      name: 'fires on everything beside anything',
      given: inUse(having('a', ['0.0.0.0/0']), having('b', ['10.0.0.1/32'])),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'fires on a node with two of one family (#pod-cidrs-of-a-node)',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24'])),
      finds: ['Critical Node/a IPv4'],
    },
    {
      name: 'fires on a node with one twice, which is no conflict with itself',
      given: inUse(having('a', ['fd00:1::/64', 'fd00:1::/64'])),
      finds: ['Critical Node/a IPv6'],
    },
    {
      name: 'passes over what is no CIDR',
      given: inUse(having('a', ['nonsense', '', '10.0.1.0/99', '10.0.1.0/24']), having('b', ['nonsense', '', '10.0.1.0/99'])),
      finds: [],
    },
    {
      name: 'does not evaluate virtual nodes and those that are being deleted, nor the others for their sake (#skipped-nodes)',
      given: inUse(
        having('a', ['10.0.1.0/24']),
        having('b', ['10.0.1.0/24'], { virtual: true }),
        having('c', ['10.0.1.0/24'], { deleting: true }),
      ),
      finds: [],
    },
    {
      name: 'evaluates Windows nodes',
      given: inUse(having('a', ['10.0.1.0/24']), having('b', ['10.0.1.0/24'], { windows: true })),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'stays with the nodes, however many',
      given: inUse(...['a', 'b', 'c'].map((name) => having(name, ['10.0.1.0/24']))),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4', 'Critical Node/c IPv4'],
    },
    { name: 'says nothing of a family that is not expected', given: SHARED, expected: ['IPv6'], finds: [] },
    {
      name: 'says nothing where the pod network does not use podCIDRs (#pod-cidrs-in-use)',
      given: [...NODES_THAT_SHARE, pod({ nodeName: 'a', addresses: ['172.16.0.7'] })],
      finds: [],
    },
    { name: 'says nothing where no pod shows that podCIDRs are used', given: NODES_THAT_SHARE, finds: [] },
    {
      name: 'says nothing beside a plugin with pools of its own, as of kubeadm with Calico (projectcalico/calico#2900)',
      given: [...SHARED, pod({ name: 'calico', namespace: 'kube-system', hostNetwork: true, labels: { 'k8s-app': 'calico-node' } })],
      finds: [],
    },
    { name: 'says nothing without the pods', given: SHARED, refused: ['Pod'], finds: [] },
    { name: 'waits for the nodes to be listed', given: SHARED, pending: ['Node'], finds: [] },
    { name: 'says nothing without the nodes', given: SHARED, refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'two nodes',
      given: SHARED,
      message: 'podCIDR 10.0.1.0/24 of node a overlaps one of node b',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
    {
      of: 'the first by name of several nodes',
      given: inUse(having('a', ['10.0.0.0/16']), having('c', ['10.0.2.0/24']), having('b', ['10.0.1.0/24'])),
      message: 'podCIDR 10.0.0.0/16 of node a overlaps one of node b',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
    {
      of: 'a node with two of one family',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24'])),
      message: 'Node a has two podCIDRs of IPv4: 10.0.1.0/24, 10.0.2.0/24',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
    {
      of: 'a node with two of each family',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24', 'fd00:1::/64', 'fd00:2::/64'])),
      message: 'Node a has two podCIDRs of IPv4 and IPv6: 10.0.1.0/24, 10.0.2.0/24, fd00:1::/64, fd00:2::/64',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
    {
      of: 'two nodes that share both podCIDRs',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])),
      message: 'podCIDR 10.0.1.0/24 of node a overlaps one of node b',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
    {
      of: 'the family that is expected, where another conflicts too',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24']), having('c', ['fd00:1::/64'])),
      expected: ['IPv6'],
      message: 'podCIDR fd00:1::/64 of node a overlaps one of node c',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
        'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a',
      ],
    },
  ],
);
