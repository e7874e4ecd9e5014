import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { ExpectationWords } from '../../../src/core/report/next-check.ts';
import { buildStatus } from '../../../src/core/report/status.ts';
import { headlineWords } from '../../../src/core/report/words.ts';
import {
  addressesOn,
  apiServer,
  dualNodes,
  dualService,
  evaluateAll,
  ipv4Node,
  ipv4Pod,
  LONG_AGO,
  MINUTE,
  node,
  NOW,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slicesFor,
} from '../build.ts';
import { conditionOf, report, statusOf, type ReportAsked } from './report.ts';

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  readonly says: string;
}

const IPV4 = ['192.0.2.1'];
const ONE_CIDR = serviceCIDR({ cidrs: ['10.96.0.0/16'] });
const web = dualService();
const EXPECT_BOTH = { spec: { expectedFamilies: ['IPv4', 'IPv6'] } } as const;
const EXPECT_IPV4 = { spec: { expectedFamilies: ['IPv4'] } } as const;
const CHECK_BOTH = 'To check it against both families: spec.expectedFamilies: [IPv4, IPv6].';
const CHECK_IPV4 =
  'To check it against IPv4 alone: spec.expectedFamilies: [IPv4]; against both families: spec.expectedFamilies: [IPv4, IPv6].';
const CHECK_IPV6 =
  'To check it against IPv6 alone: spec.expectedFamilies: [IPv6]; against both families: spec.expectedFamilies: [IPv6, IPv4].';
const ipv6Pod = pod({ addresses: addressesOn('a').slice(1) });
const SOUND: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), web, pod(), ...slicesFor(web, [pod()])];
const OF_IPV4: readonly Facts[] = [ipv4Node('a', { addresses: IPV4 }), ONE_CIDR, service({ selector: {} }), ipv4Pod('web-1')];

function oldPods(...names: readonly string[]): Facts[] {
  return names.map((name) => ipv4Pod(name, { owner: 'DaemonSet/log', labels: {}, startedAt: LONG_AGO - 60 * MINUTE }));
}

