import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { overallFamilies, detectStack, type LayerStack, type PodCIDRUse, type Stack } from '../../../src/core/cluster/stack.ts';
import {
  LONG_AGO,
  NOW,
  apiServer,
  dualNodes,
  dualService,
  storeOf,
  ipv4Node,
  ipv4Pod,
  node,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  type Known,
} from '../build.ts';

interface Row extends Known {
  readonly name: string;
  readonly given: readonly Facts[];
  readonly is: LayerStack;
}

const IPV4 = ['192.0.2.1'];
const IPV6 = ['2001:db8::1'];
const NO_PODS = 'there is no pod-network pod';
const NO_CIDRS = 'no node has a podCIDR';
const REFUSED = 'Not allowed to list and watch these: grant the rule for them';
const ONE_SERVICE_CIDR = ['10.96.0.0/16'];

/** As the host of a virtual cluster gives them. */
const HOST = { clusterIPs: ['172.30.8.10'] };
const hostServices = (createdAt: number): readonly Facts[] => [
  apiServer('172.30.0.1'),
  dualService({ clusterIPs: ['172.30.8.11', 'fd02::b'], createdAt }),
];
const unused = (families: string): string => `ServiceCIDR kubernetes has ${families}, but no clusterIP, as in a virtual cluster`;

function countsOf(what: string, dual: number, ipv4: number, ipv6: number, none = 0): string {
  const total = dual + ipv4 + ipv6 + none;
  const others = none > 0 ? `, ${none} none of either` : '';
  return `of ${total} ${what}${total === 1 ? '' : 's'} ${dual} have addresses of both families, ${ipv4} IPv4 only, ${ipv6} IPv6 only${others}`;
}

const NODES: readonly Row[] = [
  { name: 'no nodes', given: [], is: { families: 'Unknown', evidence: 'there is no node' } },
  { name: 'nodes that may not be read', given: [node()], refused: ['Node'], is: { families: 'Unknown', evidence: REFUSED } },
  { name: 'dual nodes', given: [node()], is: { families: 'DualStack', primary: 'IPv4', evidence: countsOf('node', 1, 0, 0) } },
  {
    name: 'dual nodes that are IPv6 first',
    given: [node({ addresses: [...IPV6, ...IPV4] }), node({ name: 'b', addresses: [...IPV6, ...IPV4] }), node({ name: 'c' })],
    is: { families: 'DualStack', primary: 'IPv6', evidence: countsOf('node', 3, 0, 0) },
  },
  {
    name: 'IPv4 nodes',
    given: [node({ addresses: IPV4 })],
    is: { families: 'IPv4', primary: 'IPv4', evidence: countsOf('node', 0, 1, 0) },
  },
  {
    name: 'IPv6 nodes',
    given: [node({ addresses: IPV6 })],
    is: { families: 'IPv6', primary: 'IPv6', evidence: countsOf('node', 0, 0, 1) },
  },
  {
    name: 'a dual node among IPv4 ones',
    given: [node(), node({ name: 'b', addresses: IPV4 }), node({ name: 'c', addresses: IPV4 })],
    is: { families: 'DualStack', primary: 'IPv4', evidence: countsOf('node', 1, 2, 0) },
  },
  {
    name: 'IPv4 nodes beside IPv6 ones',
    given: [node({ addresses: IPV4 }), node({ name: 'b', addresses: IPV6 }), node({ name: 'c', addresses: IPV6 })],
    is: { families: 'Mixed', primary: 'IPv6', evidence: countsOf('node', 0, 1, 2) },
  },
  {
    name: 'a node without addresses',
    given: [node({ addresses: [] })],
    is: { families: 'Unknown', evidence: countsOf('node', 0, 0, 0, 1) },
  },
  {
    name: 'nodes that are not evaluated',
    given: [node({ virtual: true }), node({ name: 'b', deleting: true })],
    is: { families: 'Unknown', evidence: 'there is no node' },
  },
];

