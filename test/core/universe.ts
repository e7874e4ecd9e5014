import fc from 'fast-check';
import { IPV4, IPV6, listOf, NO_FAMILY, type Family } from '../../src/core/net/addresses.ts';
import {
  keyOf,
  type Facts,
  type FactsKind,
  type IPFamilyPolicy,
  type PodFacts,
  type PodState,
  type SandboxState,
  type ServiceType,
} from '../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import {
  dualNodes,
  dualService,
  FORBIDDEN,
  GAP,
  ipv4Node,
  ipv4Pod,
  KINDS,
  LONG_AGO,
  MINUTE,
  namespace,
  node,
  NOW,
  pod,
  podCIDRsOf,
  SECOND,
  service,
  serviceCIDR,
  slice,
  slicesFor,
  type ServiceSketch,
} from './build.ts';
import { addressesAt, anyAgent, choice, chosen, mostly, NODES, pick, rarely, someOf, type Pair } from './arbitraries.ts';
import { cutOffFrom, interruptedCluster } from './lost-families.ts';

/** A small cluster in which anything may happen: few names, so that objects meet, come again and overlap. */
const NAMESPACES = ['shop', 'shop', 'shop', 'blog'] as const;
const POD_NUMBERS = 8;
const UIDS = Array.from({ length: POD_NUMBERS }, (_, number) => `uid-${number}`);

/** Times that pass a grace while the clock goes from NOW in steps of {@link passing}, some of them still to come. */
const time = pick(0, NOW - 24 * 60 * MINUTE, NOW - 5 * MINUTE, NOW - MINUTE, NOW - 30 * SECOND, NOW, NOW + MINUTE, NOW + 5 * MINUTE);
const passing = pick(1, 30 * SECOND - 1, 30 * SECOND, MINUTE, 4 * MINUTE, 5 * MINUTE);

const anyNode = fc
  .record({
    name: pick(...NODES),
    createdAt: time,
    deleting: rarely,
    virtual: rarely,
    madeUp: rarely,
    windows: rarely,
    notReady: rarely,
    uninitialized: rarely,
    addresses: someOf('192.0.2.1', '2001:db8::1'),
    ranges: pick<'own' | 'shared' | 'wide'>('own', 'own', 'own', 'own', 'shared', 'wide'),
    podCIDRs: choice,
  })
  .map(({ ranges, podCIDRs, ...parts }) =>
    node({
      ...parts,
      machineConfig: parts.notReady ? 'Updating' : undefined,
      readyChangedAt: parts.notReady ? NOW : parts.createdAt,
      simulated: parts.virtual && parts.createdAt < NOW,
      podCIDRs: chosen(podCIDRs, rangesOf(parts.name, ranges)),
      // In the range of Services, as those of a virtual cluster are, or of a network that overlaps it.
      addresses: ranges === 'shared' ? parts.addresses.map((address) => (address.includes(':') ? address : '10.96.0.77')) : parts.addresses,
    }),
  );

/** podCIDRs of a node alone, of all that share them, or of all nodes at once. */
function rangesOf(nodeName: string, ranges: 'own' | 'shared' | 'wide'): Pair<string> {
  if (ranges === 'wide') return ['10.244.0.0/16', 'fd00:10:244::/48'];
  return podCIDRsOf(ranges === 'own' ? nodeName : 'a');
}

const LABELS = pick<Readonly<Record<string, string>>>({ app: 'web' }, { app: 'web', tier: 'front' }, { app: 'api' }, {});

/** Each name of a pod is there with two uids: the pod, and the one that came in its place. */
function identityOf(number: number): Pick<PodFacts, 'uid' | 'name' | 'namespace'> {
  return {
    uid: UIDS[number] ?? '',
    name: `pod-${number % (POD_NUMBERS / 2)}`,
    namespace: NAMESPACES[number % NAMESPACES.length] ?? '',
  };
}

