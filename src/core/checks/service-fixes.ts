import {
  DUAL_IPV4_FIRST,
  familiesOfAddresses,
  familyWords,
  joinWithOr,
  missingFrom,
  networkOf,
  NO_FAMILY,
  overlap,
  type Family,
  type FamilyList,
} from '../net/addresses.ts';
import type { RemediationStep } from './check.ts';
import type { Owner, ServiceFacts } from '../kinds/facts.ts';
import { IN_SPEC } from '../kinds/service-balancer.ts';
import type { ClusterView } from '../cluster/view.ts';
import { setsNoFlags } from './platform-fixes.ts';
import { requestForOneFamily } from './requested-family.ts';

/** What the description of a step has room for. */
const LONGEST = 512;

/** A change of fields of a Service's spec. */
export interface ServiceChange {
  /** What the change does, in sentences. */
  readonly description: string;
  readonly spec: object;
  readonly disruption: RemediationStep['disruption'];
  /** The families that the Service has after the change and has not now. */
  readonly gains?: FamilyList;
  /** What has to be done before it, a sentence; there is no command then. */
  readonly first?: string;
}

/**
 * A change of a Service, where it can be made: at its owner if it has one, since that reverts a patch. There is a command only where the change opens
 * nothing that was closed before; otherwise the step says what it opens, and how to keep that closed.
 */
export function patchService(service: ServiceFacts, change: ServiceChange, view: ClusterView): RemediationStep {
  const { spec, gains = NO_FAMILY, first } = change;
  const exposes = exposureOf(service, gains);
  const step = withoutCommand(service, change, view);
  // What requests addresses is to change with the families, which no patch of the spec alone does.
  const isKept = service.owner !== undefined || isOfOpenShift(service, view) || unrequestedFamilies(service, gains).length > 0;
  if (isKept || (first !== undefined && exposes === undefined)) return step;
  const patch = JSON.stringify({ spec });
  if (exposes !== undefined) return { ...step, patch };
  const { namespace, name } = service;
  return { ...step, command: `kubectl patch service ${name} --namespace ${namespace} --type merge --patch '${patch}'`, patch };
}

function withoutCommand(service: ServiceFacts, change: ServiceChange, view: ClusterView): RemediationStep {
  const { description, disruption, gains = NO_FAMILY, first } = change;
  const exposes = exposureOf(service, gains);
  const unrequested = unrequestedFamilies(service, gains);
  const owner = ownerWords(service, view);
  const all = [first ?? [], description, requestToo(service, unrequested), owner, cautions(service, gains, view)].flat().join(' ');
  const short = [first ?? [], description, requestShortly(service, unrequested), owner, cautions(service, gains, undefined)];
  return {
    description: all.length <= LONGEST ? all : short.flat().join(' '),
    disruption: unrequested.length > 0 && disruption === 'None' ? 'ChangesAddress' : disruption,
    ...(exposes === undefined ? {} : { exposes }),
  };
}

/** Of families that a Service gets, those of which it requests no load balancer address, though it requests others. */
function unrequestedFamilies({ type, requestedAddresses }: ServiceFacts, gains: FamilyList): FamilyList {
  return type === 'LoadBalancer' && requestedAddresses.length > 0 ? missingFrom(familiesOfAddresses(requestedAddresses), gains) : NO_FAMILY;
}

/** rules.md#requested-addresses. */
function requestToo(service: ServiceFacts, families: FamilyList): readonly string[] {
  if (families.length === 0) return [];
  const { requestPlace, nodeLoadBalancer } = service;
  const how =
    requestPlace === IN_SPEC
      ? `move the request from ${IN_SPEC}, which takes one address, to an annotation of the load balancer implementation, with an address of each family`
      : `add an ${joinWithOr(families)} address to annotation ${requestPlace}`;
  const loses =
    nodeLoadBalancer === 'MetalLB' ? 'MetalLB takes the present one away' : 'the load balancer gets none, or loses the present one';
  return [`In the same change, ${how}: otherwise ${loses}.`];
}

