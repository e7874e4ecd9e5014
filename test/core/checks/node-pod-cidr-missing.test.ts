import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { dualNodes, MINUTE, node, NOW, pod, POD_CIDRS, SECOND } from '../build.ts';
import { describeCheck } from './table.ts';

const [IPV4_CIDR = '', IPV6_CIDR = ''] = POD_CIDRS;
const peers = dualNodes('a', 'b', 'c');
const onlyIPv4 = node({ name: 'old', podCIDRs: [IPV4_CIDR] });
const none = (told = {}): ReturnType<typeof node> => node({ name: 'new', podCIDRs: [], ...told });

describeCheck(
  nodePodCIDRMissing,
  [
    { name: 'fires on a node with the IPv4 podCIDR only among dual ones', given: [...peers, onlyIPv4], finds: ['Critical Node/old IPv6'] },
    {
      name: 'fires on a node with the IPv6 podCIDR only among dual ones',
      given: [...peers, node({ name: 'odd', podCIDRs: [IPV6_CIDR] })],
      finds: ['Critical Node/odd IPv4'],
    },
    { name: 'fires on a node without any podCIDR among dual ones', given: [...peers, none()], finds: ['Critical Node/new IPv4+IPv6'] },
    {
      name: 'waits for the podCIDR of a new node',
      given: [...peers, none({ createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits no longer than five minutes',
      given: [...peers, none({ createdAt: NOW - 5 * MINUTE })],
      finds: ['Critical Node/new IPv4+IPv6'],
    },
    {
      name: 'does not wait where grace is switched off',
      given: [...peers, none({ createdAt: NOW - SECOND })],
      graceScale: 0,
      finds: ['Critical Node/new IPv4+IPv6'],
    },
    {
      name: 'waits twice as long where grace is doubled',
      given: [...peers, none({ createdAt: NOW - 9 * MINUTE })],
      graceScale: 2,
      finds: [],
    },
    {
      name: 'does not wait where one podCIDR is there: it will never be joined by another (N2)',
      given: [...peers, node({ name: 'old', podCIDRs: [IPV4_CIDR], createdAt: NOW })],
      finds: ['Critical Node/old IPv6'],
    },
    { name: 'says nothing where no node has a podCIDR (fact 2)', given: [node({ name: 'a' }), node({ name: 'b' })], finds: [] },
    {
      name: 'says nothing where no node has a podCIDR, though both families are expected (fact 2)',
      given: [node({ name: 'a' }), node({ name: 'b' })],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    {
      name: 'says nothing on a cluster of one family',
      given: [node({ name: 'a', podCIDRs: [IPV4_CIDR] }), node({ name: 'b', podCIDRs: [IPV4_CIDR] })],
      finds: [],
    },
    {
      name: 'says nothing where no node has both, only one this and one that',
      given: [node({ name: 'a', podCIDRs: [IPV4_CIDR] }), node({ name: 'b', podCIDRs: [IPV6_CIDR] })],
      finds: [],
    },
    {
      name: 'fires on all nodes of an IPv4 cluster at once where both families are expected',
      given: [node({ name: 'a', podCIDRs: [IPV4_CIDR] }), node({ name: 'b', podCIDRs: [IPV4_CIDR] })],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    { name: 'says nothing of a family that is not expected', given: [...peers, onlyIPv4], expected: ['IPv4'], finds: [] },
    {
      name: 'fires on a family that is expected alone',
      given: [...peers, onlyIPv4],
      expected: ['IPv6'],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'leaves a node alone whose pods have the family all the same',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old' })],
      finds: [],
    },
    {
      name: 'takes no host-network pod for a proof',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::1'] })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'takes no completed pod for a proof (P5)',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old', state: 'Completed' })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'says nothing where the pod network does not use podCIDRs (N6)',
      given: [...peers, none(), pod({ nodeName: 'a', addresses: ['172.16.0.7', '2001:db8:7::7'] })],
      finds: [],
    },
    { name: 'does not judge a virtual node (N7)', given: [...peers, none({ virtual: true })], finds: [] },
    { name: 'does not judge a node that is being deleted (N7)', given: [...peers, none({ deleting: true })], finds: [] },
    {
      name: 'asks no second family of a Windows node (K3)',
      given: [...peers, node({ name: 'win', podCIDRs: [IPV4_CIDR], windows: true })],
      finds: [],
    },
    {
      name: 'asks one family of a Windows node (K3)',
      given: [...peers, none({ windows: true })],
      finds: ['Critical Node/new IPv4'],
    },
    {
      name: 'stays with the nodes where half of them lack it',
      given: [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: [IPV4_CIDR] }), node({ name: 'd', podCIDRs: [IPV4_CIDR] })],
      finds: ['Critical Node/c IPv6', 'Critical Node/d IPv6'],
    },
    {
      name: 'is one warning on the cluster while most nodes lack it',
      given: [...dualNodes('a'), node({ name: 'b', podCIDRs: [IPV4_CIDR] }), node({ name: 'c', podCIDRs: [IPV4_CIDR] })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts no node that is not judged among most nodes',
      given: [
        ...dualNodes('a'),
        node({ name: 'b', podCIDRs: [IPV4_CIDR] }),
        node({ name: 'c', podCIDRs: [IPV4_CIDR] }),
        none({ virtual: true }),
        node({ name: 'gone', podCIDRs: POD_CIDRS, deleting: true }),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'keeps on the node what the cluster does not lack',
      given: [...dualNodes('a'), node({ name: 'b', podCIDRs: [IPV4_CIDR] }), node({ name: 'c', podCIDRs: [IPV4_CIDR] }), none()],
      finds: ['Warning Cluster IPv6', 'Critical Node/new IPv4'],
    },
    { name: 'stays with a node that is the only one', given: [onlyIPv4], expected: ['IPv4', 'IPv6'], finds: ['Critical Node/old IPv6'] },
    { name: 'waits for the pods to be listed', given: [...peers, onlyIPv4], pending: ['Pod'], finds: [] },
    { name: 'says nothing without the pods', given: [...peers, onlyIPv4], refused: ['Pod'], finds: [] },
    { name: 'says nothing before the nodes are listed', given: [...peers, onlyIPv4], pending: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a node with one podCIDR',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old', addresses: ['10.244.1.7'] })],
      message: 'Node old has no IPv6 podCIDR (it has only 10.244.1.0/24); its 1 pod cannot have IPv6',
      remediation:
        'podCIDRs cannot be changed once set: make --cluster-cidr of kube-controller-manager name both families, drain and delete the node, then restart its kubelet so that it registers anew.',
      command: 'kubectl drain old --ignore-daemonsets --delete-emptydir-data && kubectl delete node old',
    },
    {
      of: 'a node without podCIDRs',
      given: [...peers, none()],
      message: 'Node new has no IPv4 and IPv6 podCIDR (it has no podCIDR at all); its 0 pods cannot have IPv4 and IPv6',
      remediation:
        "Make kube-controller-manager's --cluster-cidr name both families and look for CIDRNotAvailable events: its range may be used up; an empty podCIDR is then filled by itself.",
      command: 'kubectl get events --all-namespaces --field-selector involvedObject.kind=Node,involvedObject.name=new',
    },
    {
      of: 'a migration that has begun',
      given: [...dualNodes('a'), node({ name: 'b', podCIDRs: [IPV4_CIDR] }), node({ name: 'c', podCIDRs: [IPV4_CIDR] })],
      message: '2 of 3 nodes have no IPv6 podCIDR: the migration of the pod network has begun and is not done',
      remediation:
        'podCIDRs cannot be changed once set: make --cluster-cidr of kube-controller-manager name both families, then replace the nodes one by one (drain, delete, restart the kubelet).',
    },
  ],
);