const anyPod = fc
  .record({
    number: fc.nat(POD_NUMBERS - 1),
    nodeName: pick(...NODES, ...NODES, '', 'ghost'),
    createdAt: time,
    readySince: time,
    state: pick<PodState>('Running', 'Running', 'Running', 'Running', 'Pending', 'Completed', 'Terminating'),
    hostNetwork: fc.nat(4).map((number) => number === 0),
    mirror: rarely,
    ready: mostly,
    controlled: mostly,
    owner: pick('', 'DaemonSet/x', 'DaemonSet/x', 'Deployment/y'),
    subnet: pick('', '', '', 'ovn-default', 'other'),
    declaredFamilies: pick(NO_FAMILY, NO_FAMILY, NO_FAMILY, IPV4),
    otherNetwork: rarely,
    needsClusterDNS: mostly,
    sandbox: pick<SandboxState>('Unknown', 'NotReady', 'NotReady'),
    strayFamilies: pick(NO_FAMILY, NO_FAMILY, IPV6),
    place: pick<'own' | 'foreign' | 'elsewhere' | 'service'>(
      'own',
      'own',
      'own',
      'own',
      'own',
      'own',
      'foreign',
      'elsewhere',
      'elsewhere',
      'service',
    ),
    addresses: choice,
    hostIPs: someOf('192.0.2.1', '2001:db8::1'),
    labels: LABELS,
  })
  .map(({ number, state, place, addresses, ...parts }) =>
    pod({
      ...parts,
      addresses: chosen(addresses, addressesAt(place, parts.nodeName)),
      ...identityOf(number),
      state: state === 'Running' && addresses.length === 0 ? 'Unaddressed' : state,
    }),
  );

const anyService = fc
  .record({
    namespace: pick(...NAMESPACES),
    name: pick('web', 'front', 'all'),
    createdAt: time,
    deleting: rarely,
    type: pick<ServiceType>('ClusterIP', 'ClusterIP', 'ClusterIP', 'LoadBalancer', 'ExternalName'),
    policy: pick<IPFamilyPolicy>('SingleStack', 'PreferDualStack', 'PreferDualStack', 'RequireDualStack'),
    headless: rarely,
    clusterIPs: someOf('10.96.0.10', 'fd00:10:96::10'),
    selector: fc.oneof(pick({ app: 'web' }, { tier: 'front' }), LABELS),
    ingressFamilies: someOf<Family>('IPv4', 'IPv6').map(listOf),
    ingressHostname: rarely,
    ingressAddresses: pick<readonly string[]>([], ['192.0.2.1'], ['192.0.2.1', '2001:db8::1'], ['2001:db8:5::7']),
    externalIPs: pick<readonly string[]>([], [], [], ['2001:db8::1'], ['198.51.100.7']),
    sourceRanges: pick<readonly string[]>([], [], ['203.0.113.0/24'], ['0.0.0.0/0'], ['2001:db8::/32', '203.0.113.0/24']),
    rangesAnnotation: pick('', '', 'service.beta.kubernetes.io/azure-allowed-ip-ranges'),
    requestedAddresses: pick<readonly string[]>([], [], ['192.0.2.7'], ['2001:db8::7']),
    nodeLoadBalancer: pick('', 'MetalLB'),
    unreadable: rarely,
    isClusterDNS: rarely,
    otherFamilies: fc.option(someOf<Family>('IPv4', 'IPv6'), { freq: 9 }),
    oddity: fc.option(pick<ServiceSketch>({ clusterIP: '10.96.0.99' }, { clusterIP: '' }, { ipFamilyCount: 3 }), { freq: 9 }),
  })
  .map(({ otherFamilies, oddity, ...parts }) => service({ ...parts, ...(otherFamilies ? { ipFamilies: otherFamilies } : {}), ...oddity }));

const apiServer = someOf('10.96.0.1', 'fd00:10:96::1').map((clusterIPs) =>
  service({ namespace: 'default', name: 'kubernetes', clusterIPs, selector: {} }),
);

const anySlice = fc
  .record({
    namespace: pick(...NAMESPACES),
    name: pick('web-IPv4', 'web-IPv6', 'e1', 'e2', 'e3', 'e4'),
    serviceName: pick('web', 'web', 'front', 'all', ''),
    addressType: pick<Family | undefined>('IPv4', 'IPv4', 'IPv4', 'IPv6', 'IPv6', 'IPv6', undefined),
    managed: mostly,
    servingTerminating: rarely,
    readyTargets: fc.uniqueArray(pick('10.244.1.9', ...UIDS), { maxLength: 4 }),
  })
  .map((parts) => slice({ ...parts, foreign: !parts.managed && parts.name < 'e3' }));

const anyServiceCIDR = fc
  .record({
    name: pick('kubernetes', 'kubernetes', 'kubernetes', 'extra'),
    createdAt: time,
    changedAt: fc.option(time, { nil: undefined }),
    ready: mostly,
    cidrs: fc.oneof(
      { arbitrary: someOf('10.96.0.0/16', 'fd00:10:96::/112'), weight: 9 },
      { arbitrary: someOf('10.244.1.128/25', 'fd00:10:244:2::/112'), weight: 1 },
    ),
  })
  .map(serviceCIDR);

const anyNamespace = fc
  .tuple(pick(...NAMESPACES), pick<Record<string, string>>({}, { team: 'one' }), pick(NO_FAMILY, NO_FAMILY, IPV4))
  .map(([name, labels, declared]) => namespace(name, labels, declared));

