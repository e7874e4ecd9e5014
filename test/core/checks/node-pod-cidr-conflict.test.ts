import { nodePodCIDRConflict } from '../../../src/core/checks/node-pod-cidr-conflict.ts';
import { familyOfAddress, familyOfCIDR } from '../../../src/core/net/addresses.ts';
import type { Facts, NodeFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, node, pod, type NodeSketch } from '../build.ts';
import { DRAIN, REPLACE_NODES, RESTART_MACHINE } from './register-again-words.ts';
import { describeCheck } from './table.ts';

const FIND_OUT =
  "None: Find out who gave the range twice: two allocators, or Node objects that were restored or made by hand. A node's podCIDRs cannot be changed once set.";
const LOOK = 'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs';
const ONE_BY_ONE =
  'Its API server and its etcd member are away until then: restart one control plane machine at a time, once all others are Ready.';

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
    { name: 'is one finding of both nodes that share one', given: SHARED, finds: ['Critical Cluster IPv4'] },
    {
      name: 'fires in both families',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])),
      finds: ['Critical Cluster IPv4+IPv6'],
    },
    {
      name: 'fires on a range and one within it',
      given: inUse(having('a', ['10.0.0.0/16']), having('b', ['10.0.9.0/25']), having('c', ['10.1.0.0/24'])),
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'fires on all within one, which do not conflict with each other, in IPv6 as well',
      given: inUse(having('a', ['fd00:1::/48']), having('b', ['fd00:1:0:1::/64']), having('c', ['fd00:1:0:2::/64'])),
      finds: ['Critical Cluster IPv6'],
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
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'takes one range for one, however it is written (#address-notation)',
      given: inUse(having('a', ['fd00:0:0:1::/64', '010.0.1.0/24']), having('b', ['FD00::1:0:0:0:0/64', '10.0.1.0/24'])),
      finds: ['Critical Cluster IPv4+IPv6'],
    },
    {
      name: 'does not compare families with each other',
      given: inUse(having('a', ['0.0.0.0/0']), having('b', ['::/0'])),
      finds: [],
    },
    {
      name: 'fires on everything beside anything',
      given: inUse(having('a', ['0.0.0.0/0']), having('b', ['10.0.0.1/32'])),
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'fires on a node with two of one family (#pod-cidrs-of-a-node)',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24'])),
      finds: ['Critical Node/a IPv4'],
    },
    {
      name: 'is one finding where one has two of one family and another one of them',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24']), having('b', ['10.0.2.0/24']), having('c', ['10.0.3.0/24'])),
      finds: ['Critical Cluster IPv4'],
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
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'is one finding, however many nodes share one',
      given: inUse(...['a', 'b', 'c'].map((name) => having(name, ['10.0.1.0/24']))),
      finds: ['Critical Cluster IPv4'],
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
      message: 'The podCIDRs of nodes a, b overlap: 10.0.1.0/24',
      summary: 'Keep a, and register b again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain b --ignore-daemonsets --delete-emptydir-data && kubectl delete node b'],
    },
    {
      of: 'a range and those within it',
      given: inUse(having('a', ['10.0.0.0/16']), having('c', ['10.0.2.0/24']), having('b', ['10.0.1.0/24'])),
      message: 'The podCIDRs of nodes a, b, c overlap: 10.0.0.0/16, 10.0.1.0/24, 10.0.2.0/24',
      summary: 'Keep a, and register b, c again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, REPLACE_NODES],
      commands: [LOOK],
    },
    {
      of: 'a newer range with older ones in it, which are kept',
      given: inUse(
        having('a', ['10.0.0.0/16']),
        ...['b', 'c'].map((name) => having(name, [`10.0.${name === 'b' ? 1 : 2}.0/24`], { createdAt: 0 })),
      ),
      message: 'The podCIDRs of nodes a, b, c overlap: 10.0.0.0/16, 10.0.1.0/24, 10.0.2.0/24',
      summary: 'Keep b, c, and register a again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a'],
    },
    {
      of: 'nodes of which one is older and another has no pods',
      given: [
        ...inUse(having('b', ['10.0.1.0/24']), having('c', ['10.0.1.0/24'], { createdAt: 0 }), having('x', ['10.0.2.0/24'])),
        having('a', ['10.0.1.0/24'], { createdAt: 0 }),
      ],
      message: 'The podCIDRs of nodes a, b, c overlap: 10.0.1.0/24',
      summary: 'Keep c, and register b, a again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, REPLACE_NODES],
      commands: [LOOK],
    },
    ...(
      [
        ['Etcd', 'ControlPlane'],
        ['Etcd', 'Worker'],
        ['ControlPlane', 'Worker'],
      ] as const
    ).map(([role, other]) => ({
      of: `a newer node of role ${role} without pods, which is kept before an older one of role ${other}`,
      given: [
        ...inUse(having('b', ['10.0.1.0/24'], { createdAt: 0, role: other }), having('x', ['10.0.2.0/24'])),
        having('a', ['10.0.1.0/24'], { role }),
      ],
      message: 'The podCIDRs of nodes a, b overlap: 10.0.1.0/24',
      summary: 'Keep a, and register b again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, other === 'Worker' ? RESTART_MACHINE : `${RESTART_MACHINE} ${ONE_BY_ONE}`],
      commands: [LOOK, 'kubectl drain b --ignore-daemonsets --delete-emptydir-data && kubectl delete node b'],
    })),
    {
      of: 'two ranges, and more nodes than are named',
      given: inUse(
        ...['a', 'b', 'c', 'd'].map((name) => having(name, ['10.0.1.0/24'])),
        ...['e', 'f', 'g'].map((name) => having(name, ['10.0.2.0/24'])),
      ),
      message: 'The podCIDRs of nodes a, b, c, d and 3 more overlap: 10.0.1.0/24, 10.0.2.0/24',
      summary: 'Keep a, e, and register b, c, d, f and 1 more again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, REPLACE_NODES],
      commands: [LOOK],
    },
    {
      of: 'nodes of a pool, whose machines are replaced',
      given: inUse(
        ...['a', 'b', 'c'].map((name) => having(name, ['10.0.1.0/24'], { platformHint: 'GKE: the label cloud.google.com/gke-nodepool' })),
      ),
      message: 'The podCIDRs of nodes a, b, c overlap: 10.0.1.0/24',
      summary: 'Keep a, and register b, c again, so that each node gets a podCIDR of its own.',
      steps: [
        FIND_OUT,
        'RestartsPods: Drain the node. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
        'RecreatesNode: Delete its machine at the provider, so that the node pool makes another one with what the pool has today. On Autopilot, which has no machines of yours, the autoscaler removes the drained node.',
        'RecreatesNode: Then do the same for c, if they are still there.',
      ],
      commands: [LOOK, 'kubectl drain b --ignore-daemonsets --delete-emptydir-data'],
    },
    {
      of: 'nodes that all have two of one family',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24']), having('b', ['10.0.3.0/24', '10.0.4.0/24'])),
      message: 'Nodes a, b have two podCIDRs of IPv4',
      summary: 'Register a, b again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, REPLACE_NODES],
      commands: [LOOK],
    },
    {
      of: 'a node with two of one family',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24'])),
      message: 'Node a has two podCIDRs of IPv4: 10.0.1.0/24, 10.0.2.0/24',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a'],
    },
    {
      of: 'a node with two of each family',
      given: inUse(having('a', ['10.0.1.0/24', '10.0.2.0/24', 'fd00:1::/64', 'fd00:2::/64'])),
      message: 'Node a has two podCIDRs of IPv4 and IPv6: 10.0.1.0/24, 10.0.2.0/24, fd00:1::/64, fd00:2::/64',
      summary: 'Register all but one of the nodes that share the range again, so that each gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a'],
    },
    {
      of: 'two nodes that share both podCIDRs',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24', 'fd00:1::/64'])),
      message: 'The podCIDRs of nodes a, b overlap: 10.0.1.0/24, fd00:1::/64',
      summary: 'Keep a, and register b again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain b --ignore-daemonsets --delete-emptydir-data && kubectl delete node b'],
    },
    {
      of: 'the family that is expected, where another conflicts too',
      given: inUse(having('a', ['10.0.1.0/24', 'fd00:1::/64']), having('b', ['10.0.1.0/24']), having('c', ['fd00:1::/64'])),
      expected: ['IPv6'],
      message: 'The podCIDRs of nodes a, c overlap: fd00:1::/64',
      summary: 'Keep a, and register c again, so that each node gets a podCIDR of its own.',
      steps: [FIND_OUT, DRAIN, RESTART_MACHINE],
      commands: [LOOK, 'kubectl drain c --ignore-daemonsets --delete-emptydir-data && kubectl delete node c'],
    },
  ],
);
