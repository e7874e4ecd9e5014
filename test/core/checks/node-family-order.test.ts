import { nodeFamilyOrder } from '../../../src/core/checks/node-family-order.ts';
import type { NodeFacts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualNodes, ipv4Node, node, podCIDRsOf, serviceCIDR, type NodeSketch, pod } from '../build.ts';
import { DRAIN, RESTART_MACHINE } from './register-again-words.ts';
import { describeCheck } from './table.ts';

/** A node whose podCIDRs begin with IPv6. */
function flipped(name: string, parts: NodeSketch = {}): NodeFacts {
  return node({ name, podCIDRs: podCIDRsOf(name).toReversed(), ...parts });
}

const IPV6_FIRST = serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] });
const MANY = ['c', 'd', 'e', 'f'].map((name) => flipped(name));

describeCheck(
  nodeFamilyOrder,
  [
    {
      name: 'fires on a node whose podCIDRs begin with another family than those of most (k0s#1443)',
      given: [...dualNodes('a', 'b'), flipped('x')],
      finds: ['Warning Node/x IPv6'],
    },
    {
      name: 'fires on one that begins with IPv4 among IPv6-first ones',
      given: [...dualNodes('a'), flipped('x'), flipped('y')],
      finds: ['Warning Node/a IPv4'],
    },
    { name: 'says nothing where all begin with IPv6', given: [flipped('x'), flipped('y')], finds: [] },
    {
      name: 'says nothing where all begin with IPv6 on a cluster whose Services begin with IPv4',
      given: [serviceCIDR(), ...MANY],
      finds: [],
    },
    {
      name: 'takes the first family of Services where it is a tie',
      given: [serviceCIDR(), ...dualNodes('a'), flipped('x')],
      finds: ['Warning Node/x IPv6'],
    },
    {
      name: 'takes the first family of Services where it is a tie, IPv6 too',
      given: [IPV6_FIRST, ...dualNodes('a'), flipped('x')],
      finds: ['Warning Node/a IPv4'],
    },
    { name: 'goes by most nodes where it is no tie, whatever Services have', given: [IPV6_FIRST, ...dualNodes('a', 'b')], finds: [] },
    { name: 'says nothing of a tie that nothing decides (fact 5)', given: [...dualNodes('a'), flipped('x')], finds: [] },
    {
      name: 'says nothing of a tie where the ServiceCIDR is not Ready',
      given: [serviceCIDR({ ready: false }), ...dualNodes('a'), flipped('x')],
      finds: [],
    },
    {
      name: 'says nothing of a tie where the ServiceCIDR is contradicted (#service-cidr-is-evidence)',
      given: [serviceCIDR(), apiServer('fd00:10:96::1'), ...dualNodes('a'), flipped('x')],
      finds: [],
    },
    {
      name: 'takes no other ServiceCIDR for that of the API server (#service-cidr-is-evidence)',
      given: [serviceCIDR({ name: 'extra' }), ...dualNodes('a'), flipped('x')],
      finds: [],
    },
    {
      name: 'takes the family of default/kubernetes for a tie where ServiceCIDRs may not be read',
      given: [apiServer(), ...dualNodes('a'), flipped('x')],
      refused: ['ServiceCIDR'],
      finds: ['Warning Node/x IPv6'],
    },
    {
      name: 'counts dual-stack nodes only, and asks no order of the others',
      given: [...dualNodes('a'), flipped('x'), flipped('y'), ipv4Node('b'), ipv4Node('c'), ipv4Node('d')],
      finds: ['Warning Node/a IPv4'],
    },
    {
      name: 'says nothing of a node of the other family alone (#pod-cidrs-of-a-node)',
      given: [...dualNodes('a', 'b'), node({ name: 'x', podCIDRs: podCIDRsOf('x').slice(1) }), node({ name: 'y' })],
      finds: [],
    },
    {
      name: 'goes by podCIDRs and not by addresses',
      given: [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: podCIDRsOf('c'), addresses: ['2001:db8::1', '192.0.2.1'] })],
      finds: [],
    },
    {
      name: 'does not evaluate virtual nodes and those that are being deleted (#skipped-nodes)',
      given: [...dualNodes('a', 'b'), flipped('x', { virtual: true }), flipped('y', { deleting: true })],
      finds: [],
    },
    {
      name: 'does not count them among most nodes',
      given: [...dualNodes('a', 'b'), flipped('c'), flipped('x', { virtual: true }), flipped('y', { deleting: true })],
      finds: ['Warning Node/c IPv6'],
    },
    {
      name: 'goes by families and not by entries, of which a dump may have more',
      given: [...dualNodes('a', 'b'), node({ name: 'x', podCIDRs: ['nonsense', '', ...podCIDRsOf('x').toReversed(), '10.9.0.0/24'] })],
      finds: ['Warning Node/x IPv6'],
    },
    {
      name: 'stays with the nodes, however many',
      given: [IPV6_FIRST, ...dualNodes('a', 'b', 'g'), ...MANY],
      finds: ['a', 'b', 'g'].map((name) => `Warning Node/${name} IPv4`),
    },
    { name: 'says nothing of a family that is not expected', given: [...dualNodes('a', 'b'), flipped('x')], expected: ['IPv4'], finds: [] },
    {
      name: 'fires where both are expected, whatever order',
      given: [...dualNodes('a', 'b'), flipped('x')],
      expected: ['IPv6', 'IPv4'],
      finds: ['Warning Node/x IPv6'],
    },
    { name: 'waits for the nodes to be listed', given: [...dualNodes('a', 'b'), flipped('x')], pending: ['Node'], finds: [] },
    { name: 'waits for the ServiceCIDRs to be listed', given: [...dualNodes('a', 'b'), flipped('x')], pending: ['ServiceCIDR'], finds: [] },
    {
      name: 'needs no more than nodes and pods where it is no tie',
      given: [...dualNodes('a', 'b'), flipped('x')],
      refused: ['ServiceCIDR', 'Service'],
      finds: ['Warning Node/x IPv6'],
    },
    {
      name: 'says nothing where the pod network does not use podCIDRs (#families-a-node-gives)',
      given: [...dualNodes('a', 'b'), flipped('x'), pod({ nodeName: 'a', addresses: ['172.16.0.7', '2001:db8:7::7'] })],
      finds: [],
    },
    { name: 'says nothing without the pods', given: [...dualNodes('a', 'b'), flipped('x')], refused: ['Pod'], finds: [] },
    { name: 'says nothing without the nodes', given: [...dualNodes('a', 'b'), flipped('x')], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a node',
      given: [...dualNodes('a', 'b'), flipped('c')],
      message: 'The podCIDRs of node c begin with IPv6 (fd00:10:244:3::/64, 10.244.3.0/24), those of its peers with IPv4',
      summary: 'Register the node again, so that its podCIDRs get the order of its peers.',
      steps: [DRAIN, RESTART_MACHINE],
      commands: ['kubectl drain c --ignore-daemonsets --delete-emptydir-data && kubectl delete node c'],
    },
    {
      of: 'a node among IPv6-first ones',
      given: [...dualNodes('a'), flipped('x'), flipped('y')],
      message: 'The podCIDRs of node a begin with IPv4 (10.244.1.0/24, fd00:10:244:1::/64), those of its peers with IPv6',
      summary: 'Register the node again, so that its podCIDRs get the order of its peers.',
      steps: [DRAIN, RESTART_MACHINE],
      commands: ['kubectl drain a --ignore-daemonsets --delete-emptydir-data && kubectl delete node a'],
    },
  ],
);