/** The same in few words. */
function requestShortly({ requestPlace }: ServiceFacts, families: FamilyList): readonly string[] {
  if (families.length === 0) return [];
  const words = joinWithOr(families);
  return requestPlace === IN_SPEC
    ? [`In the same change, request an ${words} address too, in an annotation instead of ${IN_SPEC}.`]
    : [`In the same change, add an ${words} address to annotation ${requestPlace}.`];
}

/** What has to be done before the Service gets an address at which nobody would answer. */
export function endpointsFirst(service: ServiceFacts, families: FamilyList, view: ClusterView): string | undefined {
  const words = familyWords(families);
  if (service.selector.length === 0) {
    const has = (some: FamilyList): boolean => some.some((family) => view.hasEndpoint(service, family));
    return has(service.ipFamilies) && !has(families)
      ? `First make an EndpointSlice with ${words} addresses for it: it has no selector, so nobody else does.`
      : undefined;
  }
  const pods = [...view.podsSelectedBy(service)].filter(({ ready }) => ready);
  if (pods.some(({ state }) => state === 'Unreadable'))
    return `First verify that its pods have ${words} addresses, which are redacted here.`;
  const lack = pods.length > 0 && pods.every((pod) => !families.some((family) => pod.families.includes(family)));
  if (!lack) return undefined;
  if (pods.every(({ nodeName }) => view.node(nodeName)?.windows)) {
    return `First verify that the network of its Windows nodes can give pods ${words}: overlay networks cannot, so leave the Service as it is there.`;
  }
  return `First give its pods ${words} addresses: ${requestForOneFamily(pods, view) ?? 'none has one'}.`;
}

const OWNER_PLACES: Readonly<Record<Owner, (name: string) => string>> = {
  Helm: (name) => `the values of Helm release ${name}`.trimEnd(),
  HelmChart: (name) => `spec.valuesContent of HelmChartConfig kube-system/${name}`,
  Kapp: () => 'the values of the package that kapp deploys',
  ArgoCD: (name) => `the source of Argo CD application ${name}`.trimEnd(),
  Flux: (name) => `the source of Flux resource ${name}`.trimEnd(),
  OLM: (name) => `the operator that OLM installed${name === '' ? '' : ` (${name})`}`,
  AddonManager: (name) => `the configuration of its ${name || 'add-on'}`,
  Operator: (name) => `its owner, ${name || 'an operator'}`,
};

interface PolicyValue {
  readonly chart: string;
  /** Which of the chart's Services it sets the policy of, by their names. */
  readonly service: RegExp;
  readonly value: string;
}

/** Values of well-known charts that set the policy of a Service, as their templates have them. For other Services of these charts there is no value. */
const POLICY_VALUES: readonly PolicyValue[] = [
  { chart: 'traefik', service: /^(?!.*-metrics$)/, value: 'service.ipFamilyPolicy' },
  { chart: 'ingress-nginx', service: /-controller$/, value: 'controller.service.ipFamilyPolicy' },
  { chart: 'ingress-nginx', service: /-controller-internal$/, value: 'controller.service.internal.ipFamilyPolicy' },
  { chart: 'cert-manager', service: /-webhook$/, value: 'webhook.serviceIPFamilyPolicy' },
  { chart: 'cert-manager', service: /^(?!.*-(?:webhook|cainjector)$)/, value: 'serviceIPFamilyPolicy' },
  { chart: 'coredns', service: /^(?!.*-metrics$)/, value: 'service.ipFamilyPolicy' },
  { chart: 'argo-cd', service: /-server$/, value: 'global.dualStack.ipFamilyPolicy' },
];