/** Any object of the cluster. */
export const anyFacts: fc.Arbitrary<Facts> = fc.oneof(
  { arbitrary: anyPod, weight: 10 },
  { arbitrary: anyAgent, weight: 1 },
  { arbitrary: anyNode, weight: 5 },
  { arbitrary: anyService, weight: 5 },
  { arbitrary: anySlice, weight: 5 },
  { arbitrary: anyServiceCIDR, weight: 2 },
  { arbitrary: apiServer, weight: 1 },
  { arbitrary: anyNamespace, weight: 1 },
);
export const anyPods: fc.Arbitrary<ReturnType<typeof pod>[]> = fc.array(anyPod, { maxLength: 12, size: 'max' });
export const anyServices: fc.Arbitrary<ReturnType<typeof service>[]> = fc.array(anyService, { maxLength: 6 });

/** One step of a history: what a reflector reports, what the clock does, or a look at the evaluation. */
export type Step =
  | { readonly do: 'put'; readonly facts: Facts }
  | { readonly do: 'delete'; readonly nth: number }
  | { readonly do: 'list'; readonly kind: FactsKind; readonly keep: number; readonly facts: readonly Facts[]; readonly breaksOff: boolean }
  | { readonly do: 'refuse'; readonly kind: FactsKind }
  | { readonly do: 'listPart'; readonly kind: FactsKind }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'evaluate'; readonly at: 'now' | 'nextDue' | 'justBeforeNextDue' };

const kind = fc.constantFrom(...KINDS);

const calm: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyFacts.map((facts) => ({ do: 'put' as const, facts })), weight: 60 },
  { arbitrary: fc.nat(100).map((nth) => ({ do: 'delete' as const, nth })), weight: 6 },
  {
    arbitrary: fc
      .record({
        do: fc.constant('list' as const),
        kind,
        keep: pick(255, 255, 127, 0),
        facts: fc.array(anyFacts, { maxLength: 5 }),
        breaksOff: rarely,
      })
      .map((list) => ({ ...list, facts: ofKind(list.kind, list.facts) })),
    weight: 4,
  },
  { arbitrary: kind.map((one) => ({ do: 'listPart' as const, kind: one })), weight: 1 },
  { arbitrary: passing.map((ms) => ({ do: 'pass' as const, ms })), weight: 10 },
  {
    arbitrary: pick('now' as const, 'now' as const, 'nextDue' as const, 'justBeforeNextDue' as const).map((at) => ({
      do: 'evaluate' as const,
      at,
    })),
    weight: 20,
  },
);

/** Steps among which kinds are refused time and again. */
const rough: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: calm, weight: 15 },
  { arbitrary: kind.map((refused) => ({ do: 'refuse' as const, kind: refused })), weight: 1 },
);

function ofKind(wanted: FactsKind, facts: readonly Facts[]): Facts[] {
  return facts.filter((one) => one.kind === wanted);
}

/** A cluster in which all is well, for changes to spoil. */
export function soundCluster(): Facts[] {
  const web = dualService();
  const pods = UIDS.map((_, number) => pod({ ...identityOf(number), nodeName: NODES[number % NODES.length] ?? '' }));
  return [...dualNodes(...NODES), serviceCIDR(), web, ...pods, ...slicesFor(web, pods)];
}

/** A cluster of which some nodes and pods lack IPv6, with slices as the endpointslice controller makes them of these. */
export const spoiltCluster = fc.tuple(fc.subarray<string>([...NODES]), fc.subarray([...UIDS])).map(([nodes, uids]) => {
  const sound = soundCluster();
  const pods = sound
    .filter((facts) => facts.kind === 'Pod')
    .map((one) => (nodes.includes(one.nodeName) || uids.includes(one.uid) ? { ...one, ...ipv4Of(one) } : one));
  const services = [dualService(), dualService({ name: 'front', headless: true })];
  const others = sound.filter(({ kind: one }) => !['Pod', 'Service', 'EndpointSlice'].includes(one));
  return [...others, ...nodes.map((name) => ipv4Node(name)), ...pods, ...services, ...services.flatMap((to) => slicesFor(to, pods))];
});

function ipv4Of({ name, nodeName }: PodFacts): Pick<PodFacts, 'addresses' | 'families'> {
  const { addresses, families } = ipv4Pod(name, { nodeName });
  return { addresses, families };
}

/** All the objects of a cluster, sound and then spoilt, or in such a state as may come, or in any at all. */
export const anyCluster: fc.Arbitrary<readonly Facts[]> = fc.oneof(
  spoiltCluster,
  fc.array(anyFacts, { maxLength: 40, size: 'max' }).map((spoilt) => [...soundCluster(), ...spoilt]),
  fc.array(anyFacts, { maxLength: 40, size: 'max' }),
);

