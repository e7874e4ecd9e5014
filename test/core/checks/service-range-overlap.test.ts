import { serviceRangeOverlap } from '../../../src/core/checks/service-range-overlap.ts';
import { apiServer, dualNodes, dualService, node, pod, service, serviceCIDR } from '../build.ts';
import { agent, podsOn } from './range-shapes.ts';
import { describeCheck } from './table.ts';

/** k3s-io/k3s#8911, kubernetes/website#30646: `2001:db8:42:1::/112` lies in `2001:db8:42::/56`. */
const RANGES = serviceCIDR({ cidrs: ['10.43.0.0/16', '2001:db8:42:1::/112'] });
const inRange = (name: string, number: number) => node({ name, podCIDRs: [`10.42.${number}.0/24`, `2001:db8:42:${number}::/64`] });
const podIn = (name: string, number: number) =>
  pod({ name, nodeName: name, addresses: [`10.42.${number}.7`, `2001:db8:42:${number}:1::7`] });
const API_SERVER = apiServer('10.43.0.1');
const OVERLAPPING = [RANGES, API_SERVER, ...['a', 'b', 'c'].flatMap((name, number) => [inRange(name, number), podIn(name, number)])];
const WITHOUT_POD = [RANGES, API_SERVER, ...['a', 'b', 'c'].map((name, number) => inRange(name, number))];
/** kube-controller-manager passes over the podCIDR that has the range of Services in it. */
const AROUND = [
  RANGES,
  API_SERVER,
  ...['a', 'b', 'c'].flatMap((name, index) => [inRange(name, [0, 2, 3][index] ?? 0), podIn(name, [0, 2, 3][index] ?? 0)]),
];
const ELSEWHERE = [serviceCIDR({ cidrs: ['10.0.0.0/16'] }), apiServer('10.0.0.1'), node({ name: 'a' })];
const INSIDE = pod({ addresses: ['10.0.0.77'] });
/** A second ServiceCIDR, which is added where the first is used up. */
const ADDED = [...ELSEWHERE, serviceCIDR({ name: 'more', cidrs: ['10.1.0.0/16'] }), pod({ addresses: ['10.1.0.77'] })];
/** The same on its way out. */
const GOING = serviceCIDR({ name: 'more', cidrs: ['10.1.0.0/16'], ready: false });
/** A third one whose range has the others in it, and no address of a pod or node beside them. */
const AROUND_OTHERS = serviceCIDR({ name: 'wide', cidrs: ['10.0.0.0/15'] });
/** A ServiceCIDR that was added, with the address of a node. */
const WITH_NODE = [
  serviceCIDR(),
  apiServer(),
  node({ name: 'a', addresses: ['10.20.0.5'] }),
  serviceCIDR({ name: 'more', cidrs: ['10.20.0.0/24'] }),
];
const DELETE_UNUSED =
  'None: Delete ServiceCIDR more. No Service has an address of it, and all Services keep theirs. If another ServiceCIDR is to replace it, add that first, with a range that overlaps no podCIDRs and no nodes. If something applies it, such as a Helm release or Argo CD, remove it there.';
const DELETE_USED =
  'None: Delete ServiceCIDR more, so that no more Services get addresses of it. Those that have one keep it: a finalizer keeps the ServiceCIDR until no Service has an address that no other ServiceCIDR has. If another one is to replace it, add that first, with a range that overlaps no podCIDRs and no nodes. If something applies it, such as a Helm release or Argo CD, remove it there.';
const remade = (services: string, pronoun: string, owners: string): string =>
  `ChangesAddress: Delete ${services}, and create ${pronoun} again at ${owners}, without clusterIP and clusterIPs in the manifest: the clusterIPs of a Service cannot be changed. Clients lose their connections, and have to look up the new address. A load balancer may get another address too.`;
const REMOVE = 'Remove ServiceCIDR more, which was added to the ranges of the API server, so that no address belongs to both.';
/** The API server of a virtual cluster has a default range, and its Services are those of the host cluster. */
const VIRTUAL = [
  serviceCIDR({ cidrs: ['10.96.0.0/12'] }),
  apiServer('172.20.0.9'),
  node({ name: 'a' }),
  pod({ addresses: ['10.100.0.7'] }),
];
const OLD = [service({ name: 'api', clusterIPs: ['10.244.1.5'] }), ...dualNodes('a', 'b'), ...podsOn('a', 'b'), apiServer()];