/** Where to make a change of a Service that something writes again and again; nothing where nothing does. */
function ownerWords(service: ServiceFacts, view: ClusterView): readonly string[] {
  const { owner, ownerName, chart, name } = service;
  const { platform } = view;
  if (owner === undefined) {
    if (!isOfOpenShift(service, view)) return [];
    return [
      'An operator of OpenShift owns this Service and reverts a patch of it: where its resource has no setting for this, leave the Service as it is.',
    ];
  }
  if (owner === 'AddonManager' && platform.managed === true) {
    return [
      `${platform.name} owns this Service (${ownerName}) and reverts a patch of it: where it has no setting for this, leave the Service as it is.`,
    ];
  }
  const known = POLICY_VALUES.find((one) => one.chart === chart && one.service.test(name));
  const value = known ? ` (value ${known.value})` : '';
  return [`Make this change in ${OWNER_PLACES[owner](ownerName)}${value}: it reverts a patch of the Service.`];
}

/** Whether a Service is in one of OpenShift's own namespaces, where operators keep everything. */
function isOfOpenShift({ namespace }: ServiceFacts, { platform }: ClusterView): boolean {
  return platform.name === 'OpenShift' && namespace.startsWith('openshift-');
}

/**
 * What to do first, so that the change opens no more than it should.
 * @param view undefined where there is room for few words
 */
function cautions(service: ServiceFacts, gains: FamilyList, view: ClusterView | undefined): readonly string[] {
  const unrestricted = gains.filter((family) => leavesOpen(service, family));
  return [
    ...(unrestricted.length > 0 ? [addRanges(service, unrestricted, view)] : []),
    ...(hasNodePorts(service) && gains.length > 0 ? [keepClosed(service, gains, view)] : []),
  ];
}

function addRanges(service: ServiceFacts, families: FamilyList, view: ClusterView | undefined): string {
  const add = `First add ranges of ${families.join(' and ')} to ${rangesPlace(service)}`;
  if (!view) return `${add}.`;
  const onePlace = service.rangesAnnotation === '' ? '' : ' Keep all ranges in it: beside loadBalancerSourceRanges, it is ignored.';
  return `${add}: there is none yet.${onePlace}`;
}

/** A load balancer that sends its traffic to node ports needs them. */
function keepClosed({ type }: ServiceFacts, gains: FamilyList, view: ClusterView | undefined): string {
  const ways = [
    ...(type === 'LoadBalancer' ? ['remove it and set allocateLoadBalancerNodePorts to false, if nothing uses it'] : []),
    `close it in ${isServedByPlugin(view) ? 'a firewall in front of the nodes' : 'the firewall of the nodes'}`,
    ...(view && !setsNoFlags(view) ? inServiceProxy(gains, view) : []),
  ];
  return `To keep its node port closed there, first ${ways.join(', or ')}.`;
}

/** Whether a plugin takes traffic from the network devices itself, perhaps before the firewall that runs on the node. */
function isServedByPlugin(view: ClusterView | undefined): boolean {
  return view?.servesServices !== undefined && view.servesServices !== 'kube-proxy';
}

/**
 * How the proxy of Services opens no node port over families. Only where it has a setting for that, and in a way that opens none of the other family
 * (rules.md#node-ports-by-family).
 */
function inServiceProxy(families: FamilyList, { platform, servesServices }: ClusterView): readonly string[] {
  const others = missingFrom(families, DUAL_IPV4_FIRST);
  switch (servesServices) {
    case undefined:
      return [`where kube-proxy runs, set its nodePortAddresses to ${closedNodePorts(families)} ${FOR_ALL}`];
    case 'kube-proxy':
      return KUBE_PROXY_ARG.has(platform.name)
        ? [`set kube-proxy-arg of ${platform.name} to nodeport-addresses=${closedNodePorts(families)} on each node ${FOR_ALL}`]
        : [`set nodePortAddresses of kube-proxy to ${closedNodePorts(families)} ${FOR_ALL}`];
    case 'Cilium':
      return others.length > 0
        ? [`set nodePort.addresses of Cilium to the ${familyWords(others)} ranges of the nodes alone ${FOR_ALL}`]
        : [];
    case 'Antrea':
      return others.map((family) => `set antreaProxy.nodePortAddresses of Antrea to ${RANGES_OF_NODES[family].all} ${FOR_ALL}`);
    default:
      return [];
  }
}

const FOR_ALL = '(for all Services)';