const PODS: readonly Row[] = [
  { name: 'neither pods nor podCIDRs', given: [node()], is: { families: 'Unknown', evidence: `${NO_PODS}; ${NO_CIDRS}` } },
  {
    name: 'no pods, but podCIDRs of both families on one node',
    given: dualNodes('a'),
    is: { families: 'DualStack', evidence: `${NO_PODS}; nodes have podCIDRs of IPv4 and IPv6` },
  },
  {
    name: 'no pods, but podCIDRs of one family',
    given: [node({ podCIDRs: podCIDRsOf('b').slice(1) })],
    is: { families: 'IPv6', evidence: `${NO_PODS}; nodes have podCIDRs of IPv6` },
  },
  {
    name: 'no pods, and podCIDRs of both families on no node',
    given: [ipv4Node('a'), node({ name: 'b', podCIDRs: podCIDRsOf('b').slice(1) })],
    is: { families: 'Mixed', evidence: `${NO_PODS}; nodes have podCIDRs of IPv4 and IPv6` },
  },
  {
    name: 'pods that may not be read',
    given: [...dualNodes('a'), pod()],
    refused: ['Pod'],
    is: { families: 'DualStack', evidence: `${REFUSED}; nodes have podCIDRs of IPv4 and IPv6` },
  },
  {
    name: 'neither pods nor nodes that may be read',
    given: [...dualNodes('a'), pod()],
    refused: ['Pod', 'Node'],
    is: { families: 'Unknown', evidence: `${REFUSED}; ${REFUSED}` },
  },
  {
    name: 'dual pods',
    given: [node(), pod()],
    is: { families: 'DualStack', primary: 'IPv4', evidence: `${countsOf('pod-network pod', 1, 0, 0)}; ${NO_CIDRS}` },
  },
  {
    name: 'dual pods on nodes that are IPv6 first',
    given: [node({ addresses: [...IPV6, ...IPV4] }), pod()],
    is: { families: 'DualStack', primary: 'IPv6', evidence: `${countsOf('pod-network pod', 1, 0, 0)}; ${NO_CIDRS}` },
  },
  {
    name: 'IPv4 pods under podCIDRs of both families',
    given: [...dualNodes('a'), ipv4Pod('web')],
    is: {
      families: 'IPv4',
      primary: 'IPv4',
      evidence: `${countsOf('pod-network pod', 0, 1, 0)}; nodes have podCIDRs of IPv4 and IPv6`,
    },
  },
  {
    name: 'IPv4 pods beside IPv6 ones',
    given: [node(), ipv4Pod('web'), pod({ name: 'six', addresses: ['fd00:10:244:1::7'] })],
    is: { families: 'Mixed', primary: 'IPv4', evidence: `${countsOf('pod-network pod', 0, 1, 1)}; ${NO_CIDRS}` },
  },
  {
    name: 'pods that do not use the podCIDRs',
    given: [ipv4Node('a'), pod({ addresses: ['172.16.0.7', '2001:db8:7::7'] })],
    is: {
      families: 'DualStack',
      primary: 'IPv4',
      evidence: `${countsOf('pod-network pod', 1, 0, 0)}; nodes have podCIDRs of IPv4, which the pod network does not use`,
    },
  },
  {
    name: 'host-network and completed pods only (#host-network-pods, #skipped-pods)',
    given: [node(), pod({ hostNetwork: true }), pod({ name: 'done', state: 'Completed' })],
    is: { families: 'Unknown', evidence: `${NO_PODS}; ${NO_CIDRS}` },
  },
];

const BOTH = 'ServiceCIDR kubernetes has IPv4 and IPv6';
const NO_CIDR = 'there is no ServiceCIDR kubernetes';
const NO_PROOF = 'no non-headless Service has two clusterIPs';
const since = dualService({ name: 'since', createdAt: NOW });

