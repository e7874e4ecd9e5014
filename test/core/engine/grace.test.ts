import { expect } from 'chai';
import { IPV4, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import type { Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import {
  addressesOn,
  apiServer,
  dualNodes,
  dualService,
  evaluate,
  evaluateAll,
  inShort,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  pod,
  podCIDRsOf,
  runEvaluation,
  SECOND,
  service,
  serviceCIDR,
  slice,
  slicesFor,
  type Evaluated,
  type NodeSketch,
  type PodSketch,
} from '../build.ts';

const web = dualService();

function podOn(nodeName: string, name = `on-${nodeName}`, parts: PodSketch = {}): PodFacts {
  return pod({ name, nodeName, addresses: addressesOn(nodeName), ...parts });
}

const NODES = ['a', 'b', 'c'];
const PODS = NODES.map((name) => podOn(name));
const SOUND: readonly Facts[] = [serviceCIDR(), apiServer(), ...dualNodes(...NODES), web, ...PODS, ...slicesFor(web, PODS)];

/** A pod that no Service selects. */
const alone = { labels: {} };
const DAEMON = { namespace: 'kube-system', hostNetwork: true, labels: {} };

/** What is being set up, when its grace ends, what is then found, and what heals it. */
interface Growing {
  readonly what: string;
  readonly given: readonly Facts[];
  /** So long from now. */
  readonly grace: number;
  readonly finds: readonly string[];
  readonly healed: readonly Facts[];
}

const fresh = { readySince: NOW, startedAt: NOW, createdAt: NOW };
const young = { ...dualService(), changedAt: NOW };
const emptySlices = slicesFor(web, []);
const balancer = dualService({ name: 'lb', type: 'LoadBalancer', policy: 'RequireDualStack', selector: {}, createdAt: NOW });
const newNode = node({ name: 'd', createdAt: NOW, podCIDRs: podCIDRsOf('d') });
const both = dualService({ ingressFamilies: dualService().ipFamilies });
const hostPod = pod({ name: 'proxy', addresses: ['192.0.2.1'], ...DAEMON, ...fresh });

/** A node that is Ready for a moment, with its first address, and a pod that has this address. */
const started = node({ name: 'd', addresses: ['192.0.2.4'], readyChangedAt: NOW });
const hostPods = (...addresses: readonly string[]): PodFacts[] => [
  pod({ name: 'host-a', nodeName: 'a', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::1'] }),
  pod({ name: 'host-d', nodeName: 'd', hostNetwork: true, addresses }),
];
const ofStarted = (pods: readonly PodFacts[]): Facts[] => [...pods, ...slicesFor(web, pods)];
const startedInFull = node({ name: 'd', addresses: ['192.0.2.4', '2001:db8::4'], readyChangedAt: NOW });
/** A load balancer that publishes the address of that node. */
const ofNodes = { ...balancer, createdAt: 0, changedAt: 0, ingressFamilies: IPV4, ingressAddresses: ['192.0.2.4'] };
/** Nodes without podCIDRs: the addresses of a node show which families its pods get. */
const withoutPodCIDRs: readonly Facts[] = [serviceCIDR(), apiServer(), web, ...NODES.map((name) => node({ name }))];
const podsOfStarted = ['d-1', 'd-2'].map((name) => ipv4Pod(name, { nodeName: 'd' }));
const podsInFull = ['d-1', 'd-2'].map((name) => podOn('d', name));

const GROWING: readonly Growing[] = [
  {
    what: 'a node that is Ready again with its first address, and its host-network pod behind a Service',
    given: [serviceCIDR(), apiServer(), web, node({ name: 'a' }), started, ...ofStarted(hostPods('192.0.2.4'))],
    grace: 5 * MINUTE,
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodeAddressMissing Node/d',
      'NodeAddressMissing Warning Node/d IPv6',
    ],
    healed: [startedInFull, ...ofStarted(hostPods('192.0.2.4', '2001:db8::4'))],
  },
  {
    what: 'a node that is Ready again with its first address, and its host-network pod alone behind a Service',
    given: [serviceCIDR(), apiServer(), web, node({ name: 'a' }), started, ...ofStarted(hostPods('192.0.2.4').slice(1))],
    grace: 5 * MINUTE,
    finds: [
      'EndpointFamilyMissing Warning Service/shop/web IPv6 because NodeAddressMissing Node/d',
      'NodeAddressMissing Warning Node/d IPv6',
    ],
    healed: [startedInFull, ...ofStarted(hostPods('192.0.2.4', '2001:db8::4').slice(1))],
  },
  {
    what: 'a node that is Ready again with its first address, in a cluster whose pods follow the addresses of nodes',
    given: [...withoutPodCIDRs, started, ...ofStarted([...PODS, ...podsOfStarted])],
    grace: 5 * MINUTE,
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodePodNetworkFamilyMissing Node/d',
      'NodeAddressMissing Warning Node/d IPv6',
      'NodePodNetworkFamilyMissing Critical Node/d IPv6 because NodeAddressMissing Node/d',
    ],
    healed: [startedInFull, ...ofStarted([...PODS, ...podsInFull])],
  },
  {
    what: 'a node that is Ready again with its first address, which a load balancer has',
    given: [...SOUND, { ...started, podCIDRs: newNode.podCIDRs, podCIDRFamilies: newNode.podCIDRFamilies }, ofNodes],
    grace: 5 * MINUTE,
    finds: ['LoadBalancerFamilyMissing Warning Service/shop/lb IPv6', 'NodeAddressMissing Warning Node/d IPv6'],
    healed: [newNode, { ...ofNodes, ingressFamilies: both.ingressFamilies }],
  },
  {
    what: 'a new node without a podCIDR',
    given: [...SOUND, { ...newNode, podCIDRs: [], podCIDRFamilies: NO_FAMILY }],
    grace: 5 * MINUTE,
    finds: ['NodePodCIDRMissing Critical Node/d IPv4+IPv6'],
    healed: [newNode],
  },
  {
    what: 'a new node without addresses',
    given: [...SOUND, { ...newNode, addressFamilies: NO_FAMILY }],
    grace: 5 * MINUTE,
    finds: ['NodeAddressMissing Warning Node/d IPv4+IPv6'],
    healed: [newNode],
  },
  {
    what: 'a new node with its first address',
    given: [...SOUND, { ...newNode, addressFamilies: IPV4 }],
    grace: 5 * MINUTE,
    finds: ['NodeAddressMissing Warning Node/d IPv6'],
    healed: [newNode],
  },
  {
    what: 'a new load balancer without an address',
    given: [...SOUND, balancer],
    grace: 5 * MINUTE,
    finds: ['LoadBalancerPending Info Service/shop/lb IPv4+IPv6'],
    healed: [{ ...balancer, ingressFamilies: both.ingressFamilies }],
  },
  {
    what: 'a load balancer that has just become dual-stack',
    given: [...SOUND, { ...balancer, createdAt: 0, changedAt: NOW, ingressFamilies: IPV4 }],
    grace: 5 * MINUTE,
    finds: ['LoadBalancerFamilyMissing Warning Service/shop/lb IPv6'],
    healed: [{ ...balancer, ingressFamilies: both.ingressFamilies }],
  },
  {
    what: 'a Service whose first pod has just become ready',
    given: [serviceCIDR(), ...dualNodes('a'), web, podOn('a', 'one', fresh), ...emptySlices],
    grace: MINUTE,
    finds: ['EndpointFamilyMissing Critical Service/shop/web IPv4+IPv6'],
    healed: slicesFor(web, [podOn('a', 'one')]),
  },
  {
    what: 'a new Service of pods that have been ready for long',
    given: [serviceCIDR(), ...dualNodes('a'), young, podOn('a', 'one')],
    grace: MINUTE,
    finds: ['EndpointFamilyMissing Critical Service/shop/web IPv4+IPv6'],
    healed: slicesFor(web, [podOn('a', 'one')]),
  },
  {
    what: 'a Service that has just been given its second family',
    given: [serviceCIDR(), ...dualNodes('a'), young, podOn('a', 'one'), ...slicesFor(service(), [podOn('a', 'one')])],
    grace: MINUTE,
    finds: ['EndpointFamilyMissing Warning Service/shop/web IPv6'],
    healed: slicesFor(web, [podOn('a', 'one')]),
  },
  {
    what: 'a pod that has just become ready and is in the slices of one family',
    given: [...SOUND, podOn('a', 'new', fresh), slice({ readyTargets: [...PODS.map(({ uid }) => uid), 'uid-new'] })],
    grace: MINUTE,
    finds: ['EndpointsUnbalanced Warning Service/shop/web IPv6'],
    healed: slicesFor(web, [...PODS, podOn('a', 'new')]),
  },
  {
    what: 'a Service that has just been taken back to one family, and the slice of the other',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), { ...service(), changedAt: NOW }, slice(), slice({ addressType: 'IPv6' })],
    grace: MINUTE,
    finds: ['EndpointSliceStray Info Service/shop/web IPv6'],
    healed: [slice({ addressType: 'IPv6', serviceName: '', name: 'web-IPv6' })],
  },
  {
    what: 'a pod that has just started, with its first address',
    given: [...SOUND, ipv4Pod('new', { ...fresh, ...alone })],
    grace: MINUTE,
    finds: ['PodFamilyMissing Warning Pod/shop/new IPv6'],
    healed: [podOn('a', 'new', alone)],
  },
  {
    what: 'a node whose first two pods have just started, each with its first address',
    given: [...SOUND, ...dualNodes('d'), ...['d-1', 'd-2'].map((name) => ipv4Pod(name, { nodeName: 'd', ...fresh, ...alone }))],
    grace: MINUTE,
    finds: ['NodePodNetworkFamilyMissing Critical Node/d IPv6'],
    healed: ['d-1', 'd-2'].map((name) => podOn('d', name, alone)),
  },
  {
    what: 'a host-network pod that has just started, to which the kubelet will append the second address',
    given: [...SOUND, hostPod],
    grace: MINUTE,
    finds: ['PodHostNetworkStale Info Pod/kube-system/proxy IPv6'],
    healed: [pod({ name: 'proxy', addresses: ['192.0.2.1', '2001:db8::1'], ...DAEMON, ...fresh })],
  },
];