/** Platforms that pass flags to the kube-proxy of theirs. */
const KUBE_PROXY_ARG: ReadonlySet<string> = new Set(['k3s', 'RKE2']);

/** All addresses of a node but those of families, of which kube-proxy opens no port on loopback (rules.md#node-ports-by-family). */
function closedNodePorts(families: FamilyList): string {
  return DUAL_IPV4_FIRST.map((family) => RANGES_OF_NODES[family][families.includes(family) ? 'loopback' : 'all']).join(',');
}

const RANGES_OF_NODES: Readonly<Record<Family, Readonly<Record<'all' | 'loopback', string>>>> = {
  IPv4: { all: '0.0.0.0/0', loopback: '127.0.0.1/32' },
  IPv6: { all: '::/0', loopback: '::1/128' },
};

function hasNodePorts({ type, nodePorts }: ServiceFacts): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && nodePorts);
}

/** What can be reached from outside over families that a Service gets; undefined where nothing can. */
function exposureOf(service: ServiceFacts, gains: FamilyList): string | undefined {
  if (gains.length === 0) return undefined;
  const words = familyWords(gains);
  const ofAllNodes = `on the ${words} addresses of all nodes`;
  const atExternalIPs = hasExternalIPs(service, gains) ? `, and its ${words} externalIPs` : '';
  if (service.type === 'NodePort') return `Its node port, ${ofAllNodes}${atExternalIPs}.`;
  if (service.type !== 'LoadBalancer') return atExternalIPs === '' ? undefined : `The Service, at its ${words} externalIPs.`;
  const nodePort = hasNodePorts(service) ? `, and its node port ${ofAllNodes}, which source ranges do not cover` : '';
  return `The load balancer over ${words}${nodePort}${atExternalIPs}.`;
}

/** Whether the service proxy answers at externalIPs as soon as the Service has the family. */
function hasExternalIPs({ externalIPs }: ServiceFacts, gains: FamilyList): boolean {
  return overlap(familiesOfAddresses(externalIPs), gains);
}

/** Whether source ranges restrict the Service and none of them is of a family. */
function leavesOpen({ type, sourceRanges }: ServiceFacts, family: Family): boolean {
  const { restricted, named } = rangesByFamily(sourceRanges);
  return type === 'LoadBalancer' && restricted.length > 0 && !named.includes(family);
}

/** Where the source ranges of a Service are. */
export function rangesPlace({ rangesAnnotation }: ServiceFacts): string {
  return rangesAnnotation === '' ? 'loadBalancerSourceRanges' : `annotation ${rangesAnnotation}`;
}

/** Why ranges in an annotation and in the spec do not add up; nothing where the spec has them. */
export function rangesInOnePlace({ rangesAnnotation, sourceRanges }: ServiceFacts): readonly string[] {
  if (rangesAnnotation === '') return [];
  const { restricted } = rangesByFamily(sourceRanges);
  const opens = restricted.length > 0 ? `, which opens ${restricted.join(' and ')} to everybody` : '';
  return [
    `Keep all ranges in one place: beside loadBalancerSourceRanges, implementations ignore the annotation${opens}, and cloud-provider-azure accepts no Service with both. To use the field, copy the ranges of the annotation into it in the same change that removes the annotation.`,
  ];
}

/** The families that source ranges name, and those of them that they restrict: a range without a prefix takes in the whole family. */
export interface RangeFamilies {
  readonly named: FamilyList;
  readonly restricted: FamilyList;
}

export function rangesByFamily(sourceRanges: readonly string[]): RangeFamilies {
  const ranges = sourceRanges.flatMap((range) => networkOf(range) ?? []);
  const unnamed = DUAL_IPV4_FIRST.filter((family) => !ranges.some((range) => range.family === family));
  const open = DUAL_IPV4_FIRST.filter((family) => ranges.some((range) => range.family === family && range.prefix === ''));
  const named = missingFrom(unnamed, DUAL_IPV4_FIRST);
  return { named, restricted: missingFrom(open, named) };
}