const SERVICES: readonly Row[] = [
  { name: 'a ServiceCIDR of both families', given: [serviceCIDR()], is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH } },
  {
    name: 'a ServiceCIDR that is IPv6 first',
    given: [serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }), apiServer('fd00:10:96::1')],
    is: { families: 'DualStack', primary: 'IPv6', evidence: 'ServiceCIDR kubernetes has IPv6 and IPv4' },
  },
  {
    name: 'a ServiceCIDR of one family',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR }), apiServer(), service()],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR that is not Ready',
    given: [serviceCIDR({ ready: false }), dualService()],
    is: { families: 'Unknown', evidence: `${BOTH}, but is not Ready` },
  },
  {
    name: 'a ServiceCIDR that says nothing',
    given: [serviceCIDR({ cidrs: [] })],
    is: { families: 'Unknown', evidence: 'ServiceCIDR kubernetes has no family' },
  },
  {
    name: 'another ServiceCIDR, which proves nothing (#service-cidr-is-evidence)',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR }), serviceCIDR({ name: 'extra', cidrs: ['fd00:10:97::/112'] })],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR that default/kubernetes contradicts',
    given: [serviceCIDR(), apiServer('fd00:10:96::1')],
    is: { families: 'Unknown', evidence: `${BOTH}, but Service default/kubernetes has an address of IPv6` },
  },
  {
    name: 'a ServiceCIDR of one family that a later dual Service contradicts',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR }), since],
    is: {
      families: 'Unknown',
      evidence: 'ServiceCIDR kubernetes has IPv4, but Service shop/since, made since, was given both families',
    },
  },
  {
    name: 'a ServiceCIDR of one family that several contradict: the first by name counts, in whatever order they came',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR }), since, dualService({ name: 'again', createdAt: NOW })],
    is: {
      families: 'Unknown',
      evidence: 'ServiceCIDR kubernetes has IPv4, but Service shop/again, made since, was given both families',
    },
  },
  {
    name: 'a ServiceCIDR of one family and a dual Service from before it',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR, createdAt: NOW }), dualService({ createdAt: LONG_AGO })],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR of one family and a later headless Service of both, which proves nothing (#service-cidr-is-evidence)',
    given: [
      serviceCIDR({ cidrs: ONE_SERVICE_CIDR }),
      dualService({ headless: true, clusterIPs: [], ipFamilies: ['IPv4', 'IPv6'], createdAt: NOW }),
    ],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR of both families that a later Service contradicts, which asked for both: an API server taken back to one',
    given: [serviceCIDR(), since, service({ name: 'late', policy: 'PreferDualStack', createdAt: NOW + 1 })],
    is: {
      families: 'Unknown',
      evidence: `${BOTH}, but Service shop/late, made since, was given IPv4 only: fix --service-cluster-ip-range of the API server, or that Service`,
    },
  },
  {
    name: 'a ServiceCIDR of both families and an earlier Service that was given one, then one that was given both',
    given: [serviceCIDR(), since, service({ name: 'early', policy: 'PreferDualStack', createdAt: NOW - 1 })],
    is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH },
  },
  {
    name: 'a ServiceCIDR that got its second family after a Service that asked for both',
    given: [serviceCIDR({ changedAt: NOW }), service({ policy: 'PreferDualStack', createdAt: NOW })],
    is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH },
  },
  {
    name: 'a ServiceCIDR of both families of which nothing shows when it got the second',
    given: [serviceCIDR({ changedAt: undefined }), service({ policy: 'PreferDualStack', createdAt: NOW })],
    is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH },
  },
  {
    name: 'a ServiceCIDR of both families and a later Service that asked for one, one that is headless and one without addresses',
    given: [
      serviceCIDR(),
      service({ name: 'single', createdAt: NOW }),
      service({ name: 'headless', policy: 'PreferDualStack', headless: true, clusterIPs: [], ipFamilies: ['IPv4'], createdAt: NOW }),
      service({ name: 'elsewhere', policy: 'PreferDualStack', type: 'ExternalName', clusterIPs: [], createdAt: NOW }),
    ],
    is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH },
  },
  {
    name: 'a ServiceCIDR of one family without a clusterIP, and dual Services as old as it (#service-cidr-is-evidence)',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR, createdAt: LONG_AGO }), ...hostServices(LONG_AGO)],
    is: { families: 'Unknown', primary: 'IPv4', evidence: `${unused('IPv4')}; Service shop/web was given both families` },
  },
  {
    name: 'a ServiceCIDR of one family without a clusterIP, and dual Services from before it',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR, createdAt: NOW }), ...hostServices(LONG_AGO)],
    is: { families: 'Unknown', primary: 'IPv4', evidence: `${unused('IPv4')}; Service shop/web was given both families` },
  },
  {
    name: 'a ServiceCIDR of both families without a clusterIP, and a dual Service',
    given: [serviceCIDR({ createdAt: NOW }), ...hostServices(LONG_AGO)],
    is: { families: 'DualStack', primary: 'IPv4', evidence: `${unused('IPv4 and IPv6')}; Service shop/web was given both families` },
  },
  {
    name: 'a ServiceCIDR of both families without a clusterIP, and a later Service that asked for both in vain',
    given: [serviceCIDR(), ...hostServices(LONG_AGO), service({ ...HOST, name: 'late', policy: 'PreferDualStack', createdAt: NOW })],
    is: { families: 'Unknown', primary: 'IPv4', evidence: `${unused('IPv4 and IPv6')}; Service shop/late was given IPv4 only` },
  },
  {
    name: 'a ServiceCIDR without a clusterIP, and no Service that asks for both',
    given: [serviceCIDR(), apiServer('172.30.0.1')],
    is: { families: 'Unknown', primary: 'IPv4', evidence: `${unused('IPv4 and IPv6')}; no Service requests both families` },
  },
  {
    name: 'a ServiceCIDR with the clusterIP of one Service, and others from before a change of the ranges',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR, createdAt: NOW }), ...hostServices(LONG_AGO), service({ name: 'since' })],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR with the address of default/kubernetes, and Services from before a change of the ranges',
    given: [serviceCIDR({ cidrs: ONE_SERVICE_CIDR, createdAt: NOW }), ...hostServices(LONG_AGO).slice(1), apiServer()],
    is: { families: 'IPv4', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4' },
  },
  {
    name: 'a ServiceCIDR beside clusterIPs that cannot be read',
    given: [serviceCIDR(), apiServer('***HIDDEN***')],
    is: { families: 'DualStack', primary: 'IPv4', evidence: BOTH },
  },
  {
    name: 'no ServiceCIDR, but a dual Service',
    given: [dualService(), apiServer()],
    is: { families: 'DualStack', primary: 'IPv4', evidence: `some Service has clusterIPs of both families; ${NO_CIDR}` },
  },
  {
    name: 'ServiceCIDRs that may not be read, and a dual Service',
    given: [serviceCIDR(), dualService(), apiServer('fd00:10:96::1')],
    refused: ['ServiceCIDR'],
    is: { families: 'DualStack', primary: 'IPv6', evidence: `some Service has clusterIPs of both families; ${REFUSED}` },
  },
  {
    name: 'no ServiceCIDR and no dual Service',
    given: [service(), apiServer()],
    is: { families: 'Unknown', primary: 'IPv4', evidence: `${NO_PROOF}; ${NO_CIDR}` },
  },
  {
    name: 'no ServiceCIDR and a headless Service of both families, which proves nothing (#service-cidr-is-evidence)',
    given: [dualService({ headless: true, clusterIPs: [], ipFamilies: ['IPv4', 'IPv6'] })],
    is: { families: 'Unknown', evidence: `${NO_PROOF}; ${NO_CIDR}` },
  },
  {
    name: 'neither ServiceCIDRs nor Services that may be read',
    given: [],
    refused: ['ServiceCIDR', 'Service'],
    is: { families: 'Unknown', evidence: `${REFUSED}; ${REFUSED}` },
  },
];