const ROWS: readonly Row[] = [
  { name: 'one family, with nothing expected', given: OF_IPV4, says: `Single-stack IPv4 in all layers. ${CHECK_BOTH}` },
  {
    name: "IPv6 alone, which is nobody's default, so that it is what to expect first",
    given: [
      node({ addresses: ['2001:db8::1'], podCIDRs: podCIDRsOf('a').slice(1) }),
      serviceCIDR({ cidrs: ['fd00:10:96::/112'] }),
      pod({ addresses: addressesOn('a').slice(1) }),
    ],
    says: `Single-stack IPv6 in all layers. ${CHECK_IPV6}`,
  },
  {
    name: 'IPv6 pods and Services on nodes that list both families, as on Amazon EKS',
    given: [node({}), node({ name: 'b', addresses: ['2001:db8::2'] }), serviceCIDR({ cidrs: ['fd00:10:96::/112'] }), ipv6Pod],
    says: `Pods and Services are IPv6 only; 1 of 2 nodes is dual-stack. ${CHECK_IPV6}`,
  },
  {
    name: 'IPv6 pods and Services on nodes that a virtual cluster makes up',
    given: [node({ addresses: ['fd00:10:96::7'] }), serviceCIDR({ cidrs: ['fd00:10:96::/112'] }), apiServer('fd00:10:96::1'), ipv6Pod],
    says: `Pods and Services are IPv6 only; the addresses of nodes are made up by a virtual cluster. ${CHECK_IPV6}`,
  },
  {
    name: 'IPv4 pods and Services on nodes that a virtual cluster makes up',
    given: [node({ addresses: ['10.96.7.7'] }), ONE_CIDR, apiServer(), ipv4Pod('web-1')],
    says: `Pods and Services are IPv4 only; the addresses of nodes are made up by a virtual cluster. ${CHECK_BOTH}`,
  },
  {
    name: 'the one family that is expected of pods and Services on nodes that list both',
    given: [node({}), serviceCIDR({ cidrs: ['fd00:10:96::/112'] }), ipv6Pod],
    spec: { expectedFamilies: ['IPv6'] },
    says: 'Healthy: IPv6 in all layers, as expected. Nothing to fix.',
  },
  {
    name: 'one family, where only Services show what Services can have',
    given: [
      ...OF_IPV4.filter((facts) => facts !== ONE_CIDR),
      service({ name: 'api', selector: {} }),
      service({ name: 'db', selector: {} }),
    ],
    says: `Single-stack IPv4: nodes, pods and all 3 Services. ${CHECK_BOTH}`,
  },
  {
    name: 'one family, where a single Service is all that can be read',
    given: [
      node({ unreadable: true, addresses: [] }),
      pod({ addresses: ['***HIDDEN***'], state: 'Unreadable' }),
      service({ selector: {} }),
    ],
    says: 'The only Service is IPv4 only. Cannot determine the IP families of nodes and pods: their addresses are redacted. Use files that have the addresses.',
  },
  {
    name: 'the one family that is expected',
    given: OF_IPV4,
    ...EXPECT_IPV4,
    says: 'Healthy: Single-stack IPv4 in all layers, as expected. Nothing to fix.',
  },
  {
    name: 'more than the one family that is expected',
    given: SOUND,
    ...EXPECT_IPV4,
    says: 'Healthy: IPv4 in all layers, as expected. Nothing to fix.',
  },
  { name: 'both families', given: SOUND, says: 'Healthy: Dual-stack in all layers. Nothing to fix.' },
  {
    name: 'both families, which are expected',
    given: SOUND,
    ...EXPECT_BOTH,
    says: 'Healthy: Dual-stack in all layers, as expected. Nothing to fix.',
  },
  {
    name: 'both families, and findings that are only info',
    given: [...SOUND, service({ name: 'one', selector: {} })],
    says: 'Healthy: Dual-stack in all layers; 1 of 2 Services has one family. To read: 1 info finding.',
  },
  {
    name: 'pods without an address, which are only info',
    given: [...SOUND, pod({ name: 'stuck', addresses: [], state: 'Pending', sandbox: 'NotReady', labels: {}, ready: false })],
    says: 'Healthy: Dual-stack in all layers, but 1 pod has no address. To read: 1 info finding.',
  },
  {
    name: 'Windows nodes, whose pods may have one family',
    given: [
      ...SOUND,
      ipv4Node('c', { windows: true, addresses: IPV4 }),
      pod({ name: 'iis', nodeName: 'c', addresses: addressesOn('c').slice(0, 1), labels: {} }),
    ],
    says: 'Healthy: Dual-stack in all layers; 1 of 3 nodes and 1 of 2 pods have one family. Nothing to fix.',
  },
  {
    name: 'layers that differ',
    given: [node({ podCIDRs: podCIDRsOf('a').slice(0, 1) }), node({ name: 'b', addresses: IPV4 }), ONE_CIDR, ipv4Pod('web-1')],
    says: `Pods and Services are IPv4 only; 1 of 2 nodes is dual-stack. ${CHECK_IPV4}`,
  },
  {
    name: 'IPv6-only nodes under a dual-stack pod network',
    given: [node({ addresses: ['2001:db8::1'] }), serviceCIDR(), pod()],
    says: 'Pods and Services are dual-stack; nodes are IPv6 only. To read: 2 info findings. To check nodes against both families too: spec.expectedFamilies: [IPv4, IPv6].',
  },
  {
    name: 'a layer of two groups',
    given: [node({ addresses: IPV4 }), node({ name: 'b', addresses: ['2001:db8::2'] })],
    says: 'Nodes are mixed (some IPv4 only, others IPv6 only). Cannot determine the IP families of pods: there is no pod-network pod; no node has a podCIDR. Nor can Services be evaluated.',
  },
  {
    name: 'nodes that a virtual cluster makes up',
    given: [node({ addresses: ['10.96.7.7'] }), serviceCIDR(), pod(), web, ...slicesFor(web, [pod()])],
    says: 'Healthy: Pods and Services are dual-stack; the addresses of nodes are made up by a virtual cluster. Nothing to fix.',
  },
  { name: 'nothing at all', given: [], says: 'Nothing to evaluate: there are no nodes, no pods and no Services.' },
  {
    name: 'nodes and pods that are all skipped, as in a virtual cluster without nodes of its own',
    given: [node({ virtual: true }), ONE_CIDR, pod()],
    says: 'Services are IPv4 only. No nodes and pods to evaluate (skipped: 1 virtual; 1 on skipped node).',
  },
  {
    name: 'no pods',
    given: [...dualNodes('a', 'b'), serviceCIDR()],
    says: 'Nodes and Services are dual-stack. Cannot determine the IP families of pods: there is no pod-network pod; nodes have podCIDRs of IPv4 and IPv6. Start a pod of the pod network to see.',
  },
  {
    name: 'a source that may not be read',
    given: SOUND,
    refused: ['EndpointSlice'],
    says: 'Nodes and pods are dual-stack. Cannot evaluate Services: Not allowed to list and watch these: grant the rule for them.',
  },
  {
    name: 'nodes that are not there, as in a dump of some kinds',
    given: SOUND,
    refused: ['Node'],
    says: 'Services are dual-stack. Cannot evaluate nodes and pods: Not allowed to list and watch these: grant the rule for them.',
  },
  {
    name: 'Services of which it is unknown what they can have',
    given: [...dualNodes('a', 'b'), pod(), apiServer()],
    says: 'Nodes and pods are dual-stack. Cannot determine the IP families of Services: no non-headless Service has two clusterIPs; there is no ServiceCIDR kubernetes.',
  },
  {
    name: 'addresses of nodes alone that are redacted',
    given: [
      node({ addresses: [], unreadable: true }),
      serviceCIDR(),
      pod(),
      pod({ name: 'host', addresses: [], hostNetwork: true, state: 'Unreadable' }),
    ],
    says: 'Services are dual-stack. Cannot determine the IP families of nodes: their addresses are redacted. Nor can pods be evaluated. Use files that have the addresses.',
  },
  {
    name: 'addresses that are redacted',
    given: [node({ addresses: [], unreadable: true }), serviceCIDR(), pod({ addresses: [], state: 'Unreadable' })],
    says: 'Services are dual-stack. Cannot determine the IP families of nodes and pods: their addresses are redacted. Use files that have the addresses.',
  },
  {
    name: 'a family that is expected, and not there yet',
    given: [...dualNodes('a'), ONE_CIDR, pod(), service({ selector: {} })],
    ...EXPECT_BOTH,
    says: 'IPv6 is expected, and Services do not have it. Stage 3 of 4, what Services can have: Cannot determine whether Services can be dual-stack (ServiceCIDR kubernetes has IPv4). After that: 1 of 1 Services without both families.',
  },
  {
    name: 'another family than the one that is there',
    given: [...dualNodes('a'), ONE_CIDR, pod(), service({ selector: {} })],
    spec: { expectedFamilies: ['IPv6'] },
    says: 'IPv6 is expected, and Services do not have it. Give it to them, or expect what they have: spec.expectedFamilies: [IPv4].',
  },
  {
    name: 'one root cause',
    given: [...SOUND, ipv4Node('c'), ipv4Pod('old', { nodeName: 'c', labels: {} })],
    says: 'Not healthy: 1 critical; 1 root cause to fix: Node c has no IPv6 podCIDR (it has only 10.244.3.0/24): 1 pod.',
  },
  {
    name: 'several root causes, the worst first',
    given: [
      ...SOUND,
      service({ name: 'stuck', policy: 'PreferDualStack', selector: {} }),
      ipv4Node('c'),
      service({ name: 'one', selector: {} }),
    ],
    says: 'Not healthy: 1 critical, 1 warning, 1 info; 2 root causes to fix, first: Node c has no IPv6 podCIDR (it has only 10.244.3.0/24).',
  },
  {
    name: 'a migration half way: nodes that are still to be replaced',
    given: [...dualNodes('a', 'b'), ipv4Node('c'), ipv4Node('d'), ONE_CIDR, pod(), ipv4Pod('old', { nodeName: 'c' })],
    says: 'Not healthy: 1 warning; 1 root cause to fix: 2 of 4 nodes have no IPv6 podCIDR and are still to be replaced: 1 pod.',
  },
  {
    name: 'a migration half way: pods that are still to be restarted',
    given: [...SOUND, ...oldPods('log-1', 'log-2', 'log-3')],
    says: 'Not healthy: 1 warning; 1 root cause to fix: 3 of 4 pods started before the pod network gave IPv6: shop/DaemonSet/log (3 pods).',
  },
  {
    name: 'a fault, where not everything could be read',
    given: [...SOUND, ipv4Node('c')],
    refused: ['EndpointSlice'],
    says: 'Not healthy: 1 critical; 1 root cause to fix: Node c has no IPv6 podCIDR (it has only 10.244.3.0/24). There may be more: Services could not be evaluated in full.',
  },
];

describe('the first line of a report', () => {
  for (const { name, given, says, ...asked } of ROWS) {
    it(`on ${name}`, () => {
      expect(headlineWords(conditionOf(statusOf(given, asked), 'Healthy'))).to.equal(says);
    });
  }

  it('says in the words of its reader which families to expect', () => {
    const { evaluation, store } = evaluateAll(OF_IPV4);
    const expectationWords: ExpectationWords = (families) => `--expected-families ${families.join(',')}`;
    const status = buildStatus({ report: report(), evaluation, store, now: NOW, writerEpoch: 1, expectationWords });
    expect(headlineWords(conditionOf(status, 'Healthy'))).to.equal(
      'Single-stack IPv4 in all layers. To check it against both families: --expected-families IPv4,IPv6.',
    );
  });

  it('is there before the first evaluation', () => {
    expect(headlineWords(undefined)).to.equal('Not evaluated yet.');
  });
});
