import { expect } from 'chai';
import type { EndpointSliceFacts, Facts, PodFacts, ServiceFacts } from '../../src/core/kinds/facts.ts';
import {
  addressesOn,
  apiServer,
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
  type PodSketch,
} from './build.ts';
import { conditionOf, statusOf } from './report/report.ts';

/**
 * What is normal and looks like a fault: on a sound cluster it leaves the whole evaluation silent. The tables of the checks have the same
 * for one check each, with the cases that look alike and are faults: test/core/checks, by the name of the check.
 */

const web = dualService();

function podOn(nodeName: string, name = `on-${nodeName}`, parts: PodSketch = {}): PodFacts {
  return pod({ name, nodeName, addresses: addressesOn(nodeName), hostIPs: ['192.0.2.1', '2001:db8::1'], ...parts });
}

function served(to: ServiceFacts, pods: readonly PodFacts[]): Facts[] {
  return [to, ...pods, ...slicesFor(to, pods)];
}

const PODS = ['a', 'b', 'c'].map((name) => podOn(name));
const SOUND: readonly Facts[] = [serviceCIDR(), apiServer(), ...dualNodes('a', 'b', 'c'), ...served(web, PODS)];

/** A pod that no Service selects. */
const alone = { labels: {} };
const DAEMON = { namespace: 'kube-system', hostNetwork: true, labels: {} };
const ONE_HOST_IP = ['192.0.2.1'];

interface Normal extends Asked {
  readonly what: string;
  readonly given: readonly Facts[];
  /** In place of the sound cluster, not on top of it. */
  readonly instead?: boolean;
}

const outside = (nodeName: string): PodSketch => ({ nodeName, addresses: ['172.16.0.7', '2001:db8:7::7'] });
const withoutPodCIDRs = ['a', 'b'].map((name) => node({ name }));
const ipv4Nodes = ['a', 'b'].map((name) => ipv4Node(name, { addresses: ONE_HOST_IP }));
const windows = node({ name: 'win', windows: true, addresses: ONE_HOST_IP, podCIDRs: podCIDRsOf('win').slice(0, 1) });
const virtual = node({ name: 'virtual', virtual: true, addresses: ONE_HOST_IP });
const deleting = ipv4Node('z', { deleting: true, addresses: ONE_HOST_IP });
const mirrored = (addressType: 'IPv4' | 'IPv6', name = `mirrored-${addressType}`): EndpointSliceFacts =>
  slice({ name, addressType, managed: false, readyTargets: ['198.51.100.1', 'uid-held'] });