function describeLayer(name: 'nodes' | 'pods' | 'services', rows: readonly Row[]): void {
  describe(`the stack of ${name}`, () => {
    for (const { name: what, given, is, ...known } of rows) {
      it(`with ${what} is ${is.families}`, () => {
        expect(detectStack(storeOf(given, known))[name]).to.deep.equal(is);
      });
    }
  });
}

describeLayer('nodes', NODES);
describeLayer('pods', PODS);
describeLayer('services', SERVICES);

describe('whether podCIDRs are in use', () => {
  const inside = pod({ name: 'inside' });
  const outside = pod({ name: 'outside', addresses: ['172.16.0.7', '2001:db8:7::7'] });
  const rows: readonly { readonly name: string; readonly given: readonly Facts[]; readonly is: Partial<PodCIDRUse> }[] = [
    { name: 'no, where there are none', given: [node(), inside], is: { inUse: false, dual: false } },
    { name: 'yes, where no pod can show it', given: dualNodes('a'), is: { inUse: true, dual: true } },
    { name: 'yes, where the first addresses of pods lie in them', given: [...dualNodes('a'), inside], is: { inUse: true } },
    { name: 'no, where they do not', given: [...dualNodes('a'), outside], is: { inUse: false } },
    { name: 'yes, where as many do as do not', given: [...dualNodes('a'), inside, outside], is: { inUse: true } },
    {
      name: 'yes, where host-network pods only do not',
      given: [...dualNodes('a'), pod({ addresses: ['172.16.0.7'], hostNetwork: true })],
      is: { inUse: true },
    },
    {
      name: 'yes, where pods on nodes without them only do not',
      given: [...dualNodes('a'), node({ name: 'b' }), pod({ name: 'x', nodeName: 'b', addresses: ['172.16.0.7'] })],
      is: { inUse: true },
    },
  ];
  for (const { name, given, is } of rows) {
    it(name, () => {
      expect(detectStack(storeOf(given)).podCIDRs).to.include(is);
    });
  }
});

