import { expect } from 'chai';
import { DUAL_IPV4_FIRST } from '../../../src/core/net/addresses.ts';
import type { Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import type { Migration } from '../../../src/core/report/types.ts';
import {
  addressesOn,
  dualNodes,
  dualService,
  ipv4Node,
  ipv4Pod,
  LONG_AGO,
  MINUTE,
  namespace,
  node,
  NOW,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slicesFor,
} from '../build.ts';
import { statusOf, type ReportAsked } from './report.ts';

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  readonly is: Migration | undefined;
}

const IPV4 = ['192.0.2.1'];
const ONE_CIDR = serviceCIDR({ cidrs: ['10.96.0.0/16'] });
const web = dualService();
const HOST = dualService({ name: 'host', selector: { app: 'host' } });
const DONE: Migration = { stage: 'Complete', message: 'All 4 stages are done: nothing is left to do.' };
const NO_RANGE = 'Cannot determine whether Services can be dual-stack (ServiceCIDR kubernetes has IPv4)';
const EXPECT_BOTH = { spec: { expectedFamilies: ['IPv4', 'IPv6'] } } as const;

/** A sound cluster of two nodes whose Service has an endpoint of each family. */
const SOUND: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), web, pod(), ...slicesFor(web, [pod()])];

/** A node whose addresses and podCIDRs are of IPv4 only. */
function ipv4Host(name: string): Facts {
  return ipv4Node(name, { addresses: IPV4 });
}

/** A host-network pod with addresses that its node no longer has. */
function hostPod(name: string): PodFacts {
  return pod({
    name,
    hostNetwork: true,
    addresses: ['192.0.2.99', '2001:db8::99'],
    strayFamilies: DUAL_IPV4_FIRST,
    labels: { app: 'host' },
  });
}

