import { endpointsUnbalanced } from '../../../src/core/checks/endpoints-unbalanced.ts';
import type { EndpointSliceFacts, Facts, PodFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import {
  addressesOn,
  dualNodes,
  dualService,
  ipv4Node,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  pod,
  podCIDRsOf,
  service,
  slice,
  slicesFor,
  type NodeSketch,
  type PodSketch,
} from '../build.ts';
import { describeCheck } from './table.ts';

const web = dualService();
const both = pod({ name: 'both' });
const four = ipv4Pod('four');
const six = pod({ name: 'six', addresses: ['fd00:10:244:1::7'] });

/** Service `web` over these pods, its slices as the controller makes them. */
function serving(...pods: readonly PodFacts[]): Facts[] {
  return servedBy(web, ...pods);
}

function servedBy(to: ServiceFacts, ...pods: readonly PodFacts[]): Facts[] {
  return [to, ...pods, ...slicesFor(to, pods)];
}

/** Slices of both families that hold these targets. */
function slices(ipv4: readonly string[], ipv6: readonly string[]): EndpointSliceFacts[] {
  return [slice({ readyTargets: ipv4 }), slice({ addressType: 'IPv6', readyTargets: ipv6 })];
}

const FOUND = ['Warning Service/shop/web IPv6'];

/** A pod that has IPv6 only. */
function ipv6Pod(name: string, parts: PodSketch = {}): PodFacts {
  return pod({ name, addresses: addressesOn(parts.nodeName ?? 'a').slice(1), ...parts });
}

/** Nodes that may give one family only. */
const odd = [node({ name: 'v', virtual: true }), node({ name: 'w', windows: true }), node({ name: 'x', deleting: true })];
const onOdd = odd.map(({ name }) => ipv4Pod(name, { nodeName: name }));

/** A cluster with podCIDRs of IPv6 alone, as kOps makes it, and a node in it without any, whose pod has IPv4. */
const ofKOps = (parts: NodeSketch): Facts[] => [
  ...['a', 'b'].map((name) => node({ name, podCIDRs: podCIDRsOf(name).slice(1) })),
  node({ name: 'n', addresses: ['192.0.2.9'], ...parts }),
  ...servedBy(
    service({ clusterIPs: ['fd00:10:96::10'] }),
    ...['a', 'b'].map((nodeName) => ipv6Pod(`on-${nodeName}`, { nodeName })),
    ipv4Pod('four', { nodeName: 'n' }),
  ),
];

/** A node that its cloud provider is setting up, with one family so far. */
const beingSetUp = [ipv4Node('n', { addresses: ['192.0.2.9'], uninitialized: true, createdAt: NOW - MINUTE, readyChangedAt: 0 })];

/** A host-network pod with the addresses of its node. */
function onHost(nodeName: string): PodFacts {
  const addresses = nodeName === 'a' ? ['192.0.2.1', '2001:db8::1'] : ['192.0.2.9'];
  return pod({ name: `host-${nodeName}`, nodeName, hostNetwork: true, addresses });
}

describeCheck(
  endpointsUnbalanced,
  [
    { name: 'fires where a ready pod is a target in one family only (fact 4)', given: serving(both, four), finds: FOUND },
    {
      name: 'compares the sets and not the counts: equal ones hide an IPv4-only and an IPv6-only pod (#ready-targets)',
      given: serving(four, six),
      finds: ['Warning Service/shop/web IPv4+IPv6'],
    },
    { name: 'says nothing where the sets are the same', given: serving(both, pod({ name: 'too' })), finds: [] },
    {
      name: 'counts a target once across slices (#ready-targets)',
      given: [...serving(both), slice({ name: 'web-again', readyTargets: ['uid-both'] })],
      finds: [],
    },
    { name: 'leaves to EndpointFamilyMissing a family that has no target', given: serving(four), finds: [] },
    { name: 'leaves it that too where the family is IPv4', given: serving(six), finds: [] },
    {
      name: 'says nothing of a Service of one family',
      given: [service(), both, four, ...slices(['uid-both', 'uid-four'], ['uid-both'])],
      finds: [],
    },
    {
      name: 'says nothing of a Service without a selector, whose slices are made by hand',
      given: [dualService({ selector: {} }), both, four, ...slices(['uid-both', 'uid-four'], ['uid-both'])],
      finds: [],
    },
    {
      name: 'says nothing of a Service that is being deleted',
      given: [dualService({ deleting: true }), both, four, ...slicesFor(web, [both, four])],
      finds: [],
    },
    {
      name: 'says nothing of an ExternalName Service, whose slices nothing reads (#external-name)',
      given: [dualService({ type: 'ExternalName' }), both, four, ...slicesFor(web, [both, four])],
      finds: [],
    },
    {
      name: 'says nothing of a ready pod whose address cannot be read behind a Service of one family',
      given: servedBy(service(), ipv4Pod('one'), pod({ name: 'two', addresses: [], state: 'Running' })),
      finds: [],
    },
    {
      name: 'passes over hand-made and mirrored slices (#families-of-slices)',
      given: [...serving(both), slice({ name: 'mine', managed: false, readyTargets: ['uid-four', '192.0.2.9'] }), four],
      finds: [],
    },
    {
      name: 'finds in headless Services what it finds in others',
      given: [dualService({ headless: true }), both, four, ...slicesFor(web, [both, four])],
      finds: FOUND,
    },
    {
      name: 'counts unready targets that are published all the same',
      given: [dualService(), both, ipv4Pod('four', { ready: false }), ...slices(['uid-both', 'uid-four'], ['uid-both'])],
      finds: FOUND,
    },
    {
      name: 'gives the slices a minute after a pod has become ready',
      given: serving(both, ipv4Pod('four', { readySince: NOW - MINUTE + 1 })),
      finds: [],
    },
    {
      name: 'gives the slices no more than a minute',
      given: serving(both, ipv4Pod('four', { readySince: NOW - MINUTE })),
      finds: FOUND,
    },
    {
      name: 'counts from the pod that has waited longest',
      given: serving(both, four, ipv4Pod('new', { readySince: NOW })),
      finds: FOUND,
    },
    {
      name: 'tolerates as many pods as its parameter says',
      given: serving(both, pod({ name: 'both-2' }), pod({ name: 'both-3' }), four),
      parameters: { tolerancePercent: 25 },
      finds: [],
    },
    {
      name: 'tolerates no more, and rounds down',
      given: serving(both, pod({ name: 'both-2' }), pod({ name: 'both-3' }), four),
      parameters: { tolerancePercent: 24 },
      finds: FOUND,
    },
    {
      name: 'waits for the first pod beyond those that it tolerates',
      given: serving(both, four, ipv4Pod('four-2'), ipv4Pod('new', { readySince: NOW - MINUTE + 1 })),
      parameters: { tolerancePercent: 50 },
      finds: [],
    },
    {
      name: 'waits for it no longer than a minute',
      given: serving(both, four, ipv4Pod('four-2'), ipv4Pod('new', { readySince: NOW - MINUTE })),
      parameters: { tolerancePercent: 50 },
      finds: FOUND,
    },
    {
      name: 'counts neither pods that are not ready nor those that go as ready ones',
      given: [...serving(both, four, pod({ name: 'new', ready: false }), pod({ name: 'going', state: 'Terminating' }))],
      parameters: { tolerancePercent: 34 },
      finds: FOUND,
    },
    {
      name: 'tolerates pods of the other family behind a Service of one',
      given: servedBy(service(), ipv4Pod('one'), ipv6Pod('two')),
      parameters: { tolerancePercent: 50 },
      finds: [],
    },
    {
      name: 'gives a new Service a minute',
      given: [dualService({ createdAt: NOW - MINUTE + 1 }), both, four, ...slicesFor(web, [both, four])],
      finds: [],
    },
    {
      name: 'waits for the podCIDR that a node may still get',
      given: [...dualNodes('a'), ...beingSetUp, ...serving(both, ipv4Pod('four', { nodeName: 'n' }))],
      finds: [],
    },
    {
      name: 'waits for the address that a node may still get',
      given: [node({ name: 'a' }), ...beingSetUp, ...serving(onHost('a'), onHost('n'))],
      finds: [],
    },
    {
      name: 'does not wait for that where the pod of another node lacks the family too',
      given: [...dualNodes('a'), ...beingSetUp, ...serving(both, four, onHost('n'))],
      finds: ['Warning Service/shop/web IPv6 because PodFamilyMissing Pod/shop/four'],
    },
    {
      name: 'does not wait for a node that is being deleted',
      given: [...beingSetUp.map((one) => ({ ...one, deleting: true })), ...serving(onHost('a'), onHost('n'))],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'does not wait where grace is switched off',
      given: serving(both, ipv4Pod('four', { readySince: NOW })),
      graceScale: 0,
      finds: FOUND,
    },
    {
      name: 'takes a target that is terminating for one that the other family has lost already',
      given: [web, both, pod({ name: 'going', state: 'Terminating' }), ...slices(['uid-both', 'uid-going'], ['uid-both'])],
      finds: [],
    },
    {
      name: 'takes a target that is gone for one that the other family has lost already',
      given: [web, both, ...slices(['uid-both', 'uid-gone'], ['uid-both'])],
      finds: [],
    },
    {
      name: 'takes a target that it no longer selects for one that the other family has lost already',
      given: [web, both, pod({ name: 'freed', labels: {} }), ...slices(['uid-both', 'uid-freed'], ['uid-both'])],
      finds: [],
    },
    {
      name: 'is explained by the pod that lacks the family',
      given: [...dualNodes('a'), ...serving(both, four)],
      finds: ['Warning Service/shop/web IPv6 because PodFamilyMissing Pod/shop/four'],
    },
    {
      name: 'is explained by the node whose pods lack the family',
      given: [...dualNodes('b', 'c'), ipv4Node('a'), ...serving(pod({ name: 'both', nodeName: 'b' }), four, ipv4Pod('four-2'))],
      finds: ['Warning Service/shop/web IPv6 because NodePodCIDRMissing Node/a'],
    },
    { name: 'says nothing of a family that is not expected', given: serving(both, four), expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: serving(four, six), expected: ['IPv6'], finds: FOUND },
    { name: 'waits for the slices to be listed', given: serving(both, four), pending: ['EndpointSlice'], finds: [] },
    { name: 'says nothing without the pods', given: serving(both, four), refused: ['Pod'], finds: [] },
    {
      name: 'fires on a Service of one family that loses the ready pods of the other',
      given: servedBy(service(), ipv4Pod('one'), ipv6Pod('two')),
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'is an effect of a node without an address of the one family of podCIDRs and without a podCIDR',
      given: ofKOps({}),
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Node/n'],
    },
    {
      name: 'is none where that node has such an address',
      given: ofKOps({ addresses: ['192.0.2.9', '2001:db8::9'] }),
      finds: ['Warning Service/shop/web IPv6'],
    },
    { name: 'leaves to EndpointFamilyMissing one that loses all', given: servedBy(service(), ipv6Pod('two')), finds: [] },
    {
      name: 'says nothing of pods of the other family that are not ready',
      given: servedBy(service(), ipv4Pod('one'), ipv6Pod('two', { ready: false })),
      finds: [],
    },
    {
      name: 'says nothing of dual-stack pods behind a Service of one family',
      given: servedBy(service(), pod(), ipv4Pod('one')),
      finds: [],
    },
    {
      name: 'is Info where the pods are on virtual and Windows nodes and on those being deleted',
      given: [...odd, ...serving(pod(), ...onOdd)],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'stays a warning where one of the pods is on another node',
      given: [...odd, ...dualNodes('a'), ...serving(pod(), ipv4Pod('one'), ...onOdd)],
      finds: ['Warning Service/shop/web IPv6 because PodFamilyMissing Pod/shop/one'],
    },
  ],
  [
    {
      of: 'a Service',
      given: serving(both, four, ipv4Pod('four-2')),
      message: 'Service shop/web has 3 ready IPv4 endpoints and 1 ready IPv6 endpoint, and the ready pods differ by family',
      summary: 'Give the pods without IPv6 this family.',
      steps: [
        'None: See which pods the EndpointSlices of the Service have, by family.',
        'RestartsPods: Fix what causes this finding, where the report names a cause; then restart the pods without IPv6. A pod gets its addresses when it starts.',
      ],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
      exposes: [
        'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
      ],
    },
    {
      of: 'a Service of one family',
      given: servedBy(service(), ipv4Pod('one'), ipv6Pod('two')),
      message: 'Service shop/web is IPv4 only, and 1 of its 2 ready pods has no IPv4 address',
      summary: 'Give the pods without IPv4 this family.',
      steps: [
        'None: See which pods the EndpointSlices of the Service have, by family.',
        'RestartsPods: Fix what causes this finding, where the report names a cause; then restart the pods without IPv4. A pod gets its addresses when it starts.',
      ],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
      exposes: [
        'The new pods, at their IPv4 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
      ],
    },
    {
      of: 'a Service of one family that loses several pods',
      given: [...odd, ...servedBy(service({ clusterIPs: ['fd00:10:96::10'] }), pod(), ...onOdd.slice(0, 2))],
      message:
        'Service shop/web is IPv6 only, and 2 of its 3 ready pods have no IPv6 address: 2 pods of it are on virtual node v and Windows node w',
      summary: 'Nothing, if these nodes give one family on purpose; otherwise run these pods on nodes that give IPv6.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service of one family of which a pod is on such a node',
      given: [...odd, ...servedBy(service({ clusterIPs: ['fd00:10:96::10'] }), pod(), ...onOdd.slice(0, 1))],
      message: 'Service shop/web is IPv6 only, and 1 of its 2 ready pods has no IPv6 address: 1 pod of it is on virtual node v',
      summary: 'Nothing, if these nodes give one family on purpose; otherwise run these pods on nodes that give IPv6.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'pods on nodes that give one family',
      given: [...odd, ...serving(pod(), ...onOdd)],
      message:
        'Service shop/web has 4 ready IPv4 endpoints and 1 ready IPv6 endpoint, and the ready pods differ by family: 3 pods of it are on virtual node v, Windows node w and 1 more node',
      summary: 'Nothing, if these nodes give one family on purpose; otherwise run these pods on nodes that give IPv6.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
  ],
);