describe('what is being set up', () => {
  for (const { what, given, grace, finds, healed } of GROWING) {
    const heal = ({ store, evaluation }: Evaluated, at: number): string[] => {
      for (const facts of healed) store.apply({ type: 'upsert', facts });
      runEvaluation(evaluation, store, at);
      return inShort(evaluation);
    };

    it(`has grace: ${what}`, () => {
      const { evaluation, store } = evaluateAll(given);
      expect(inShort(evaluation)).to.deep.equal([]);
      expect(evaluation.nextDue).to.equal(NOW + grace);
      runEvaluation(evaluation, store, NOW + grace - 1);
      expect(inShort(evaluation)).to.deep.equal([]);
    });

    it(`is found when its grace ends and it has stayed so, and is gone once it heals: ${what}`, () => {
      const cluster = evaluateAll(given);
      runEvaluation(cluster.evaluation, cluster.store, NOW + grace);
      expect(inShort(cluster.evaluation)).to.deep.equal(finds);
      expect(inShort(evaluate(given, { now: NOW + 60 * MINUTE })), 'after a restart').to.deep.equal(finds);
      expect(heal(cluster, NOW + grace + SECOND)).to.deep.equal([]);
    });

    it(`is never found where it heals within its grace: ${what}`, () => {
      const cluster = evaluateAll(given);
      expect(heal(cluster, NOW + SECOND)).to.deep.equal([]);
      expect(cluster.evaluation.nextDue).to.equal(undefined);
      runEvaluation(cluster.evaluation, cluster.store, NOW + 60 * MINUTE);
      expect(inShort(cluster.evaluation)).to.deep.equal([]);
    });

    it(`has no grace where that is switched off: ${what}`, () => {
      expect(inShort(evaluate(given, { graceScale: 0 }))).to.deep.equal(finds);
    });
  }
});