const ROWS: readonly Row[] = [
  {
    name: 'nothing, of a cluster of one family that nobody expects more of',
    given: [ipv4Host('a'), ONE_CIDR, ipv4Pod('web-1'), service()],
    is: undefined,
  },
  { name: 'nothing, where one family is expected', given: SOUND, spec: { expectedFamilies: ['IPv6'] }, is: undefined },
  { name: 'nothing, where pods may not be read', given: SOUND, refused: ['Pod'], is: undefined },
  { name: 'nothing, where nodes may not be read', given: SOUND, refused: ['Node'], is: undefined },
  { name: 'nothing, where Services may not be read', given: SOUND, refused: ['Service'], is: undefined },
  {
    name: 'the node addresses first, of a cluster of one family that is to have both',
    given: [ipv4Host('a'), ipv4Host('b'), ONE_CIDR, ipv4Pod('web-1'), service()],
    ...EXPECT_BOTH,
    is: {
      stage: 'NodeAddresses',
      message:
        'Stage 1 of 4, node addresses: 2 of 2 nodes without addresses of both families. After that: 2 of 2 nodes that do not give their pods ' +
        `both families, 1 of 1 pods without both families; ${NO_RANGE}; 1 of 1 Services without both families.`,
    },
  },
  {
    name: 'no node',
    given: [serviceCIDR()],
    is: {
      stage: 'NodeAddresses',
      message: 'Stage 1 of 4, node addresses: there is no node. After that: there is no pod-network pod; no node has a podCIDR.',
    },
  },
  {
    name: 'nothing, where only nodes have both families: their addresses show nothing of the cluster (#families-a-node-gives)',
    given: [ipv4Node('a'), ipv4Node('b'), ONE_CIDR, ipv4Pod('web-1')],
    is: undefined,
  },
  {
    name: 'the pod network, where nodes are given podCIDRs of both families one by one',
    given: [...dualNodes('c'), ipv4Node('a'), ipv4Node('b'), ONE_CIDR, ipv4Pod('web-1')],
    is: {
      stage: 'PodNetwork',
      message:
        'Stage 2 of 4, the pod network: 2 of 3 nodes that do not give their pods both families, 1 of 1 pods without both families. ' +
        `After that: ${NO_RANGE}.`,
    },
  },
  {
    name: 'nodes that are still to be converted, and the pods on them that lack the family until then, without host-network pods',
    given: [
      ...[serviceCIDR(), node({ name: 'a' }), pod({ labels: {} })],
      ...['b', 'c'].flatMap((name) => [
        node({ name, addresses: IPV4 }),
        ipv4Pod(`pod-${name}`, { nodeName: name, labels: {} }),
        pod({ name: `host-${name}`, nodeName: name, hostNetwork: true, addresses: IPV4, labels: {} }),
      ]),
    ],
    is: {
      stage: 'NodeAddresses',
      message:
        'Stage 1 of 4, node addresses: 2 of 3 nodes without addresses of both families. After that: 2 of 3 pods without both families.',
    },
  },
  {
    name: 'the pod network, of which nothing is found and nothing shows that it has both',
    given: [node({ name: 'a' }), serviceCIDR()],
    is: { stage: 'PodNetwork', message: 'Stage 2 of 4, the pod network: there is no pod-network pod; no node has a podCIDR.' },
  },
  {
    name: 'nothing left, where pods have their second family from elsewhere than podCIDRs',
    given: [ipv4Node('a'), ipv4Node('b'), serviceCIDR(), pod()],
    is: DONE,
  },
  {
    name: 'nothing left, where what is has grace',
    given: [
      ...SOUND,
      ipv4Node('new', { createdAt: NOW, addresses: IPV4, podCIDRs: podCIDRsOf('c') }),
      ipv4Pod('young', { startedAt: NOW }),
    ],
    is: DONE,
  },
  {
    name: 'nothing left, where the nodes that are are excluded, or their check is ignored',
    given: [...SOUND, node({ name: 'four', addresses: IPV4, podCIDRs: podCIDRsOf('c') }), ipv4Node('d')],
    spec: {
      exclusions: [{ kind: 'Node', name: 'f*', reason: 'is meant to be' }],
      checks: [{ name: 'NodePodCIDRMissing', severity: 'Ignore' }],
    },
    is: DONE,
  },
  {
    name: 'nothing, where the namespaces that count cannot be determined',
    given: [...SOUND, service({ name: 'old', selector: {} })],
    refused: ['Namespace'],
    spec: { namespaceSelector: { matchLabels: { team: 'shop' } } },
    is: undefined,
  },
  {
    name: 'a Service that requires both families and has one, and one that names none',
    given: [
      ...SOUND,
      service({ name: 'requires', policy: 'RequireDualStack', selector: {} }),
      service({ name: 'mute', clusterIPs: [], ipFamilies: [], selector: {} }),
    ],
    is: { stage: 'Services', message: 'Stage 4 of 4, the Services: 2 of 3 Services without both families.' },
  },
  {
    name: 'the pods alone, where podCIDRs are not in use',
    given: [node({ name: 'a' }), pod({ name: 'new' }), ipv4Pod('old'), serviceCIDR()],
    is: { stage: 'PodNetwork', message: 'Stage 2 of 4, the pod network: 1 of 2 pods without both families.' },
  },
  {
    name: 'each of the pods that one finding on the cluster represents',
    given: [
      ...dualNodes('a'),
      serviceCIDR(),
      ...['x', 'y', 'z'].flatMap((name) => [
        pod({ name: `${name}-newer`, owner: `Deployment/${name}` }),
        ipv4Pod(name, { owner: `Deployment/${name}`, startedAt: LONG_AGO - 10 * MINUTE }),
      ]),
      pod({ name: 'older', startedAt: LONG_AGO - 20 * MINUTE }),
    ],
    is: { stage: 'PodNetwork', message: 'Stage 2 of 4, the pod network: 3 of 7 pods without both families.' },
  },
  {
    name: 'podCIDRs that pods do not use: not',
    given: [ipv4Node('a'), pod({ addresses: ['172.16.0.7', '2001:db8:7::7'] }), serviceCIDR()],
    is: DONE,
  },
  {
    name: 'what Services can have, where nodes and pods have both (#order-of-a-migration)',
    given: [...dualNodes('a'), pod(), ONE_CIDR, service(), service({ name: 'other' })],
    is: {
      stage: 'ServiceRange',
      message: `Stage 3 of 4, what Services can have: ${NO_RANGE}. After that: 2 of 2 Services without both families.`,
    },
  },
  {
    name: 'what Services can have, without the Services that are meant to have one',
    given: [...dualNodes('a'), pod(), ONE_CIDR, service(), service({ name: 'other' })],
    spec: { exclusions: [{ kind: 'Service', name: 'other', reason: 'is meant to be' }] },
    is: {
      stage: 'ServiceRange',
      message: `Stage 3 of 4, what Services can have: ${NO_RANGE}. After that: 1 of 2 Services without both families.`,
    },
  },
  {
    name: 'the Services at last, whether they asked for both or not',
    given: [...SOUND, service({ name: 'old', selector: {} }), service({ name: 'asked', policy: 'PreferDualStack', selector: {} })],
    is: { stage: 'Services', message: 'Stage 4 of 4, the Services: 2 of 3 Services without both families.' },
  },
  { name: 'nothing left, where all have both', given: SOUND, is: DONE },
  {
    name: 'nothing left, where the Services of one family are meant to be so',
    given: [...SOUND, service({ name: 'old', selector: {} })],
    spec: { exclusions: [{ check: 'ServiceSingleStack', reason: 'is meant to be' }] },
    is: DONE,
  },
  {
    name: 'IPv6-only nodes among dual-stack ones: not, unless both families are asked for',
    given: [...SOUND, node({ name: 'six', addresses: ['2001:db8::6'], podCIDRs: podCIDRsOf('c') })],
    is: DONE,
  },
  {
    name: 'IPv6-only nodes, where both families are asked for',
    given: [...SOUND, node({ name: 'six', addresses: ['2001:db8::6'], podCIDRs: podCIDRsOf('c') })],
    ...EXPECT_BOTH,
    is: { stage: 'NodeAddresses', message: 'Stage 1 of 4, node addresses: 1 of 3 nodes without addresses of both families.' },
  },
  {
    name: 'IPv4-only nodes among dual-stack ones',
    given: [...SOUND, node({ name: 'four', addresses: IPV4, podCIDRs: podCIDRsOf('c') })],
    is: { stage: 'NodeAddresses', message: 'Stage 1 of 4, node addresses: 1 of 3 nodes without addresses of both families.' },
  },
  {
    name: 'Windows nodes, virtual ones and their pods: not (#skipped-nodes, #windows-overlay)',
    given: [
      ...SOUND,
      ipv4Node('c', { windows: true, addresses: IPV4 }),
      pod({ name: 'on-windows', nodeName: 'c', addresses: addressesOn('c').slice(0, 1), labels: {} }),
      pod({ name: 'host', nodeName: 'c', addresses: IPV4, hostNetwork: true, labels: {} }),
      ipv4Node('d', { virtual: true, addresses: IPV4 }),
    ],
    is: DONE,
  },
  {
    name: 'the pods from before the second family, whatever else is done',
    given: [
      ...SOUND,
      ...['one', 'two', 'three'].map((name) => ipv4Pod(name, { owner: 'DaemonSet/log', labels: {}, startedAt: LONG_AGO - 60 * MINUTE })),
    ],
    is: { stage: 'PodNetwork', message: 'Stage 2 of 4, the pod network: 3 of 4 pods without both families.' },
  },
  {
    name: 'of no stage, where something else is wrong',
    given: [...SOUND, hostPod('one'), hostPod('two')],
    is: { stage: 'Complete', message: 'All 4 stages are done, but 1 finding needs a fix.' },
  },
  {
    name: 'of no stage, where something else is wrong, and costs a Service its endpoints',
    given: [...SOUND, hostPod('one'), HOST, ...slicesFor(HOST, [hostPod('one')])],
    is: { stage: 'Complete', message: 'All 4 stages are done, but 2 findings need a fix.' },
  },
  {
    name: 'only the pods and Services in the namespaces of the report',
    given: [
      ...SOUND,
      service({ name: 'old', selector: {} }),
      service({ name: 'theirs', namespace: 'other', selector: {} }),
      ipv4Pod('theirs', { namespace: 'other', startedAt: NOW }),
      namespace('shop', { team: 'shop' }),
      namespace('other'),
    ],
    spec: { namespaceSelector: { matchLabels: { team: 'shop' } } },
    is: { stage: 'Services', message: 'Stage 4 of 4, the Services: 1 of 2 Services without both families.' },
  },
];

describe('what is left of a migration', () => {
  for (const { name, given, is, ...asked } of ROWS) {
    it(`is ${name}`, () => {
      expect(statusOf(given, asked).migration).to.deep.equal(is);
    });
  }
});