/** A history that begins with a cluster that is listed whole, sound or as it comes, and ends with a look. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.constant(soundCluster()), weight: 3 },
      { arbitrary: spoiltCluster, weight: 3 },
      { arbitrary: fc.oneof(cutOffFrom(soundCluster(), UIDS), interruptedCluster), weight: 1 },
      { arbitrary: fc.array(anyFacts, { maxLength: 30, size: 'max' }), weight: 3 },
    ),
    fc.oneof(...[calm, calm, rough].map((step) => fc.array(step, { maxLength: 80, size: 'max' }))),
  )
  .map(([facts, steps]) => [
    ...KINDS.map((listed): Step => ({ do: 'list', kind: listed, keep: 255, facts: ofKind(listed, facts), breaksOff: false })),
    ...steps,
    { do: 'evaluate', at: 'now' },
  ]);

/** What a history should leave behind, determined apart from the store in the plainest way. */
export class Survivors {
  readonly #facts = new Map<string, Facts>();
  readonly #refused = new Set<FactsKind>();
  readonly #pending = new Set<FactsKind>(KINDS);
  readonly #gaps = new Map<FactsKind, object>();

  get facts(): Facts[] {
    return [...this.#facts.values()];
  }

  put(facts: Facts): void {
    this.#facts.set(`${facts.kind}:${keyOf(facts)}`, facts);
  }

  delete(facts: Facts): void {
    this.#facts.delete(`${facts.kind}:${keyOf(facts)}`);
  }

  ofKind(wanted: FactsKind): Facts[] {
    return ofKind(wanted, this.facts);
  }

  listed(what: FactsKind, gap = {}): void {
    this.#gaps.set(what, gap);
    this.#pending.delete(what);
    this.#refused.delete(what);
  }

  refused(what: FactsKind): void {
    for (const facts of this.ofKind(what)) this.delete(facts);
    this.#pending.delete(what);
    this.#refused.add(what);
  }

  /** A new store that has seen nothing but what there is. */
  toStore(): ClusterStore {
    const store = new ClusterStore();
    for (const refused of this.#refused) store.apply({ type: 'unavailable', kind: refused, reason: FORBIDDEN });
    for (const facts of this.facts) store.apply({ type: 'upsert', facts });
    for (const listed of KINDS) {
      if (!this.#pending.has(listed) && !this.#refused.has(listed))
        store.apply({ type: 'listed', kind: listed, ...this.#gaps.get(listed) });
    }
    return store;
  }
}

/** Plays a step that changes the cluster on an store, and on what should be left. */
export function play(change: Exclude<Step, { readonly do: 'pass' | 'evaluate' }>, store: ClusterStore, left: Survivors, now: number): void {
  switch (change.do) {
    case 'put': {
      const facts = later(change.facts, now - NOW);
      store.apply({ type: 'upsert', facts });
      left.put(facts);
      return;
    }
    case 'delete': {
      const all = left.facts;
      const facts = all[change.nth % Math.max(all.length, 1)];
      if (!facts) return;
      store.apply({ type: 'delete', kind: facts.kind, key: keyOf(facts) });
      left.delete(facts);
      return;
    }
    case 'list':
      list(change, store, left);
      return;
    case 'listPart':
      store.apply({ type: 'listed', kind: change.kind, gap: GAP });
      left.listed(change.kind, { gap: GAP });
      return;
    case 'refuse':
      store.apply({ type: 'unavailable', kind: change.kind, reason: FORBIDDEN });
      left.refused(change.kind);
      return;
  }
}

/** The same facts, so much later: what is put in the middle of a history has times around that moment. */
function later(facts: Facts, ms: number): Facts {
  const shifted = (at: number): number => (at > LONG_AGO ? at + ms : at);
  if (facts.kind === 'Namespace') return facts;
  const dated = { ...facts, createdAt: shifted(facts.createdAt) };
  return dated.kind === 'Pod' ? { ...dated, readySince: shifted(dated.readySince) } : dated;
}

/** Of the objects known before, those come again whose bit is set in `keep`; then come the new ones. */
function list({ kind: listed, keep, facts, breaksOff }: Extract<Step, { do: 'list' }>, store: ClusterStore, left: Survivors): void {
  store.apply({ type: 'listing', kind: listed });
  const before = left.ofKind(listed);
  const coming = [...before.filter((_, index) => (keep >> (index % 8)) % 2 === 1), ...facts];
  for (const one of coming) store.apply({ type: 'upsert', facts: one });
  if (!breaksOff) for (const gone of before) left.delete(gone);
  for (const one of coming) left.put(one);
  if (breaksOff) return;
  store.apply({ type: 'listed', kind: listed });
  left.listed(listed);
}