const COMPARE = 'None: Compare the ranges of Services with the podCIDRs and addresses of nodes.';
const COMPARE_COMMAND =
  'kubectl get servicecidrs; kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs,ADDRESSES:.status.addresses[*].address';
const OTHER_RANGE =
  "RecreatesNode: Choose a pod range that does not overlap (--cluster-cidr of kube-controller-manager and kube-proxy, or the CNI plugin's pool). Then register the nodes again one by one, or restart all pods: each pod gets another address. The range of Services cannot be changed while the cluster has Services.";

describeCheck(
  serviceRangeOverlap,
  [
    {
      name: 'says nothing where the ranges are disjoint',
      given: [serviceCIDR(), ...dualNodes('a', 'b', 'c'), ...podsOn('a', 'b', 'c')],
      finds: [],
    },
    {
      name: 'fires where a podCIDR has the range of Services in it (k3s-io/k3s#8911)',
      given: OVERLAPPING,
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'is Info where Cilium runs, whose pods may fit podCIDRs by accident',
      given: [...OVERLAPPING, agent('cilium')],
      finds: ['Info Cluster IPv6'],
    },
    { name: 'counts whatever is expected', given: OVERLAPPING, expected: ['IPv4'], finds: ['Critical Cluster IPv6'] },
    {
      name: 'says nothing of what may be harmless beside what is not',
      given: [...OVERLAPPING, serviceCIDR({ name: 'more', cidrs: ['10.42.0.0/24'] })],
      finds: ['Critical Cluster IPv6'],
    },
    { name: 'is Info where no pod shows that podCIDRs are used', given: WITHOUT_POD, finds: ['Info Cluster IPv6'] },
    {
      name: 'is Info of Calico and of Cilium, whose pods are elsewhere',
      given: [...WITHOUT_POD, pod({ nodeName: 'a', addresses: ['192.168.7.7', 'fd00:7::7'] }), agent('calico-node')],
      finds: ['Info Cluster IPv6'],
    },
    { name: 'is Info where the range lies between the podCIDRs (kubernetes/website#30646)', given: AROUND, finds: ['Info Cluster IPv6'] },
    {
      name: 'says nothing of podCIDRs on both sides that are from several ranges',
      given: [serviceCIDR(), node({ name: 'a', podCIDRs: ['10.0.0.0/24'] }), node({ name: 'b', podCIDRs: ['10.244.0.0/24'] })],
      finds: [],
    },
    {
      name: 'fires on pods in the range of Services (cilium/cilium#31504: cluster-pool 10.0.0.0/8 on AKS)',
      given: [...ELSEWHERE, INSIDE, agent('cilium')],
      finds: ['Critical Cluster IPv4'],
    },
    { name: 'says nothing of Cilium pods beside it', given: [...ELSEWHERE, pod({ addresses: ['10.1.0.77'] }), agent('cilium')], finds: [] },
    {
      name: 'says nothing of host-network pods and of pods that are done',
      given: [
        ...ELSEWHERE,
        pod({ addresses: ['10.0.0.77'], hostNetwork: true }),
        pod({ name: 'done', addresses: ['10.0.0.78'], state: 'Completed' }),
      ],
      finds: [],
    },
    {
      name: 'says nothing of pods that go, or whose addresses are redacted',
      given: [
        ...ELSEWHERE,
        pod({ addresses: ['10.0.0.77'], state: 'Terminating' }),
        pod({ name: 'redacted', addresses: ['10.0.0.78', 'x-ipv6-0000000001-x'], state: 'Unreadable' }),
      ],
      finds: [],
    },
    {
      name: 'says nothing of pods with another default network, which Multus gives them',
      given: [...ELSEWHERE, pod({ addresses: ['10.0.0.77'], otherNetwork: true })],
      finds: [],
    },
    {
      name: 'says nothing of a subnet of Kube-OVN, which may be in a VPC of its own',
      given: [...ELSEWHERE, pod({ addresses: ['10.0.0.77'], subnet: 'tenant-1' })],
      finds: [],
    },
    {
      name: 'fires on the default subnet of Kube-OVN',
      given: [...ELSEWHERE, pod({ addresses: ['10.0.0.77'], subnet: 'ovn-default' })],
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'says nothing of pods on virtual nodes, as those of KWOK, which gives addresses of 10.0.0.0/24',
      given: [serviceCIDR({ cidrs: ['10.0.0.0/24'] }), apiServer('10.0.0.1'), node({ virtual: true }), INSIDE],
      finds: [],
    },
    {
      name: 'says nothing of pods whose nodes are not there, as in a dump of two clusters',
      given: [...ELSEWHERE, pod({ nodeName: 'other', addresses: ['10.0.0.77'] })],
      finds: [],
    },
    { name: 'is Info in a virtual cluster whose Services have addresses from elsewhere', given: VIRTUAL, finds: ['Info Cluster IPv4'] },
    {
      name: 'is Info of podCIDRs that a virtual cluster shows, where its Services have addresses from elsewhere',
      given: [serviceCIDR({ cidrs: ['10.244.0.0/16'] }), apiServer(), ...dualNodes('a', 'b'), ...podsOn('a', 'b')],
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'is Info where a ServiceCIDR is added of which no Service has an address',
      given: ADDED,
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'says nothing of one that is being deleted, of which no Service has an address (rules.md#service-cidrs-may-overlap)',
      given: [...ADDED, GOING],
      finds: [],
    },
    {
      name: 'fires on one that is being deleted when a Service has an address of it',
      given: [...ADDED, GOING, service({ clusterIPs: ['10.1.0.9'] })],
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'fires when a Service has an address of it',
      given: [...ADDED, service({ clusterIPs: ['10.1.0.9'] })],
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'fires on the second range of a ServiceCIDR where Services have addresses of the first alone',
      given: [serviceCIDR(), apiServer(), node(), pod({ addresses: ['10.244.0.7', 'fd00:10:96::7'] })],
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'says nothing of a virtual cluster, whose pods and nodes are those of another one',
      given: [...ELSEWHERE, INSIDE, node({ name: 'fake', addresses: ['10.0.0.9'] })],
      finds: [],
    },
    {
      name: 'goes by clusterIPs where there is no ServiceCIDR (before Kubernetes 1.33)',
      given: OLD,
      refused: ['ServiceCIDR'],
      finds: ['Critical Cluster IPv4'],
    },
    {
      name: 'passes over the addresses of headless Services and ExternalNames there',
      given: [
        ...dualNodes('a', 'b'),
        ...podsOn('a', 'b'),
        service({ name: 'head', headless: true }),
        service({ name: 'name', type: 'ExternalName', clusterIPs: ['10.244.1.5'] }),
        dualService(),
      ],
      finds: [],
    },
    {
      name: 'says nothing of ServiceCIDRs that overlap each other (rules.md#service-cidrs-may-overlap)',
      given: [...ELSEWHERE, AROUND_OTHERS, pod({ addresses: ['10.200.0.7'] })],
      finds: [],
    },
    {
      name: 'is Info where all addresses in an added range are in that of the API server too',
      given: [...ELSEWHERE, AROUND_OTHERS, pod({ addresses: ['10.1.0.77'] }), service({ clusterIPs: ['10.0.0.9'] })],
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'is Info of addresses of nodes in a range that was added',
      given: WITH_NODE,
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'is a Warning when a Service has an address of it',
      given: [...WITH_NODE, service({ clusterIPs: ['10.20.0.77'] })],
      finds: ['Warning Cluster IPv4'],
    },
    {
      name: 'goes by no address that a Service kept when it became an ExternalName',
      given: [...WITH_NODE, service({ clusterIPs: ['10.20.0.77'], type: 'ExternalName' })],
      finds: ['Info Cluster IPv4'],
    },
    {
      name: 'says nothing of addresses of nodes where no Service is of the own ranges, as in a virtual cluster',
      given: WITH_NODE.map((each) => (each.kind === 'Service' ? apiServer('172.20.0.1') : each)),
      finds: [],
    },
    {
      name: 'says nothing of addresses of virtual nodes in it',
      given: WITH_NODE.map((each) => (each.kind === 'Node' ? { ...each, virtual: true } : each)),
      finds: [],
    },
    {
      name: 'says nothing of nodes where the ServiceCIDR of the API server is not there',
      given: WITH_NODE.filter((each) => each.kind !== 'ServiceCIDR' || each.name !== 'kubernetes'),
      finds: [],
    },
    { name: 'waits for the pods to be listed', given: OVERLAPPING, pending: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'a podCIDR with the range in it',
      given: OVERLAPPING,
      message: 'The range of Services 2001:db8:42:1::/112 overlaps podCIDRs of node b',
      summary: 'Give pods or Services another IPv6 range, so that no address belongs to both.',
      steps: [COMPARE, OTHER_RANGE],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'many podCIDRs in the range',
      given: [serviceCIDR({ cidrs: ['10.0.0.0/8'] }), apiServer(), ...dualNodes('a', 'b', 'c', 'd'), ...podsOn('a', 'b', 'c', 'd')],
      message: '8 pods have addresses in the range of Services 10.0.0.0/8',
      summary: 'Give pods or Services another IPv4 range, so that no address belongs to both.',
      steps: [COMPARE, OTHER_RANGE],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'many podCIDRs in the range, without pods',
      given: [serviceCIDR({ cidrs: ['10.0.0.0/8'] }), apiServer(), ...dualNodes('d', 'c', 'b', 'a')],
      message: 'The range of Services 10.0.0.0/8 overlaps podCIDRs of nodes a, b and 2 more',
      summary: 'Give pods or Services another IPv4 range, so that no address belongs to both.',
      steps: [COMPARE, OTHER_RANGE],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'a range between podCIDRs',
      given: AROUND,
      message: 'The range of Services 2001:db8:42:1::/112 lies between the podCIDRs of nodes, so --cluster-cidr has it in it',
      summary: 'Give pods or Services another IPv6 range, so that no address belongs to both.',
      steps: [
        COMPARE,
        'None: Make --cluster-cidr of kube-proxy and kube-controller-manager name a range without that of Services in it, with the podCIDRs that nodes have. Both restart; pods keep running.',
      ],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'each pod once where a range is in two ServiceCIDRs',
      given: [...ELSEWHERE, serviceCIDR({ name: 'again', cidrs: ['10.0.0.0/16'] }), INSIDE],
      message: '1 pod has an address in the range of Services 10.0.0.0/16',
      summary: 'Give pods or Services another IPv4 range, so that no address belongs to both.',
      steps: [COMPARE, OTHER_RANGE],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'pods in a range that was added and that no Service has an address of',
      given: ADDED,
      message: '1 pod has an address in the range 10.1.0.0/16 of ServiceCIDR more, but no Service has an address of this ServiceCIDR',
      summary: REMOVE,
      steps: [COMPARE, DELETE_UNUSED],
      commands: [COMPARE_COMMAND, 'kubectl delete servicecidr more'],
    },
    {
      of: 'pods in a range that was added and that some Services have addresses of',
      given: [...ADDED, ...['a', 'b', 'c'].map((name, number) => service({ name, clusterIPs: [`10.1.0.${number}`] }))],
      message: '1 pod has an address in the range 10.1.0.0/16 of ServiceCIDR more',
      summary: REMOVE,
      steps: [COMPARE, DELETE_USED, remade('Services shop/a, shop/b and 1 more', 'them', 'their owners')],
      commands: [COMPARE_COMMAND, 'kubectl delete servicecidr more --wait=false'],
    },
    {
      of: 'a node in a range that was added and that a Service has an address of',
      given: [...WITH_NODE, service({ name: 'a', clusterIPs: ['10.20.0.77'] })],
      message: 'Node a has an address in the range 10.20.0.0/24 of ServiceCIDR more',
      summary: REMOVE,
      steps: [COMPARE, DELETE_USED, remade('Service shop/a', 'it', 'its owner')],
      commands: [COMPARE_COMMAND, 'kubectl delete servicecidr more --wait=false'],
    },
    {
      of: 'pods in the range of an API server that no Service has an address of',
      given: VIRTUAL,
      message: '1 pod has an address in the range of Services 10.96.0.0/12, but no Service has an address of this ServiceCIDR',
      summary: 'Give pods or Services another IPv4 range, so that no address belongs to both.',
      steps: [
        COMPARE,
        'None: Compare the ranges with the clusterIPs of Services too. In a virtual cluster, whose Services get addresses of another cluster, the ServiceCIDR has no effect. Otherwise compare it with --service-cluster-ip-range of the API server, which made ServiceCIDR kubernetes of that when it started for the first time.',
      ],
      commands: [COMPARE_COMMAND],
    },
    {
      of: 'clusterIPs in podCIDRs',
      given: [...OLD, service({ name: 'admin', clusterIPs: ['10.244.2.6'] })],
      refused: ['ServiceCIDR'],
      message: 'clusterIP 10.244.2.6 of Service shop/admin lies in a podCIDR of node b and 1 more clusterIP lies in podCIDRs',
      summary: 'Give pods or Services another IPv4 range, so that no address belongs to both.',
      steps: [COMPARE, OTHER_RANGE],
      commands: [COMPARE_COMMAND],
    },
  ],
);
