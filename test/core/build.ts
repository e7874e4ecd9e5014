import { KINDS as DECLARED } from '../../src/core/kinds/registry.ts';
import { familiesOfAddresses, familiesOfCIDRs, listOf, NO_FAMILY, type Family, type FamilyList } from '../../src/core/net/addresses.ts';
import type {
  EndpointSliceFacts,
  Facts,
  FactsKind,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  Unavailability,
  ServiceCIDRFacts,
  ServiceFacts,
} from '../../src/core/kinds/facts.ts';
import type { Finding } from '../../src/core/engine/finding.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { LabelInterner } from '../../src/core/kinds/labels.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import type { Grace } from '../../src/core/cluster/grace.ts';
import type { ParameterValues } from '../../src/core/cluster/parameters.ts';
import { graceOf } from '../../src/core/cluster/view.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** Before anything could still be under grace. */
export const LONG_AGO = NOW - 24 * 60 * MINUTE;

/** What grace there is has elapsed, also of objects whose times are still to come. */
export const GRACE_ELAPSED: Grace = { pod: -Infinity, node: -Infinity, loadBalancer: -Infinity };

export const KINDS: readonly FactsKind[] = DECLARED.map(({ name }) => name);

const interner = new LabelInterner();

/** Facts under construction: addresses are given, families follow from them. */
type Sketch<F extends Facts, Derived extends keyof F, More = object> = Partial<Omit<F, 'kind' | Derived>> & More;

export type NodeSketch = Sketch<NodeFacts, 'podCIDRFamilies' | 'addressFamilies' | 'addresses', { readonly addresses?: readonly string[] }>;

/** A node with addresses of both families and without podCIDRs, by default. */
export function node({ addresses = ['192.0.2.1', '2001:db8::1'], ...parts }: NodeSketch = {}): NodeFacts {
  const podCIDRs = parts.podCIDRs ?? [];
  return {
    kind: 'Node',
    name: 'a',
    createdAt: LONG_AGO,
    deleting: false,
    virtual: false,
    simulated: false,
    madeUp: false,
    role: 'Worker',
    windows: false,
    notReady: false,
    readyChangedAt: parts.createdAt ?? LONG_AGO,
    uninitialized: false,
    runtime: 'containerd',
    unreadable: false,
    providedNodeIP: undefined,
    takesDualNodeIP: true,
    isOldOpenShift: false,
    machineConfig: undefined,
    currentConfig: '',
    desiredConfig: '',
    platformHint: '',
    networkHint: '',
    hasMachineOwner: false,
    ofKarpenter: false,
    ...parts,
    podCIDRs,
    podCIDRFamilies: familiesOfCIDRs(podCIDRs),
    addresses,
    addressFamilies: familiesOfAddresses(addresses),
  };
}