const NORMAL: readonly Normal[] = [
  { what: 'a sound cluster', given: [] },
  {
    what: 'several addresses of a family, ExternalIPs among them (fact 1)',
    given: [node({ name: 'd', podCIDRs: podCIDRsOf('d'), addresses: ['192.0.2.1', '198.51.100.1', '2001:db8::1', '2001:db8::2'] })],
  },
  // NodePodCIDRMissing has the rest: no node with podCIDRs and both families expected, and one of each family.
  {
    what: 'a cluster without podCIDRs (fact 2)',
    given: [serviceCIDR(), apiServer(), ...withoutPodCIDRs, ...served(web, [podOn('a'), podOn('b')])],
    instead: true,
  },
  {
    what: 'nodes without podCIDRs where the pod network does not use those that there are (fact 2)',
    given: [
      ...[serviceCIDR(), apiServer(), ...dualNodes('a'), ipv4Node('b'), node({ name: 'd' })],
      ...served(web, [podOn('a', 'one', outside('a')), podOn('b', 'two', outside('b')), podOn('d', 'three', outside('d'))]),
    ],
    instead: true,
  },
  // That Kubernetes never upgrades PreferDualStack (fact 3) is a finding: ServiceNotUpgraded.
  {
    what: 'endpoints of the same pods, once in two slices (fact 4)',
    given: [slice({ name: 'again', readyTargets: ['uid-on-a', 'uid-on-b'] })],
  },
  {
    what: 'a cluster of one family (fact 5)',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer(), ...ipv4Nodes, ...served(service(), [ipv4Pod('one')])],
    instead: true,
  },
  { what: 'an empty cluster (fact 5)', given: [], instead: true },
  {
    what: 'a cluster of which nothing may be read (fact 5)',
    given: [],
    refused: ['Node', 'Pod', 'Service', 'EndpointSlice', 'ServiceCIDR'],
    instead: true,
  },
  {
    what: 'a host-network pod with the one address of its node (#host-network-pods)',
    given: [...ipv4Nodes, pod({ name: 'proxy', nodeName: 'a', addresses: ONE_HOST_IP, ...DAEMON })],
    instead: true,
  },
  {
    what: 'a host-network pod, which proves nothing of the pod network (#host-network-pods)',
    given: [
      ...ipv4Nodes.slice(0, 1),
      node({ name: 'b', podCIDRs: podCIDRsOf('b').slice(0, 1), addresses: ONE_HOST_IP }),
      pod({ name: 'proxy', nodeName: 'b', addresses: ONE_HOST_IP, ...DAEMON }),
      ipv4Pod('one'),
    ],
    instead: true,
  },
  { what: 'a pod that has succeeded or failed (#skipped-pods)', given: [ipv4Pod('done', { state: 'Completed' })] },
  { what: 'a pod that is terminating (#skipped-pods)', given: [ipv4Pod('going', { state: 'Terminating' })] },
  {
    what: 'a pod that is not scheduled (#skipped-pods)',
    given: [pod({ name: 'coming', nodeName: '', state: 'Pending', addresses: [], ready: false })],
  },
  { what: 'a pod that is pending with its first address (#skipped-pods)', given: [ipv4Pod('coming', { state: 'Pending', ready: false })] },
  { what: 'a pod that runs and is not addressed yet (#skipped-pods)', given: [pod({ name: 'coming', addresses: [], ready: false })] },
  {
    what: 'a headless Service without a selector, which requires both families on a cluster of one (#default-family-policy)',
    given: [
      serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
      apiServer(),
      service({ policy: 'RequireDualStack', headless: true, ipFamilies: ['IPv4', 'IPv6'], selector: {} }),
    ],
    instead: true,
  },
  {
    what: 'a headless Service without a selector of one family (#default-family-policy)',
    given: [service({ name: 'bare', headless: true, ipFamilies: ['IPv4'], selector: {} })],
  },
  { what: 'an ExternalName Service (#external-name)', given: [service({ name: 'elsewhere', type: 'ExternalName', clusterIPs: [] })] },
  {
    what: 'an ExternalName Service that keeps what it was before (#external-name)',
    given: [service({ name: 'elsewhere', type: 'ExternalName', policy: 'PreferDualStack' })],
  },
  {
    what: 'dual-stack pods and Services of one family, a stage of a migration (#order-of-a-migration)',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer(), ...dualNodes('a', 'b'), ...served(service(), [podOn('a'), podOn('b')])],
    instead: true,
  },
  {
    what: 'dual-stack nodes and the rest of one family, the stage before',
    given: [
      serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
      apiServer(),
      ipv4Node('a'),
      ipv4Node('b'),
      ...served(service(), [ipv4Pod('one'), ipv4Pod('two', { nodeName: 'b' })]),
    ],
    instead: true,
  },
  {
    what: 'default/kubernetes of the second family (#api-server-service)',
    given: [serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }), apiServer('fd00:10:96::1')],
  },
  {
    what: 'a virtual-kubelet node of one family without podCIDRs, and its pods (#skipped-nodes)',
    given: [virtual, ipv4Pod('burst', { nodeName: 'virtual', ...alone })],
  },
  {
    what: 'a Windows node of one family, and its pods (#skipped-nodes)',
    given: [windows, ipv4Pod('one', { nodeName: 'win', ...alone }), ipv4Pod('two', { nodeName: 'win', ...alone })],
  },
  {
    what: 'a host-network pod of one address on a Windows node of two (#skipped-nodes)',
    given: [
      node({ name: 'win', windows: true, podCIDRs: podCIDRsOf('win') }),
      pod({ name: 'exporter', nodeName: 'win', addresses: ONE_HOST_IP, ...DAEMON }),
    ],
  },
  {
    what: 'a node that is being deleted, and its pods (#skipped-nodes)',
    given: [
      deleting,
      ipv4Pod('left', { nodeName: 'z', ...alone }),
      pod({ name: 'proxy', nodeName: 'z', addresses: ONE_HOST_IP, ...DAEMON }),
    ],
  },
  {
    what: 'pods of a node that is gone',
    given: [ipv4Pod('left', { nodeName: 'gone', ...alone }), pod({ name: 'proxy', nodeName: 'gone', addresses: ONE_HOST_IP, ...DAEMON })],
  },
  {
    what: 'static pods, with the addresses of their node',
    given: [pod({ name: 'kube-apiserver-a', addresses: ['192.0.2.1', '2001:db8::1'], mirror: true, controlled: false, ...DAEMON })],
  },
  { what: 'a static pod of the pod network', given: [podOn('a', 'static-a', { mirror: true, controlled: false, ...alone })] },
  {
    what: 'pods that are not ready and published all the same (publishNotReadyAddresses)',
    given: [
      podOn('a', 'peer', { ready: false }),
      slice({ name: 'extra', readyTargets: ['uid-peer'] }),
      slice({ name: 'extra-6', addressType: 'IPv6', readyTargets: ['uid-peer'] }),
    ],
  },
  {
    what: 'a pod that is terminating and published all the same',
    given: [podOn('a', 'going', { state: 'Terminating' }), slice({ name: 'extra', readyTargets: ['uid-going'] })],
  },
  {
    what: 'slices made by hand, of one family, for a headless Service of both',
    given: [dualService({ name: 'by-hand', selector: {}, headless: true }), { ...mirrored('IPv4'), serviceName: 'by-hand' }],
  },
  {
    what: 'a slice made by hand beside those of the controller, which holds a pod in one family',
    given: [podOn('a', 'held', { ready: false }), mirrored('IPv4')],
  },
  {
    what: 'a mirrored slice of a family that its Service has not',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer(), ...dualNodes('a'), ...served(service(), [podOn('a')]), mirrored('IPv6')],
    instead: true,
  },
  { what: 'slices of a Service that is gone', given: [slice({ serviceName: 'gone', readyTargets: ['uid-gone'] })] },
];

