import { nodeAddressMissing } from '../../../src/core/checks/node-address-missing.ts';
import { apiServer, dualNodes, ipv4Pod, MINUTE, NOW, node, pod, podCIDRsOf, serviceCIDR } from '../build.ts';
import { BEYOND_NODE_IP } from './node-address-requested.ts';
import { ON_OLD_OPENSHIFT } from './node-address-openshift.ts';
import { describeCheck } from './table.ts';

const SEE_ADDRESSES = 'None: See which addresses the node has.';
const SET_NODE_IP =
  "None: Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. Pods keep running; host-network pods get the new address when they restart.";
const LEAVE_NODE_IP_OUT =
  'None: Beside a cloud provider, a kubelet does not start with two addresses in --node-ip before Kubernetes 1.29. Give such a machine an IPv6 address, and remove --node-ip from its kubelet, or set it to :: where IPv6 is to be first. Restart the kubelet, and remove the annotation alpha.kubernetes.io/provided-node-ip if the node keeps it. Pods keep running; host-network pods get the new address when they restart.';
const NODES_IPV6 = 'Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv6 addresses.';

const IPV4 = ['192.0.2.1'];
const IPV6 = ['2001:db8::1'];
const peers = dualNodes('a', 'b');
const onlyIPv4 = node({ name: 'old', addresses: IPV4 });
const allIPv4 = ['a', 'b', 'c'].map((name) => node({ name, addresses: IPV4 }));

const ipv4Services = [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer()];

const EACH_LACKS_ONE = [
  node({ name: 'four', addresses: IPV4 }),
  node({ name: 'other', addresses: IPV4 }),
  node({ name: 'six', addresses: ['2001:db8::6'] }),
];