/** A podCIDR of each family, of a node's own: nodes whose names begin with different letters have different ones. */
export function podCIDRsOf(nodeName: string): readonly [ipv4: string, ipv6: string] {
  const number = numberOf(nodeName);
  return [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`];
}

/** An address of each family in the podCIDRs of a node. */
export function addressesOn(nodeName: string): readonly [ipv4: string, ipv6: string] {
  const number = numberOf(nodeName);
  return [`10.244.${number}.7`, `fd00:10:244:${number}::7`];
}

function numberOf(nodeName: string): number {
  return (nodeName.codePointAt(0) ?? 0) % 32;
}

/** Nodes with addresses and podCIDRs of both families. */
export function dualNodes(...names: readonly string[]): NodeFacts[] {
  return names.map((name) => node({ name, podCIDRs: podCIDRsOf(name) }));
}

/** A node with addresses of both families and an IPv4 podCIDR only. */
export function ipv4Node(name: string, parts: NodeSketch = {}): NodeFacts {
  return node({ name, podCIDRs: podCIDRsOf(name).slice(0, 1), ...parts });
}

export type Labels = Readonly<Record<string, string>>;
export type PodSketch = Sketch<
  PodFacts,
  'families' | 'hostFamilies' | 'labels',
  { readonly hostIPs?: readonly string[]; readonly labels?: Labels }
>;

/** A ready pod of the pod network of both families on node `a`, with the labels of Service `web`, by default. */
export function pod({ labels = { app: 'web' }, hostIPs = [], ...parts }: PodSketch = {}): PodFacts {
  const { name = 'web-1', nodeName = 'a' } = parts;
  const addresses = parts.addresses ?? addressesOn(nodeName);
  return {
    kind: 'Pod',
    uid: `uid-${name}`,
    namespace: 'shop',
    createdAt: LONG_AGO,
    startedAt: parts.createdAt ?? LONG_AGO,
    state: addresses.length === 0 ? 'Unaddressed' : 'Running',
    hostNetwork: false,
    mirror: false,
    strayFamilies: NO_FAMILY,
    declaredFamilies: NO_FAMILY,
    pluginFamilies: NO_FAMILY,
    otherNetwork: false,
    subnet: '',
    owner: '',
    sandbox: 'Unknown',
    needsClusterDNS: parts.hostNetwork !== true,
    controlled: true,
    ready: true,
    readySince: parts.startedAt ?? LONG_AGO,
    ...parts,
    name,
    nodeName,
    addresses,
    families: familiesOfAddresses(addresses),
    hostFamilies: familiesOfAddresses(hostIPs),
    labels: interner.intern(labels),
  };
}

/** A pod of the pod network that has IPv4 only. */
export function ipv4Pod(name: string, parts: PodSketch = {}): PodFacts {
  return pod({ name, addresses: addressesOn(parts.nodeName ?? 'a').slice(0, 1), ...parts });
}

export type ServiceSketch = Sketch<
  ServiceFacts,
  'ipFamilies' | 'clusterIPFamilies' | 'selector',
  { readonly clusterIPs?: readonly string[]; readonly ipFamilies?: readonly Family[]; readonly selector?: Labels }
>;

/** A SingleStack Service of IPv4 that selects `app: web`, by default. Its ipFamilies are those of its clusterIPs if not given. */
export function service({
  clusterIPs = ['10.96.0.10'],
  ipFamilies,
  selector = { app: 'web' },
  ...parts
}: ServiceSketch = {}): ServiceFacts {
  const ofClusterIPs = familiesOfAddresses(clusterIPs);
  return {
    kind: 'Service',
    uid: `uid-${parts.name ?? 'web'}`,
    changedAt: parts.createdAt ?? LONG_AGO,
    namespace: 'shop',
    name: 'web',
    createdAt: LONG_AGO,
    deleting: false,
    type: 'ClusterIP',
    policy: 'SingleStack',
    headless: false,
    ingressFamilies: NO_FAMILY,
    ingressHostname: false,
    ingressAddresses: [],
    externalIPs: [],
    sourceRanges: [],
    rangesAnnotation: '',
    requestedAddresses: [],
    requestPlace: '',
    nodeLoadBalancer: '',
    nodePorts: false,
    unreadable: false,
    isClusterDNS: false,
    owner: undefined,
    ownerName: '',
    chart: '',
    ipFamilyCount: (ipFamilies ?? ofClusterIPs).length,
    clusterIP: parts.headless ? 'None' : (clusterIPs[0] ?? ''),
    ...parts,
    clusterIPs: parts.headless ? ['None'] : clusterIPs,
    ipFamilies: ipFamilies ? listOf(ipFamilies) : ofClusterIPs,
    clusterIPFamilies: parts.headless ? NO_FAMILY : ofClusterIPs,
    selector: interner.intern(selector),
  };
}

/** A PreferDualStack Service with clusterIPs of both families. */
export function dualService(parts: ServiceSketch = {}): ServiceFacts {
  return service({ policy: 'PreferDualStack', clusterIPs: ['10.96.0.10', 'fd00:10:96::10'], ...parts });
}

export type SliceSketch = Sketch<EndpointSliceFacts, 'kind'>;

/** A slice of IPv4 that the endpointslice controller keeps for Service `web`, without targets, by default. */
export function slice(parts: SliceSketch = {}): EndpointSliceFacts {
  const serviceName = parts.serviceName ?? 'web';
  const addressType = 'addressType' in parts ? parts.addressType : 'IPv4';
  return {
    kind: 'EndpointSlice',
    namespace: 'shop',
    name: `${serviceName}-${addressType ?? 'fqdn'}`,
    createdAt: LONG_AGO,
    managed: true,
    foreign: false,
    readyTargets: [],
    servingTerminating: false,
    ...parts,
    serviceName,
    addressType,
  };
}

/** The slices that the endpointslice controller would make for a Service: one of each of its families, with the ready pods that have it. */
export function slicesFor(to: ServiceFacts, pods: readonly PodFacts[]): EndpointSliceFacts[] {
  const ready = pods.filter((pod) => pod.namespace === to.namespace && pod.ready && pod.state === 'Running');
  return to.ipFamilies.map((family) =>
    slice({
      namespace: to.namespace,
      serviceName: to.name,
      addressType: family,
      readyTargets: ready.filter(({ families }) => families.includes(family)).map(({ uid }) => uid),
    }),
  );
}

export type ServiceCIDRSketch = Sketch<ServiceCIDRFacts, 'families' | 'cidrs', { readonly cidrs?: readonly string[] }>;

/** The ServiceCIDR `kubernetes` with both families, Ready, by default. */
export function serviceCIDR({ cidrs = ['10.96.0.0/16', 'fd00:10:96::/112'], ...parts }: ServiceCIDRSketch = {}): ServiceCIDRFacts {
  return {
    kind: 'ServiceCIDR',
    name: 'kubernetes',
    createdAt: LONG_AGO,
    changedAt: LONG_AGO,
    ready: true,
    unreadable: false,
    ...parts,
    families: familiesOfCIDRs(cidrs),
    cidrs,
  };
}

export function namespace(name: string, labels: Labels = {}, declaredFamilies = NO_FAMILY): NamespaceFacts {
  return { kind: 'Namespace', uid: `uid-${name}`, name, declaredFamilies, labels: interner.intern(labels) };
}

/** The Service of the API server itself, whose family is the cluster's primary one. */
export function apiServer(clusterIP = '10.96.0.1'): ServiceFacts {
  return service({ namespace: 'default', name: 'kubernetes', clusterIPs: [clusterIP], selector: {} });
}

export const FORBIDDEN: Unavailability = { reason: 'Forbidden', message: 'Not allowed to list and watch these: grant the rule for them.' };

export interface Known {
  /** Kinds whose first list is still under way. */
  readonly pending?: readonly FactsKind[];
  /** Kinds that the API server refuses. */
  readonly refused?: readonly FactsKind[];
  /** Kinds of which some objects are not known, as of a dump. */
  readonly partial?: readonly FactsKind[];
}

/** Why. */
export const GAP = 'Some of them are not there.';

/** A store that has listed these facts, all kinds of them by default. */
export function storeOf(facts: readonly Facts[], { pending = [], refused = [], partial = [] }: Known = {}): ClusterStore {
  const store = new ClusterStore();
  for (const one of facts) store.apply({ type: 'upsert', facts: one });
  for (const kind of KINDS) {
    if (refused.includes(kind)) store.apply({ type: 'unavailable', kind, reason: FORBIDDEN });
    else if (partial.includes(kind)) store.apply({ type: 'listed', kind, gap: GAP });
    else if (!pending.includes(kind)) store.apply({ type: 'listed', kind });
  }
  return store;
}

export interface Asked extends Known {
  readonly expected?: readonly Family[];
  readonly parameters?: ParameterValues;
  readonly now?: number;
  readonly graceScale?: number;
}

export interface Evaluated {
  readonly store: ClusterStore;
  readonly evaluation: Evaluation;
}

/** A new evaluation that has evaluated these facts, with the store that it is about. */
export function evaluateAll(facts: readonly Facts[], asked: Asked = {}): Evaluated {
  const store = storeOf(facts, asked);
  const evaluation = new Evaluation(store, listOf(asked.expected ?? []), graceOf(asked.graceScale ?? 1), asked.parameters);
  runEvaluation(evaluation, store, asked.now ?? NOW);
  return { store, evaluation };
}

/** A new evaluation that has evaluated these facts. */
export function evaluate(facts: readonly Facts[], asked: Asked = {}): Evaluation {
  return evaluateAll(facts, asked).evaluation;
}

/** Runs one evaluation to its end. */
export function runEvaluation(evaluation: Evaluation, store: ClusterStore, now: number): void {
  Array.from(evaluation.evaluate(store.takeDirtySets(), now));
}

/** Findings in short, sorted: `Critical Service/shop/web IPv6 because NodePodCIDRMissing Node/b`. */
export function inShort(evaluation: Evaluation, check?: string): string[] {
  return [...evaluation.findings.values()]
    .filter((finding) => check === undefined || finding.check.name === check)
    .map((finding) => `${check ? '' : `${finding.check.name} `}${shortOf(finding, evaluation)}`)
    .sort();
}

function shortOf(finding: Finding, evaluation: Evaluation): string {
  const cause = finding.causedBy === undefined ? undefined : evaluation.findings.get(finding.causedBy);
  const because =
    finding.causedBy === undefined ? '' : ` because ${cause ? `${cause.check.name} ${objectOf(cause)}` : 'of what is not there'}`;
  return `${finding.severity} ${objectOf(finding)} ${wordsOf(finding.families)}${because}`;
}

function objectOf({ object: { kind, namespace: inNamespace, name } }: Finding): string {
  return kind === 'Cluster' ? kind : [kind, inNamespace, name].filter((part) => part !== '').join('/');
}

function wordsOf(families: FamilyList): string {
  return families.join('+');
}