describe('what is normal', () => {
  for (const { what, given, instead = false, ...asked } of NORMAL) {
    it(`is silent: ${what}`, () => {
      expect(inShort(evaluate(instead ? given : [...SOUND, ...given], asked))).to.deep.equal([]);
    });
  }

  it('is no more than Info, and spoils no condition: an IPv6-only node among dual-stack ones (fact 1)', () => {
    const mostly = node({ name: 'd', podCIDRs: podCIDRsOf('d'), addresses: ['2001:db8::1'] });
    expect(inShort(evaluate([...SOUND, mostly]))).to.deep.equal(['NodeAddressMissing Info Node/d IPv4']);
    expect(conditionOf(statusOf([...SOUND, mostly]), 'Healthy').status).to.equal('True');
  });

  it('is not taken for healthy where it cannot be determined (fact 5)', () => {
    const oneFamily = [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), ...ipv4Nodes, ipv4Pod('one')];
    for (const facts of [[], oneFamily]) expect(conditionOf(statusOf(facts), 'Healthy').status).to.equal('Unknown');
    expect(conditionOf(statusOf(SOUND), 'Healthy').status).to.equal('True');
    expect(conditionOf(statusOf(SOUND, { refused: ['EndpointSlice'] }), 'ServicesHealthy').status).to.equal('Unknown');
  });

  it('is counted apart (#host-network-pods, #skipped-pods, #default-family-policy, #external-name, #api-server-service, #skipped-nodes)', () => {
    const odd = [
      ...[
        virtual,
        deleting,
        pod({ name: 'proxy', ...DAEMON }),
        ipv4Pod('done', { state: 'Completed' }),
        ipv4Pod('going', { state: 'Terminating' }),
      ],
      ...[service({ name: 'elsewhere', type: 'ExternalName' }), service({ name: 'bare', headless: true, selector: {} })],
    ];
    const { nodes, pods, services } = statusOf([...SOUND, ...odd]);
    expect(nodes).to.deep.include({ total: 3, dualStack: 3, skipped: { virtual: 1, deleting: 1 } });
    expect(pods).to.deep.include({ total: 3, dualStack: 3, skipped: { hostNetwork: 1, completed: 1, terminating: 1 } });
    expect(services).to.deep.include({ total: 1, dualStack: 1, skipped: { apiServer: 1, externalName: 1, headlessWithoutSelector: 1 } });
  });

  it('explains an imbalance: pods of one family on nodes that may give one only', () => {
    for (const odd of [virtual, windows, deleting]) {
      const pods = [...PODS, ipv4Pod('four', { nodeName: odd.name })];
      const found = inShort(evaluate([...SOUND, odd, ...served(web, pods)]));
      expect(found, odd.name).to.deep.equal(['EndpointsUnbalanced Info Service/shop/web IPv6']);
    }
  });
});