describeCheck(
  nodeAddressMissing,
  [
    { name: 'fires on a node without an IPv6 address among dual ones', given: [...peers, onlyIPv4], finds: ['Warning Node/old IPv6'] },
    {
      name: 'asks no second family of a Windows node (#skipped-nodes)',
      given: [...peers, node({ name: 'win', addresses: IPV4, windows: true })],
      finds: [],
    },
    {
      name: 'asks one family of a Windows node',
      given: [...peers, node({ name: 'win', addresses: [], windows: true })],
      finds: ['Warning Node/win IPv4'],
    },
    {
      name: 'asks no particular family of a Windows node',
      given: [...peers, node({ name: 'win', addresses: IPV6, windows: true })],
      finds: [],
    },
    {
      name: 'expects no more than the expected families, whatever its podCIDRs have',
      given: [node({ name: 'a', addresses: IPV4, podCIDRs: podCIDRsOf('a') }), onlyIPv4],
      expected: ['IPv4'],
      finds: [],
    },
    {
      name: 'is only Info on an IPv6-only node among dual ones (k/k#137119)',
      given: [...peers, node({ name: 'mostly', addresses: IPV6 })],
      finds: ['Info Node/mostly IPv4'],
    },
    {
      name: 'is a warning on an IPv6-only node where both families are expected',
      given: [...peers, node({ name: 'mostly', addresses: IPV6 })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Node/mostly IPv4'],
    },
    {
      name: 'says nothing where nodes alone have two families, which obliges nobody (aws/containers-roadmap#1703)',
      given: [node({ name: 'both' }), node({ name: 'six', addresses: IPV6 }), node({ name: 'four', addresses: IPV4 })],
      finds: [],
    },
    {
      name: 'says nothing of nodes that list a second family in a cluster of one (linode-cloud-controller-manager#217)',
      given: [node({ name: 'new' }), onlyIPv4, ipv4Pod('web', { nodeName: 'old' }), serviceCIDR({ cidrs: ['10.96.0.0/16'] })],
      finds: [],
    },
    {
      name: 'expects the families that pods have where no node has a podCIDR (machine-config-operator#3909)',
      given: [...allIPv4, pod({ nodeName: 'a', addresses: ['10.128.0.4', 'fd01::4'] })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is Info on OpenShift before 4.14 on vSphere, which passes no addresses to kubelets',
      given: [...allIPv4.map((one) => ({ ...one, isOldOpenShift: true })), pod({ nodeName: 'a', addresses: ['10.128.0.4', 'fd01::4'] })],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing for one pod with both families among many of one, where no node has a podCIDR',
      given: [
        ...ipv4Services,
        ...allIPv4,
        pod({ name: 'odd', nodeName: 'a' }),
        ...['a', 'b', 'c'].flatMap((nodeName) => [1, 2].map((number) => ipv4Pod(`${nodeName}-${number}`, { nodeName }))),
      ],
      finds: [],
    },
    {
      name: 'expects them on the one node where pods of workloads on others have both, whatever Services have',
      given: [
        ...ipv4Services,
        node({ name: 'b' }),
        node({ name: 'c' }),
        onlyIPv4,
        ...['b', 'c'].flatMap((nodeName) => [
          pod({ name: nodeName, nodeName }),
          pod({ name: `db-${nodeName}`, nodeName, owner: 'StatefulSet/db' }),
        ]),
      ],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'is Info on the cluster where all nodes are IPv6-only under dual-stack pods (cilium/cilium#40324)',
      given: ['a', 'b'].map((name) => node({ name, addresses: IPV6, podCIDRs: podCIDRsOf(name) })),
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'expects nothing of addresses that are those of Services, as in a virtual cluster',
      given: [...peers, node({ name: 'made-up', addresses: ['10.96.7.7'] }), serviceCIDR(), apiServer()],
      finds: [],
    },
    {
      name: 'expects nothing of a node that a virtual cluster made up, which may have no address at all',
      given: [...peers, node({ name: 'made-up', addresses: [], madeUp: true })],
      finds: [],
    },
    {
      name: 'says nothing of a node that its cloud provider is setting up, and speaks up after five minutes',
      given: [...peers, node({ name: 'new', addresses: IPV4, uninitialized: true, createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'says nothing of a node that is starting again, whose machine may get its IPv6 address later',
      given: [...peers, { ...onlyIPv4, notReady: true, readyChangedAt: NOW - 3 * MINUTE }],
      finds: [],
    },
    {
      name: 'says nothing of a node that became Ready just now',
      given: [...peers, { ...onlyIPv4, readyChangedAt: NOW - 5 * MINUTE + 1 }],
      finds: [],
    },
    {
      name: 'fires on a node that has been Ready for five minutes',
      given: [...peers, { ...onlyIPv4, readyChangedAt: NOW - 5 * MINUTE }],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'fires on a node that has long been NotReady',
      given: [...peers, { ...onlyIPv4, notReady: true }],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'evaluates a Windows node as any other where its podCIDRs have both families, as Info (cloud-provider-azure#3213)',
      given: [...peers, node({ name: 'win', addresses: IPV4, windows: true, podCIDRs: podCIDRsOf('win') })],
      finds: ['Info Node/win IPv6'],
    },
    {
      name: 'is Info there even if both families are expected',
      given: [...peers, node({ name: 'win', addresses: IPV4, windows: true, podCIDRs: podCIDRsOf('win') })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Info Node/win IPv6'],
    },
    {
      name: 'asks no two addresses of a family, and takes any number of them (fact 1)',
      given: [...peers, node({ name: 'many', addresses: ['192.0.2.1', '198.51.100.1', '2001:db8::1', '2001:db8::2'] })],
      finds: [],
    },
    { name: 'says nothing on a cluster of one family', given: [node({ name: 'a', addresses: IPV4 }), onlyIPv4], finds: [] },
    {
      name: 'expects the families that the podCIDRs of some node have (k3s-io/k3s#9946)',
      given: [node({ name: 'a' }), node({ name: 'b', addresses: IPV4, podCIDRs: podCIDRsOf('b') })],
      finds: ['Warning Node/b IPv6'],
    },
    {
      name: 'is one finding on the cluster where all nodes are alike',
      given: [
        node({ name: 'a', addresses: IPV4, podCIDRs: podCIDRsOf('a') }),
        node({ name: 'b', addresses: IPV4, podCIDRs: podCIDRsOf('b') }),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is one finding on the cluster where all nodes lack an expected family',
      given: [node({ name: 'a', addresses: IPV4 }), node({ name: 'b', addresses: IPV4 })],
      expected: ['IPv6', 'IPv4'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'stays one finding on the cluster while a new node is in grace',
      given: [...allIPv4, node({ name: 'new', addresses: [], createdAt: NOW - 5 * MINUTE + 1 })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'stays one finding on the cluster when the grace of that node has ended',
      given: [...allIPv4, node({ name: 'new', addresses: IPV4, createdAt: NOW - 5 * MINUTE })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'goes back to the nodes when a new one has it from the start',
      given: [...allIPv4, node({ name: 'new', createdAt: NOW })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Node/a IPv6', 'Warning Node/b IPv6', 'Warning Node/c IPv6'],
    },
    {
      name: 'is one finding on the cluster beside a Windows node (#skipped-nodes)',
      given: [...allIPv4, node({ name: 'win', addresses: IPV4, windows: true })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'takes in a Windows node that lacks the family too',
      given: [...allIPv4.map(({ name }) => node({ name, addresses: IPV6 })), node({ name: 'win', addresses: [], windows: true })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv4'],
    },
    {
      name: 'stays with a node that is the only one beside those in grace',
      given: [onlyIPv4, node({ name: 'new', addresses: IPV4, createdAt: NOW })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'stays with the nodes where one has it',
      given: [...dualNodes('a'), node({ name: 'b', addresses: IPV4 }), node({ name: 'c', addresses: IPV4 })],
      finds: ['Warning Node/b IPv6', 'Warning Node/c IPv6'],
    },
    {
      name: 'stays with a node that is the only one',
      given: [onlyIPv4],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'is one finding where each node lacks a family, be it not the same',
      given: EACH_LACKS_ONE,
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv4+IPv6'],
    },
    {
      name: 'is one for each where one of the nodes has both families',
      given: [...EACH_LACKS_ONE, node({ name: 'whole' })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Node/four IPv6', 'Warning Node/other IPv6', 'Warning Node/six IPv4'],
    },
    { name: 'says nothing of a family that is not expected', given: [...peers, onlyIPv4], expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: [...peers, onlyIPv4], expected: ['IPv6'], finds: ['Warning Node/old IPv6'] },
    {
      name: 'waits for the addresses of a new node',
      given: [...peers, node({ name: 'new', addresses: [], createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits for what the cloud provider adds to the first address of a new node',
      given: [...peers, node({ name: 'new', addresses: IPV4, createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits for it no longer than five minutes',
      given: [...peers, node({ name: 'new', addresses: IPV4, createdAt: NOW - 5 * MINUTE })],
      finds: ['Warning Node/new IPv6'],
    },
    {
      name: 'waits no longer than five minutes',
      given: [...peers, node({ name: 'new', addresses: [], createdAt: NOW - 5 * MINUTE })],
      finds: ['Warning Node/new IPv4+IPv6'],
    },
    {
      name: 'does not wait where grace is switched off',
      given: [...peers, node({ name: 'new', addresses: [], createdAt: NOW })],
      graceScale: 0,
      finds: ['Warning Node/new IPv4+IPv6'],
    },
    {
      name: 'does not evaluate virtual nodes and those that are being deleted (#skipped-nodes)',
      given: [...peers, node({ name: 'fargate', addresses: IPV4, virtual: true }), node({ name: 'gone', addresses: IPV4, deleting: true })],
      finds: [],
    },
    { name: 'needs no pods', given: [...peers, onlyIPv4], refused: ['Pod'], finds: ['Warning Node/old IPv6'] },
    { name: 'waits for the nodes to be listed', given: [...peers, onlyIPv4], pending: ['Node'], finds: [] },
    { name: 'says nothing without the nodes', given: [...peers, onlyIPv4], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a node with one family',
      given: [...peers, onlyIPv4],
      message: 'Node old has no IPv6 address (it has addresses of IPv4 only)',
      summary: "Give the node an IPv6 address, and name both families in the kubelet's --node-ip.",
      steps: [SEE_ADDRESSES, SET_NODE_IP],
      commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'a node without addresses',
      given: [...peers, node({ name: 'new', addresses: [] })],
      message: 'Node new has no IPv4 or IPv6 address (it has no address)',
      summary: "Give the node IPv4 and IPv6 addresses, and name both families in the kubelet's --node-ip.",
      steps: [SEE_ADDRESSES, SET_NODE_IP],
      commands: ["kubectl get node new -o jsonpath='{.status.addresses}'"],
      exposes: ['Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv4 and IPv6 addresses.'],
    },
    {
      of: 'a node whose --node-ip asked for one family (#node-addresses)',
      given: [...peers, node({ name: 'old', addresses: IPV4, providedNodeIP: '192.0.2.1' })],
      message: "Node old has no IPv6 address (it has addresses of IPv4 only, as its kubelet's --node-ip 192.0.2.1 asks)",
      summary: "Name both families in the kubelet's --node-ip, which is 192.0.2.1 now, or leave the flag out.",
      steps: [SEE_ADDRESSES, SET_NODE_IP],
      commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'a node whose --node-ip cannot be read',
      given: [...peers, node({ name: 'old', addresses: IPV4, providedNodeIP: 'nonsense' })],
      message: 'Node old has no IPv6 address (it has addresses of IPv4 only)',
      summary: "Give the node an IPv6 address, and name both families in the kubelet's --node-ip.",
      steps: [SEE_ADDRESSES, SET_NODE_IP],
      commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'a node whose kubelet takes one address (#node-ip-of-both-families)',
      given: [...peers, node({ name: 'old', addresses: IPV4, providedNodeIP: '192.0.2.1', takesDualNodeIP: false })],
      message: "Node old has no IPv6 address (it has addresses of IPv4 only, as its kubelet's --node-ip 192.0.2.1 asks)",
      summary:
        'Give the machine an IPv6 address, and let the cloud provider list it: before Kubernetes 1.29, the kubelet takes one address in --node-ip beside a cloud provider.',
      steps: [SEE_ADDRESSES, LEAVE_NODE_IP_OUT],
      commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    ...BEYOND_NODE_IP,
    ...ON_OLD_OPENSHIFT,
    {
      of: 'a node with a link-local address',
      given: [...peers, { ...onlyIPv4, addresses: [...IPV4, 'fe80::1'] }],
      message: 'Node old has no IPv6 address (its only one is fe80::1, which others cannot reach)',
      summary: "Give the node an IPv6 address, and name both families in the kubelet's --node-ip.",
      steps: [SEE_ADDRESSES, SET_NODE_IP],
      commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'all nodes, of which each kubelet takes one address',
      given: allIPv4.map((one) => ({ ...one, takesDualNodeIP: false })),
      expected: ['IPv4', 'IPv6'],
      message: 'None of the 3 nodes has an IPv6 address',
      summary:
        'Give each machine an IPv6 address, and let the cloud provider list it: before Kubernetes 1.29, the kubelet takes one address in --node-ip beside a cloud provider.',
      steps: [LEAVE_NODE_IP_OUT],
      exposes: [NODES_IPV6],
    },
    {
      of: 'all nodes in an upgrade, of which some kubelet takes one address',
      given: [...allIPv4, node({ name: 'd', addresses: IPV4, takesDualNodeIP: false })],
      expected: ['IPv4', 'IPv6'],
      message: 'None of the 4 nodes has an IPv6 address',
      summary:
        'Give each machine an IPv6 address, and let the cloud provider list it: before Kubernetes 1.29, the kubelet takes one address in --node-ip beside a cloud provider.',
      steps: [LEAVE_NODE_IP_OUT, SET_NODE_IP],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'all nodes',
      given: [node({ name: 'a', addresses: IPV4 }), node({ name: 'b', addresses: IPV4 })],
      expected: ['IPv4', 'IPv6'],
      message: 'None of the 2 nodes has an IPv6 address',
      summary: "Give each node an IPv6 address, and name both families in its kubelet's --node-ip.",
      steps: [SET_NODE_IP],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes each of which lacks a family',
      given: EACH_LACKS_ONE,
      expected: ['IPv4', 'IPv6'],
      message: 'None of the 3 nodes has addresses of both families',
      summary: "Give each node an address of each family that it lacks, and name both families in its kubelet's --node-ip.",
      steps: [SET_NODE_IP],
      exposes: ['Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv4 and IPv6 addresses.'],
    },
    {
      of: 'all nodes but those in grace and Windows nodes',
      given: [...allIPv4, node({ name: 'new', addresses: IPV4, createdAt: NOW }), node({ name: 'win', addresses: IPV4, windows: true })],
      expected: ['IPv4', 'IPv6'],
      message: 'None of the 3 nodes has an IPv6 address',
      summary: "Give each node an IPv6 address, and name both families in its kubelet's --node-ip.",
      steps: [SET_NODE_IP],
      exposes: [NODES_IPV6],
    },
  ],
);
