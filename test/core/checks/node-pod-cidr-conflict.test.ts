import { nodePodCIDRConflict } from '../../../src/core/checks/node-pod-cidr-conflict.ts';
import type { NodeFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, node, pod, type NodeSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const FIND_OUT =
  "None: Find out who gave the range twice: two allocators, or Node objects that were restored or made by hand. A node's podCIDRs cannot be changed once set.";
const DRAIN =
  'RecreatesNode: Drain the node and delete its Node object. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
const RESTART_MACHINE =
  'RestartsPods: Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.';

function having(name: string, podCIDRs: readonly string[], parts: NodeSketch = {}): NodeFacts {
  return node({ name, podCIDRs, ...parts });
}

const SHARED = [having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:2::/64'])];

describeCheck(
  nodePodCIDRConflict,
  [
    { name: 'says nothing where each node has its own', given: dualNodes('a', 'b', 'c'), finds: [] },
    { name: 'says nothing where nodes have none', given: [node({ name: 'a' }), node({ name: 'b' })], finds: [] },
    { name: 'fires on both nodes that share one', given: SHARED, finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'] },
    {
      name: 'fires in both families',
      given: [having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])],
      finds: ['Critical Node/a IPv4+IPv6', 'Critical Node/b IPv4+IPv6'],
    },
    {
      name: 'fires on a range and one within it',
      given: [having('a', ['10.0.0.0/16']), having('b', ['10.0.9.0/25']), having('c', ['10.1.0.0/24'])],
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'fires on all within one, which do not conflict with each other, in IPv6 as well',
      given: [having('a', ['fd00:1::/48']), having('b', ['fd00:1:0:1::/64']), having('c', ['fd00:1:0:2::/64'])],
      finds: ['Critical Node/a IPv6', 'Critical Node/b IPv6', 'Critical Node/c IPv6'],
    },
    {
      name: 'says nothing of neighbours, whatever their prefix lengths',
      given: [having('a', ['10.0.0.0/25']), having('b', ['10.0.0.128/25']), having('c', ['10.0.1.0/24']), having('d', ['10.0.2.0/23'])],
      finds: [],
    },
    {
      name: 'takes host bits for what they are',
      given: [having('a', ['10.0.1.7/24']), having('b', ['10.0.1.0/24'])],
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'takes one range for one, however it is written (#address-notation)',
      given: [having('a', ['fd00:0:0:1::/64', '010.0.1.0/24']), having('b', ['FD00::1:0:0:0:0/64', '10.0.1.0/24'])],
      finds: ['Critical Node/a IPv6+IPv4', 'Critical Node/b IPv6+IPv4'],
    },
    {
      name: 'does not compare families with each other',
      given: [having('a', ['0.0.0.0/0']), having('b', ['::/0'])],
      finds: [],
    },
    {
      name: 'fires on everything beside anything',
      given: [having('a', ['0.0.0.0/0']), having('b', ['10.0.0.1/32'])],
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'fires on a node with two of one family (#pod-cidrs-of-a-node)',
      given: [having('a', ['10.0.1.0/24', '10.0.2.0/24'])],
      finds: ['Critical Node/a IPv4'],
    },
    {
      name: 'fires on a node with one twice, which is no conflict with itself',
      given: [having('a', ['fd00:1::/64', 'fd00:1::/64'])],
      finds: ['Critical Node/a IPv6'],
    },
    {
      name: 'passes over what is no CIDR',
      given: [having('a', ['nonsense', '', '10.0.1.0/99', '10.0.1.0/24']), having('b', ['nonsense', '', '10.0.1.0/99'])],
      finds: [],
    },
    {
      name: 'does not evaluate virtual nodes and those that are being deleted, nor the others for their sake (#skipped-nodes)',
      given: [
        having('a', ['10.0.1.0/24']),
        having('b', ['10.0.1.0/24'], { virtual: true }),
        having('c', ['10.0.1.0/24'], { deleting: true }),
      ],
      finds: [],
    },
    {
      name: 'evaluates Windows nodes',
      given: [having('a', ['10.0.1.0/24']), having('b', ['10.0.1.0/24'], { windows: true })],
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4'],
    },
    {
      name: 'stays with the nodes, however many',
      given: ['a', 'b', 'c'].map((name) => having(name, ['10.0.1.0/24'])),
      finds: ['Critical Node/a IPv4', 'Critical Node/b IPv4', 'Critical Node/c IPv4'],
    },
    { name: 'says nothing of a family that is not expected', given: SHARED, expected: ['IPv6'], finds: [] },
    {
      name: 'says nothing where the pod network does not use podCIDRs (#families-a-node-gives)',
      given: [...SHARED, pod({ nodeName: 'a', addresses: ['172.16.0.7'] })],
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
      given: [having('a', ['10.0.0.0/16']), having('c', ['10.0.2.0/24']), having('b', ['10.0.1.0/24'])],
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
      given: [having('a', ['10.0.1.0/24', '10.0.2.0/24'])],
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
      given: [having('a', ['10.0.1.0/24', '10.0.2.0/24', 'fd00:1::/64', 'fd00:2::/64'])],
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
      given: [having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])],
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
      given: [having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24']), having('c', ['fd00:1::/64'])],
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