describe('the stack of the cluster', () => {
  type Layer = LayerStack['families'];
  const rows: readonly (readonly [nodes: Layer, pods: Layer, services: Layer, cluster: string])[] = [
    ['DualStack', 'DualStack', 'DualStack', 'DualStack'],
    ['IPv4', 'IPv4', 'IPv4', 'IPv4'],
    ['IPv6', 'IPv6', 'IPv6', 'IPv6'],
    ['DualStack', 'DualStack', 'IPv4', 'Mixed'],
    ['DualStack', 'IPv4', 'IPv4', 'Mixed'],
    ['IPv4', 'IPv6', 'IPv4', 'Mixed'],
    ['DualStack', 'DualStack', 'Unknown', 'Unknown'],
    ['Unknown', 'IPv4', 'DualStack', 'Unknown'],
    ['Mixed', 'Mixed', 'Mixed', 'Mixed'],
    ['Mixed', 'IPv4', 'IPv4', 'Mixed'],
    ['Mixed', 'IPv4', 'Unknown', 'Unknown'],
  ];
  for (const [nodes, pods, services, cluster] of rows) {
    it(`of ${nodes} nodes, ${pods} pods and ${services} Services is ${cluster}`, () => {
      const layer = (families: Layer): LayerStack => ({ families, evidence: '' });
      const stack: Stack = {
        nodes: layer(nodes),
        pods: layer(pods),
        services: layer(services),
        podCIDRs: { families: [], dual: false, inUse: false, used: [], usual: [], mayCoincide: false },
        podFamilies: [],
      };
      expect(overallFamilies(stack)).to.equal(cluster);
    });
  }
});