/** A cluster that lives on, a second at each step. */
class Life {
  readonly #cluster: Evaluated;
  #now = NOW;

  constructor(facts: readonly Facts[]) {
    this.#cluster = evaluateAll(facts);
  }

  get now(): number {
    return this.#now;
  }

  /** What is found after these changes; a text is the uid of a pod that goes. */
  after(ms: number, ...changes: readonly (Facts | string)[]): string[] {
    this.#now += ms;
    const { evaluation, store } = this.#cluster;
    for (const change of changes) {
      if (typeof change === 'string') store.apply({ type: 'delete', kind: 'Pod', key: change });
      else store.apply({ type: 'upsert', facts: change });
    }
    runEvaluation(evaluation, store, this.#now);
    return inShort(evaluation);
  }
}

describe('a rollout', () => {
  const [ipv4, ipv6] = [
    (pods: readonly PodFacts[]) => slicesFor(web, pods).slice(0, 1),
    (pods: readonly PodFacts[]) => slicesFor(web, pods).slice(1),
  ];

  it('of a DaemonSet is silent at each step, on each node, the slices of one family behind those of the other', () => {
    const life = new Life(SOUND);
    let serving = PODS;
    for (const nodeName of NODES) {
      const name = `new-${nodeName}`;
      const staying = serving.filter((one) => one.nodeName !== nodeName);
      const going = podOn(nodeName, `on-${nodeName}`, { state: 'Terminating' });
      const starting = { createdAt: life.now, startedAt: life.now, ready: false, readySince: life.now };
      const ready = podOn(nodeName, name, { ...starting, ready: true });
      serving = [...staying, ready];
      const steps: readonly (readonly (Facts | string)[])[] = [
        [going],
        [...ipv4(staying)],
        [...ipv6(staying)],
        [going.uid, podOn(nodeName, name, { ...starting, state: 'Pending', addresses: [] })],
        [podOn(nodeName, name, { ...starting, addresses: [] })],
        [podOn(nodeName, name, starting)],
        [ready],
        [...ipv4(serving)],
        [...ipv6(serving)],
      ];
      for (const [number, changes] of steps.entries())
        expect(life.after(SECOND, ...changes), `${nodeName}, step ${number}`).to.deep.equal([]);
    }
    expect(life.after(60 * MINUTE)).to.deep.equal([]);
  });

  it('of host-network pods is silent while the kubelet appends the second address', () => {
    const life = new Life(SOUND);
    for (const nodeName of NODES) {
      const starting = { name: `proxy-${nodeName}`, nodeName, startedAt: life.now, ...DAEMON };
      expect(life.after(SECOND, pod({ ...starting, addresses: [], state: 'Pending' }))).to.deep.equal([]);
      expect(life.after(SECOND, pod({ ...starting, addresses: ['192.0.2.1'] }))).to.deep.equal([]);
      expect(life.after(SECOND, pod({ ...starting, addresses: ['192.0.2.1', '2001:db8::1'] }))).to.deep.equal([]);
    }
    expect(life.after(60 * MINUTE)).to.deep.equal([]);
  });

  it('that takes all pods away before it brings new ones is silent', () => {
    const life = new Life(SOUND);
    expect(life.after(SECOND, ...PODS.map(({ uid }) => uid))).to.deep.equal([]);
    expect(life.after(SECOND, ...slicesFor(web, []))).to.deep.equal([]);
    const pods = NODES.map((nodeName) => podOn(nodeName, `new-${nodeName}`, { startedAt: life.now, readySince: life.now }));
    expect(life.after(SECOND, ...pods)).to.deep.equal([]);
    expect(life.after(SECOND, ...slicesFor(web, pods))).to.deep.equal([]);
    expect(life.after(60 * MINUTE)).to.deep.equal([]);
  });

  it('that stops half way is found, and from when it did', () => {
    const life = new Life(SOUND);
    const ready = podOn('a', 'new-a', { startedAt: life.now, readySince: life.now });
    expect(life.after(SECOND, ready, ...ipv4([...PODS, ready]))).to.deep.equal([]);
    expect(life.after(MINUTE - SECOND - 1)).to.deep.equal([]);
    expect(life.after(1)).to.deep.equal(['EndpointsUnbalanced Warning Service/shop/web IPv6']);
    expect(life.after(SECOND, ...ipv6([...PODS, ready]))).to.deep.equal([]);
  });

  it('after a migration finds the pods that are from before it, until each is replaced', () => {
    const old = NODES.map((nodeName) => ipv4Pod(`old-${nodeName}`, { nodeName, ...alone }));
    const life = new Life([...SOUND, ...old]);
    const left = (count: number): string[] => old.slice(count).map(({ name }) => `PodFamilyMissing Warning Pod/shop/${name} IPv6`);
    expect(life.after(SECOND)).to.deep.equal(left(0));
    for (const [index, { uid, nodeName }] of old.entries()) {
      expect(life.after(SECOND, { ...ipv4Pod(`old-${nodeName}`, { nodeName, ...alone }), state: 'Terminating' })).to.deep.equal(
        left(index + 1),
      );
      expect(life.after(SECOND, uid, podOn(nodeName, `new-${nodeName}`, alone))).to.deep.equal(left(index + 1));
    }
  });
});

describe('a node that joins', () => {
  const without = (name: string, parts: NodeSketch = {}): Facts => node({ name, addresses: ['192.0.2.1'], ...parts });
  const all = NODES.map((name) => without(name));

  it('leaves the one finding on the cluster that represents all others, through its grace and after', () => {
    const { evaluation, store } = evaluateAll(all, { expected: ['IPv4', 'IPv6'] });
    const found = ['NodeAddressMissing Warning Cluster IPv6'];
    const at = (now: number): string[] => {
      runEvaluation(evaluation, store, now);
      return inShort(evaluation);
    };
    expect(at(NOW)).to.deep.equal(found);
    store.apply({ type: 'upsert', facts: without('new', { createdAt: NOW, addresses: [] }) });
    expect(at(NOW)).to.deep.equal(found);
    store.apply({ type: 'upsert', facts: without('new', { createdAt: NOW }) });
    expect(at(NOW + 5 * MINUTE - 1)).to.deep.equal(found);
    expect(at(NOW + 5 * MINUTE)).to.deep.equal(found);
    store.apply({ type: 'upsert', facts: node({ name: 'new', createdAt: NOW }) });
    expect(at(NOW + 5 * MINUTE)).to.deep.equal(NODES.map((name) => `NodeAddressMissing Warning Node/${name} IPv6`));
  });
});
