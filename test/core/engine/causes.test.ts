import { expect } from 'chai';
import { IPV6 } from '../../../src/core/net/addresses.ts';
import type { Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import {
  addressesOn,
  dualNodes,
  dualService,
  evaluate,
  inShort,
  ipv4Node,
  ipv4Pod,
  node,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slice,
  slicesFor,
  type Asked,
} from '../build.ts';

interface Row extends Asked {
  readonly name: string;
  readonly given: readonly Facts[];
  /** The cause of each finding on a Service, with its check: `EndpointFamilyMissing because …`. */
  readonly causes: readonly string[];
}

const web = dualService();
const IPV4_ADDRESS = ['192.0.2.1'];

/** Service `web` over these pods, its slices as the controller makes them. */
function serving(...pods: readonly PodFacts[]): Facts[] {
  return [web, ...pods, ...slicesFor(web, pods)];
}

function hostPod(name: string, nodeName: string): PodFacts {
  return pod({ name, nodeName, hostNetwork: true, addresses: IPV4_ADDRESS });
}

/** Pods of IPv4 on a node, so many that the node is to blame where they are all. */
function pair(nodeName: string): PodFacts[] {
  return [ipv4Pod(`${nodeName}-1`, { nodeName }), ipv4Pod(`${nodeName}-2`, { nodeName })];
}

/** A node whose only address is of IPv4. */
function ipv4Host(name: string): Facts {
  return node({ name, addresses: IPV4_ADDRESS });
}

const OF_NODES: readonly Row[] = [
  {
    name: 'a node without the podCIDR',
    given: [...dualNodes('b', 'c'), ipv4Node('a'), ...serving(...pair('a'))],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'a node without the podCIDR rather than its CNI plugin, where both are found',
    given: [
      ...dualNodes('b', 'c'),
      node({ name: 'a', podCIDRs: [] }),
      ...serving(...pair('a')),
      pod({ name: 'b', nodeName: 'b', labels: {} }),
      pod({ name: 'c', nodeName: 'c', labels: {} }),
    ],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'a node whose CNI plugin gives one family',
    given: [...dualNodes('a', 'b', 'c'), ...serving(...pair('a'))],
    causes: ['EndpointFamilyMissing because NodePodNetworkFamilyMissing Node/a'],
  },
  {
    name: 'the cluster, where most nodes are so',
    given: [...dualNodes('c'), ipv4Node('a'), ipv4Node('b'), ...serving(...pair('a'), ...pair('b'))],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Cluster'],
  },
  {
    name: 'the cluster, where the CNI plugin of most nodes gives one family',
    given: [...dualNodes('a', 'b', 'c'), ...serving(...pair('a'), ...pair('b'))],
    causes: ['EndpointFamilyMissing because NodePodNetworkFamilyMissing Cluster'],
  },
  {
    name: 'a node, of pods that still have targets of both families elsewhere',
    given: [...dualNodes('b', 'c'), ipv4Node('a'), ...serving(...pair('a'), pod({ name: 'fine', nodeName: 'b' }))],
    causes: ['EndpointsUnbalanced because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'no node that is evaluated otherwise: in the wrong order, in conflict or without addresses',
    given: [
      node({ name: 'a', podCIDRs: podCIDRsOf('a').toReversed(), addresses: IPV4_ADDRESS }),
      node({ name: 'b', podCIDRs: podCIDRsOf('a') }),
      ...dualNodes('c'),
      ...serving(ipv4Pod('one')),
    ],
    causes: ['EndpointFamilyMissing because ClusterStackInconsistent Cluster'],
  },
];

const OF_PODS: readonly Row[] = [
  {
    name: 'a pod that lacks what the others on its node have',
    given: [...dualNodes('a', 'b'), ...serving(ipv4Pod('one')), pod({ name: 'other', labels: {} })],
    causes: ['EndpointFamilyMissing because PodFamilyMissing Pod/shop/one'],
  },
  {
    name: 'the first of several such pods',
    given: [...dualNodes('a'), ...serving(...pair('a'), pod({ name: 'fine' }))],
    causes: ['EndpointsUnbalanced because PodFamilyMissing Pod/shop/a-1'],
  },
  {
    name: 'no pod whose families are in the wrong order',
    given: [
      ...dualNodes('a'),
      ...serving(pod({ addresses: addressesOn('a').toReversed() })).filter(({ kind }) => kind !== 'EndpointSlice'),
    ],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'no pod that is not running',
    given: [...dualNodes('b', 'c'), ipv4Node('a'), web, ipv4Pod('done', { state: 'Completed' }), pod({ nodeName: 'b' })],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'a pod that is ready, rather than more that are not',
    given: [
      ...dualNodes('a', 'b', 'c'),
      ipv4Node('d'),
      ...serving(ipv4Pod('ready'), ...['1', '2'].map((name) => ipv4Pod(name, { nodeName: 'd', ready: false }))),
      pod({ name: 'peer', labels: {} }),
    ],
    causes: ['EndpointFamilyMissing because PodFamilyMissing Pod/shop/ready'],
  },
  {
    name: 'no pod that the Service does not select',
    given: [...dualNodes('b', 'c'), ipv4Node('a'), web, ...pair('a').map((one) => ({ ...one, namespace: 'blog' })), pod({ nodeName: 'b' })],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'nothing, where the pods have the family and the slices have not',
    given: [...dualNodes('a', 'b'), web, pod(), slice({ readyTargets: ['uid-web-1'] })],
    causes: ['EndpointFamilyMissing'],
  },
];

const OF_THE_CLUSTER: readonly Row[] = [
  {
    name: 'layers that disagree, where nothing nearer explains it',
    given: [node(), serviceCIDR(), ...serving(...pair('a'))],
    causes: ['EndpointFamilyMissing because ClusterStackInconsistent Cluster'],
  },
  {
    name: 'what is nearer, where layers disagree too',
    given: [...dualNodes('b', 'c'), ipv4Node('a'), serviceCIDR(), ...serving(...pair('a'))],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'no layers that disagree on another family',
    given: [
      ipv4Host('a'),
      ipv4Host('b'),
      service(),
      pod({ name: 'six', addresses: addressesOn('a').slice(1) }),
      pod({ name: 'both', nodeName: 'b', labels: {} }),
    ],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'no layers, of a family that is not expected',
    given: [node(), serviceCIDR(), ...serving(...pair('a'))],
    expected: ['IPv4'],
    causes: [],
  },
  {
    name: 'no layers that cannot be determined',
    given: [node(), serviceCIDR(), ...serving(...pair('a'))],
    refused: ['Node'],
    causes: ['EndpointFamilyMissing'],
  },
];

const OF_HOST_NETWORK: readonly Row[] = [
  {
    name: 'a node without an address of the family, of its host-network pods',
    given: [ipv4Host('a'), node({ name: 'b' }), ...serving(hostPod('one', 'a'))],
    causes: ['EndpointFamilyMissing because NodeAddressMissing Node/a'],
  },
  {
    name: 'that node, of all Services over its host-network pods, where pods alone show which families nodes should have',
    given: [
      ...[serviceCIDR(), ipv4Host('a'), node({ name: 'b' }), node({ name: 'c' }), hostPod('one', 'a'), hostPod('two', 'a')],
      ...['b', 'c'].flatMap((nodeName) => ['api', 'db'].map((owner) => pod({ name: `${owner}-${nodeName}`, nodeName, owner, labels: {} }))),
      ...['web', 'edge'].flatMap((name) => {
        const six = service({ name, clusterIPs: ['fd00:10:96::9'] });
        return [six, ...slicesFor(six, [hostPod('one', 'a'), hostPod('two', 'a')])];
      }),
    ],
    causes: [
      'EndpointFamilyMissing because NodeAddressMissing Node/a',
      'EndpointFamilyMissing because NodeAddressMissing Node/a',
      'ServiceSingleStack',
      'ServiceSingleStack',
    ],
  },
  {
    name: 'the cluster, where no node has an address of the family',
    given: [ipv4Host('a'), ipv4Host('b'), ...serving(hostPod('one', 'a'))],
    expected: ['IPv4', 'IPv6'],
    causes: ['EndpointFamilyMissing because NodeAddressMissing Cluster'],
  },
  {
    name: 'a host-network pod that is stale',
    given: [...dualNodes('a'), ...serving(hostPod('one', 'a'))],
    causes: ['EndpointFamilyMissing because PodHostNetworkStale Pod/shop/one'],
  },
  {
    name: 'several host-network pods with addresses that their nodes do not list, of all Services that have them as endpoints',
    given: [
      ...['a', 'b'].map((name) => node({ name, addresses: ['192.0.2.1', '2001:db8:61::1'] })),
      ...['a', 'b'].flatMap((name) => {
        const web = dualService({ name, selector: { app: name } });
        const addresses = ['192.0.2.1', '2001:db8:60::1'];
        const stale = pod({ name, nodeName: name, hostNetwork: true, addresses, strayFamilies: IPV6, labels: { app: name } });
        return [web, stale, ...slicesFor(web, [stale])];
      }),
    ],
    causes: ['EndpointFamilyMissing because PodHostNetworkStale Cluster', 'EndpointFamilyMissing because PodHostNetworkStale Cluster'],
  },
  {
    name: 'no podCIDR, of host-network pods',
    given: [...dualNodes('b', 'c'), ipv4Node('a', { virtual: true }), ...serving(hostPod('one', 'a'))],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'no layers that disagree, of host-network pods',
    given: [node({ virtual: true }), node({ name: 'b' }), serviceCIDR(), ipv4Pod('other', { labels: {} }), ...serving(hostPod('one', 'a'))],
    causes: ['EndpointFamilyMissing'],
  },
  {
    name: 'no node without an address, of pods of the pod network',
    given: [ipv4Host('a'), node({ name: 'b' }), ...serving(ipv4Pod('one')), pod({ name: 'two', nodeName: 'b', labels: {} })],
    causes: ['EndpointFamilyMissing'],
  },
];

const OF_SEVERAL: readonly Row[] = [
  {
    name: 'what is behind the most pods',
    given: [...dualNodes('c', 'd', 'e'), ipv4Node('a'), ipv4Node('b'), ...serving(ipv4Pod('a-1', { nodeName: 'a' }), ...pair('b'))],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/b'],
  },
  {
    name: 'what is behind the most pods, of whatever kind it is',
    given: [
      ...dualNodes('c', 'd', 'e'),
      ipv4Node('a'),
      ...serving(ipv4Pod('c-1', { nodeName: 'c' }), hostPod('c-2', 'c'), ...pair('a')),
      pod({ name: 'fine', nodeName: 'c', labels: {} }),
    ],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'the first by name where several are behind as many',
    given: [...dualNodes('c', 'd', 'e'), ipv4Node('b'), ipv4Node('a'), ...serving(...pair('b'), ...pair('a'))],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a'],
  },
  {
    name: 'each Service by itself',
    given: [
      ...dualNodes('c', 'd', 'e'),
      ipv4Node('a'),
      ipv4Node('b'),
      ...serving(...pair('a')),
      dualService({ name: 'api', selector: { app: 'api' } }),
      ipv4Pod('api', { nodeName: 'b', labels: { app: 'api' } }),
      slice({ serviceName: 'api', readyTargets: ['uid-api'] }),
    ],
    causes: ['EndpointFamilyMissing because NodePodCIDRMissing Node/a', 'EndpointFamilyMissing because NodePodCIDRMissing Node/b'],
  },
  {
    name: 'findings on endpoints only, none of those on the fields of a Service',
    given: [
      ...dualNodes('b', 'c'),
      ipv4Node('a'),
      serviceCIDR(),
      service(),
      service({ name: 'prefers', policy: 'PreferDualStack' }),
      service({ name: 'requires', policy: 'RequireDualStack' }),
      service({ name: 'odd', ipFamilies: ['IPv4', 'IPv6'] }),
      ...pair('a'),
      ...['web', 'prefers', 'requires', 'odd'].map((serviceName) => slice({ serviceName, readyTargets: ['uid-a-1', 'uid-a-2'] })),
      slice({ name: 'stray', addressType: 'IPv6' }),
    ],
    causes: [
      'EndpointFamilyMissing because NodePodCIDRMissing Node/a',
      'EndpointSliceStray',
      'ServiceFieldsInconsistent',
      'ServiceNotUpgraded',
      'ServiceRequirementUnmet',
      'ServiceSingleStack',
    ],
  },
];

describe('the cause of a finding on a Service', () => {
  for (const { name, given, causes, ...asked } of [...OF_NODES, ...OF_PODS, ...OF_THE_CLUSTER, ...OF_HOST_NETWORK, ...OF_SEVERAL]) {
    it(`is ${name}`, () => {
      const onServices = inShort(evaluate(given, asked)).filter((finding) => finding.includes(' Service/'));
      const found = onServices.map((finding) => finding.replace(/ (?:Critical|Warning|Info) \S+ \S+/, ''));
      expect(found.sort()).to.deep.equal([...causes].sort());
    });
  }
});

describe('the cause of a finding on the pod network of a node', () => {
  const dualPods = (nodeName: string): PodFacts[] => ['1', '2'].map((each) => pod({ name: `${nodeName}-${each}`, nodeName, labels: {} }));
  const rows: readonly (readonly [what: string, given: readonly Facts[], finds: readonly string[]])[] = [
    [
      'is its missing address, where exactly such nodes give one family',
      [node({ name: 'b' }), ipv4Host('a'), dualService({ selector: { app: 'other' } }), ...dualPods('b'), ...pair('a')],
      ['NodeAddressMissing Warning Node/a IPv6', 'NodePodNetworkFamilyMissing Critical Node/a IPv6 because NodeAddressMissing Node/a'],
    ],
    [
      'is nothing of its own while no Service has the family: the node is still to be converted',
      [node({ name: 'b' }), ipv4Host('a'), ...dualPods('b'), ...pair('a')],
      ['NodeAddressMissing Warning Node/a IPv6'],
    ],
    [
      'is nothing else where pods on another such node have both',
      [node({ name: 'b' }), ipv4Host('c'), ipv4Host('a'), ...dualPods('b'), ...dualPods('c'), ...pair('a')],
      [
        'NodeAddressMissing Warning Node/a IPv6',
        'NodeAddressMissing Warning Node/c IPv6',
        'NodePodNetworkFamilyMissing Critical Node/a IPv6',
      ],
    ],
    [
      'is nothing else where the node has both addresses',
      [node({ name: 'b' }), node({ name: 'a' }), ...dualPods('b'), ...pair('a')],
      ['NodePodNetworkFamilyMissing Critical Node/a IPv6'],
    ],
  ];
  for (const [what, given, finds] of rows) {
    it(what, () => {
      expect(inShort(evaluate([serviceCIDR(), ...given])).sort()).to.deep.equal(finds);
    });
  }
});

describe('the cause of layers that disagree', () => {
  const cluster = [...dualNodes('b', 'c'), ipv4Node('a'), serviceCIDR(), ...pair('a')];
  const rows: readonly (readonly [what: string, given: readonly Facts[], finds: string])[] = [
    ['is the node that all pods are on', cluster, 'ClusterStackInconsistent Warning Cluster IPv6 because NodePodCIDRMissing Node/a'],
    [
      'is no node that some pods are not on',
      [...cluster, ipv4Pod('other', { nodeName: 'b' })],
      'ClusterStackInconsistent Warning Cluster IPv6',
    ],
  ];
  for (const [what, given, finds] of rows) {
    it(what, () => {
      expect(inShort(evaluate(given))).to.deep.equal([finds, 'NodePodCIDRMissing Warning Node/a IPv6']);
    });
  }
});

describe('the cause of a finding on the addresses of a node', () => {
  const rows: readonly (readonly [what: string, given: readonly Facts[], finds: readonly string[]])[] = [
    [
      'is that it has no podCIDR of the family either, since it is from before the family came',
      [...dualNodes('b', 'c'), ipv4Node('a', { addresses: IPV4_ADDRESS })],
      ['NodeAddressMissing Warning Node/a IPv6 because NodePodCIDRMissing Node/a', 'NodePodCIDRMissing Warning Node/a IPv6'],
    ],
    [
      'is the finding that represents all such nodes',
      [...dualNodes('c', 'd'), ...['a', 'b'].map((name) => ipv4Node(name, { addresses: IPV4_ADDRESS }))],
      [
        'NodeAddressMissing Warning Node/a IPv6 because NodePodCIDRMissing Cluster',
        'NodeAddressMissing Warning Node/b IPv6 because NodePodCIDRMissing Cluster',
        'NodePodCIDRMissing Warning Cluster IPv6',
      ],
    ],
    [
      'is nothing else where it has the podCIDR',
      [...dualNodes('b', 'c'), node({ name: 'a', podCIDRs: podCIDRsOf('a'), addresses: IPV4_ADDRESS })],
      ['NodeAddressMissing Warning Node/a IPv6'],
    ],
  ];
  for (const [what, given, finds] of rows) {
    it(what, () => {
      expect(inShort(evaluate(given)).sort()).to.deep.equal(finds);
    });
  }
});
