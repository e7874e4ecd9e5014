import { endpointFamilyMissing } from '../../../src/core/checks/endpoint-family-missing.ts';
import { IPV4, IPV6 } from '../../../src/core/net/addresses.ts';
import type { EndpointSliceFacts, Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import {
  dualNodes,
  dualService,
  ipv4Node,
  ipv4Pod,
  MINUTE,
  namespace,
  node,
  NOW,
  pod,
  SECOND,
  service,
  slice,
  slicesFor,
} from '../build.ts';
import { describeCheck } from './table.ts';

const SEE_SLICES = 'None: See which pods the EndpointSlices of the Service have, by family.';
const RESTART_THEM =
  'RestartsPods: Fix what causes this finding, where the report names a cause; then restart the pods without IPv6. A pod gets its addresses when it starts.';
const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';

const web = dualService();
const nodes = dualNodes('a', 'b', 'c');

/** A cluster with Service `web` over these pods, its slices as the controller makes them. */
function serving(pods: readonly PodFacts[], to = web, more: readonly Facts[] = nodes): Facts[] {
  return [...more, to, ...pods, ...slicesFor(to, pods)];
}

/** Slices of both families that hold these targets. */
function slices(ipv4: readonly string[], ipv6: readonly string[], parts: Partial<EndpointSliceFacts> = {}): EndpointSliceFacts[] {
  return [slice({ readyTargets: ipv4, ...parts }), slice({ addressType: 'IPv6', readyTargets: ipv6, name: 'web-6', ...parts })];
}

const IPV6_FIRST = dualService({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] });

/** A host-network pod whose IPv6 address is one that its node no longer has. */
const STALE_IN_IPV6 = pod({ name: 'host', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::99'], strayFamilies: IPV6 });

const two = [ipv4Pod('one'), ipv4Pod('two')];

describeCheck(
  endpointFamilyMissing,
  [
    {
      name: 'fires where a family has no ready target while pods are ready (#pods-without-a-family-are-omitted)',
      given: serving([ipv4Pod('one')], web, dualNodes('b')),
      finds: ['Warning Service/shop/web IPv6 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'is a warning on a headless Service',
      given: serving([ipv4Pod('one')], dualService({ headless: true }), []),
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'fires on a Service of one family whose ready pods all lack it (#pods-without-a-family-are-omitted)',
      given: serving([ipv4Pod('one')], service({ clusterIPs: ['fd00:10:96::10'] }), []),
      finds: ['Critical Service/shop/web IPv6'],
    },
    {
      name: 'is Critical where the primary family has none: clusterIP, environment variables and Endpoints have no other',
      given: serving([ipv4Pod('one')], IPV6_FIRST, []),
      finds: ['Critical Service/shop/web IPv6 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'is a warning where the primary family alone has some, whatever the Service requires',
      given: serving([pod({ name: 'six', addresses: ['fd00:10:244:1::7'] })], { ...IPV6_FIRST, policy: 'RequireDualStack' }, []),
      finds: ['Warning Service/shop/web IPv4 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'is Critical where the only endpoints of a family are addresses that no node still lists: connections time out',
      given: serving([STALE_IN_IPV6], web, [node()]),
      finds: ['Critical Service/shop/web IPv6 because PodHostNetworkStale Pod/shop/host'],
    },
    ...(['deleting', 'notReady'] as const).map((state) => ({
      name: `counts such an endpoint while its node is ${state}, of which nothing is known`,
      given: serving([STALE_IN_IPV6], web, [node({ [state]: true })]),
      finds: [],
    })),
    { name: 'fires where there is no slice at all', given: [web, pod()], finds: ['Critical Service/shop/web IPv4+IPv6'] },
    { name: 'says nothing where both families have a target', given: serving([pod()]), finds: [] },
    { name: 'says nothing of a SingleStack Service that is served', given: serving([ipv4Pod('one')], service()), finds: [] },
    { name: 'says nothing where no pod is ready', given: serving([ipv4Pod('one', { ready: false }), pod({ ready: false })]), finds: [] },
    { name: 'says nothing where there are no pods', given: serving([]), finds: [] },
    {
      name: 'takes no completed and no terminating pod for a ready one (#skipped-pods)',
      given: serving([ipv4Pod('done', { state: 'Completed' }), ipv4Pod('going', { state: 'Terminating' })]),
      finds: [],
    },
    {
      name: 'takes no pod of another namespace or another app for one of its own',
      given: serving([pod({ namespace: 'blog' }), pod({ name: 'api', labels: { app: 'api' } })], web).filter(
        ({ kind }) => kind !== 'EndpointSlice',
      ),
      finds: [],
    },
    { name: 'says nothing of a Service without a selector', given: [dualService({ selector: {} }), pod()], finds: [] },
    { name: 'says nothing of an ExternalName Service (#external-name)', given: [dualService({ type: 'ExternalName' }), pod()], finds: [] },
    { name: 'says nothing of a Service that is being deleted', given: [dualService({ deleting: true }), pod()], finds: [] },
    {
      name: 'counts the endpoints of slices that others keep: kube-proxy does',
      given: [
        web,
        pod(),
        ...slices(['uid-web-1'], []),
        slice({ name: 'mine', addressType: 'IPv6', managed: false, readyTargets: ['uid-web-1'] }),
      ],
      finds: [],
    },
    {
      name: 'counts an endpoint that is terminating and still serves, as kube-proxy does where none is ready',
      given: [web, pod(), slice({ readyTargets: ['uid-web-1'] }), slice({ addressType: 'IPv6', servingTerminating: true })],
      finds: [],
    },
    {
      name: 'is Critical on a headless Service without a single DNS record',
      given: serving([ipv4Pod('one')], service({ headless: true, clusterIPs: [], ipFamilies: ['IPv6'] }), []),
      finds: ['Critical Service/shop/web IPv6'],
    },
    {
      name: 'fires where all pods are on Windows nodes that give one family',
      given: [
        ...serving([ipv4Pod('one', { nodeName: 'w' })], web, [...nodes, node({ name: 'w', windows: true })]),
        pod({ name: 'other', labels: {} }),
      ],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'is Info where all pods are on virtual nodes, which give what they can',
      given: serving([ipv4Pod('one', { nodeName: 'v' })], web, [...nodes, node({ name: 'v', virtual: true })]),
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'is a warning where some pod is on a node of the cluster, too',
      given: serving([ipv4Pod('one', { nodeName: 'v' }), ipv4Pod('two')], web, [...nodes, node({ name: 'v', virtual: true })]),
      finds: ['Warning Service/shop/web IPv6 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'is Critical where all pods are on virtual nodes and none is an endpoint',
      given: serving([ipv4Pod('one', { nodeName: 'v' })], service({ clusterIPs: ['fd00:10:96::10'] }), [
        node({ name: 'v', virtual: true }),
      ]),
      finds: ['Critical Service/shop/web IPv6'],
    },
    {
      name: 'is Info where KWOK simulates the nodes of all pods, which answer nobody in any family',
      given: serving([ipv4Pod('one', { nodeName: 'k' })], service({ clusterIPs: ['fd00:10:96::10'] }), [
        node({ name: 'k', virtual: true, simulated: true }),
      ]),
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'adds up the slices of a family (#ready-targets)',
      given: [web, pod(), ...slices(['uid-web-1'], []), slice({ name: 'web-66', addressType: 'IPv6', readyTargets: ['uid-web-1'] })],
      finds: [],
    },
    {
      name: 'takes no slice of another Service or namespace for its own (#ready-targets)',
      given: [
        web,
        pod(),
        ...slices(['uid-web-1'], []),
        slice({ serviceName: 'web2', addressType: 'IPv6', readyTargets: ['uid-web-1'] }),
        slice({ namespace: 'blog', addressType: 'IPv6', readyTargets: ['uid-web-1'] }),
      ],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'passes over slices of names (FQDN)',
      given: [web, pod(), ...slices(['uid-web-1'], []), slice({ addressType: undefined, readyTargets: ['uid-web-1'] })],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'counts unready targets that are published all the same',
      given: [dualService(), pod({ ready: false }), ...slices(['uid-web-1'], ['uid-web-1'])],
      finds: [],
    },
    {
      name: 'gives the slices a minute after the first pod has become ready',
      given: serving([ipv4Pod('one', { readySince: NOW - MINUTE + 1 })], web, []),
      finds: [],
    },
    {
      name: 'counts from the first ready pod, not from the last',
      given: serving([ipv4Pod('one', { readySince: NOW - MINUTE }), ipv4Pod('two', { readySince: NOW })], web, []),
      finds: ['Warning Service/shop/web IPv6 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'gives a Service that was just changed a minute',
      given: serving([ipv4Pod('one')], { ...web, changedAt: NOW - MINUTE + 1 }, []),
      finds: [],
    },
    {
      name: 'gives a new Service a minute',
      given: serving([ipv4Pod('one')], dualService({ createdAt: NOW - MINUTE + SECOND }), []),
      finds: [],
    },
    {
      name: 'does not wait for a node where its pod has the family and the slices do not hold it',
      given: [
        ...dualNodes('b'),
        node({ addresses: ['192.0.2.1'], readyChangedAt: NOW }),
        web,
        pod({ hostNetwork: true, addresses: ['192.0.2.1'] }),
        ...slices([], []),
      ],
      finds: ['Critical Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'does not wait where grace is switched off',
      given: serving([ipv4Pod('one', { readySince: NOW })], web, []),
      graceScale: 0,
      finds: ['Warning Service/shop/web IPv6 because ClusterStackInconsistent Cluster'],
    },
    {
      name: 'is explained by the pod that lacks the family',
      given: [...serving([ipv4Pod('one')]), pod({ name: 'other', labels: {} })],
      finds: ['Warning Service/shop/web IPv6 because PodFamilyMissing Pod/shop/one'],
    },
    {
      name: 'is explained by the node without the podCIDR',
      given: serving(two, web, [...dualNodes('b', 'c'), ipv4Node('a')]),
      finds: ['Warning Service/shop/web IPv6 because NodePodCIDRMissing Node/a'],
    },
    {
      name: 'is explained by the node whose CNI plugin gives one family',
      given: serving(two, web, nodes),
      finds: ['Warning Service/shop/web IPv6 because NodePodNetworkFamilyMissing Node/a'],
    },
    {
      name: 'is explained by the cluster where most nodes are so',
      given: serving(two, web, [...dualNodes('d'), ipv4Node('a'), ipv4Node('b')]),
      finds: ['Warning Service/shop/web IPv6 because NodePodCIDRMissing Cluster'],
    },
    {
      name: 'is explained by a node without an address, through its host-network pods',
      given: serving([pod({ hostNetwork: true, addresses: ['192.0.2.1'] })], web, [
        node({ addresses: ['192.0.2.1'] }),
        node({ name: 'b' }),
      ]),
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Node/a'],
    },
    {
      name: 'is explained by a host-network pod that is stale',
      given: serving([pod({ name: 'host', hostNetwork: true, addresses: ['192.0.2.1'] })], web),
      finds: ['Warning Service/shop/web IPv6 because PodHostNetworkStale Pod/shop/host'],
    },
    {
      name: 'is explained by what is behind the most pods',
      given: serving([...two, ipv4Pod('three', { nodeName: 'b' })], web, [...dualNodes('c', 'd', 'e'), ipv4Node('a'), ipv4Node('b')]),
      finds: ['Warning Service/shop/web IPv6 because NodePodCIDRMissing Node/a'],
    },
    {
      name: 'is explained by nothing that explains the other family only',
      given: [
        ...serving([pod({ name: 'odd', addresses: ['fd00:10:244:1::7'] })], service({ clusterIPs: ['fd00:10:96::10'] })).filter(
          ({ kind }) => kind !== 'EndpointSlice',
        ),
        pod({ name: 'other', labels: {} }),
      ],
      finds: ['Critical Service/shop/web IPv6'],
    },
    { name: 'says nothing of a family that is not expected', given: serving(two), expected: ['IPv4'], finds: [] },
    {
      name: 'fires on a Service without any endpoint, whatever family is expected (#pods-without-a-family-are-omitted)',
      given: [service({ clusterIPs: ['10.96.0.10'] }), pod({ addresses: ['fd00:10:244:1::7'] })],
      expected: ['IPv6'],
      finds: ['Critical Service/shop/web IPv4'],
    },
    { name: 'waits for the slices to be listed', given: [web, pod()], pending: ['EndpointSlice'], finds: [] },
    { name: 'waits for the pods to be listed', given: [web, pod()], pending: ['Pod'], finds: [] },
    { name: 'says nothing without the slices', given: [web, pod()], refused: ['EndpointSlice'], finds: [] },
    { name: 'says nothing without the pods', given: [web, pod()], refused: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'a Service',
      given: serving([ipv4Pod('one')]),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod',
      summary: 'Give its pods IPv6; until then clients of this family get errors.',
      steps: [SEE_SLICES, RESTART_THEM],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a Service of which a pod is on its way out',
      given: [...serving([ipv4Pod('one')]), pod({ name: 'going', state: 'Terminating' })],
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod',
      summary: 'Give its pods IPv6; until then clients of this family get errors.',
      steps: [SEE_SLICES, RESTART_THEM],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a Service without any endpoint whose pods have one of its families',
      given: [web, ipv4Pod('one')],
      message: 'Service shop/web has no ready IPv4 or IPv6 endpoint, though it selects 1 ready pod',
      summary: 'Give its pods IPv4 and IPv6; until then clients of this family get errors.',
      steps: [
        SEE_SLICES,
        'RestartsPods: Fix what causes this finding, where the report names a cause; then restart the pods without IPv4 or IPv6. A pod gets its addresses when it starts.',
      ],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
      exposes: [
        'The new pods, at their IPv4 and IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
      ],
    },
    {
      of: 'a Service without any endpoint',
      given: [web, pod(), pod({ name: 'web-2' }), pod({ name: 'web-3', ready: false })],
      message: 'Service shop/web has no ready IPv4 or IPv6 endpoint, though its 2 ready pods have IPv4 and IPv6',
      summary: 'Find out why the endpointslice controller does not add the pods to the EndpointSlices of the Service.',
      steps: [
        SEE_SLICES,
        'None: Check that kube-controller-manager runs, and read what its endpointslice controller logs about the Service.',
      ],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service whose pods are on a Windows node',
      given: serving([ipv4Pod('one', { nodeName: 'w' })], web, [...nodes, node({ name: 'w', windows: true })]),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: all are on Windows node w',
      summary:
        'Run some of its pods on nodes that give IPv6, or leave the Service the one family; until then clients of this family get errors.',
      steps: ['None: See which pods the EndpointSlices of the Service have, by family.'],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service whose pods are on a virtual node',
      given: serving([ipv4Pod('one', { nodeName: 'v' })], web, [...nodes, node({ name: 'v', virtual: true })]),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: all are on virtual node v',
      summary:
        'Run some of its pods on nodes that give IPv6, or leave the Service the one family; until then clients of this family get errors.',
      steps: [SEE_SLICES],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service of the family that a virtual node does not give',
      given: serving([ipv4Pod('one', { nodeName: 'v' })], service({ clusterIPs: ['fd00:10:96::9'] }), [node({ name: 'v', virtual: true })]),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: all are on virtual node v',
      summary:
        'Run some of its pods on nodes that give IPv6, or create the Service again without IPv6; until then clients of this family get errors.',
      steps: [SEE_SLICES],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service whose pods nothing runs',
      given: serving([ipv4Pod('one', { nodeName: 'k' })], web, [...nodes, node({ name: 'k', virtual: true, simulated: true })]),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: all are on simulated node k',
      summary: 'Nothing: KWOK simulates these nodes, and no container of these pods runs.',
      steps: [SEE_SLICES],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service behind which only pods have IPv6 whose address no node still lists',
      given: serving([STALE_IN_IPV6], web, [node()]),
      message: 'No ready IPv6 endpoint of Service shop/web has an address that its node lists',
      summary: 'Delete the host-network pods behind it, so that new ones take the addresses that their nodes have now.',
      steps: [SEE_SLICES, 'RestartsPods: Delete these pods, one after the other: their controllers make new ones.'],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
    {
      of: 'a Service in a namespace that requests one family',
      given: serving([ipv4Pod('one')], web, [...nodes, namespace('shop', {}, IPV4)]),
      message:
        'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: an annotation of namespace shop requests IPv4 only',
      summary: 'Remove IPv6 from the Service, or name IPv6 in the annotation too; until then clients of this family get errors.',
      steps: [SEE_SLICES, 'ChangesAddress: To remove IPv6 from the Service, set its policy to SingleStack: it loses its IPv6 clusterIP.'],
      commands: [
        'kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web',
        `kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"SingleStack"}}'`,
      ],
    },
    {
      of: 'a Service of IPv6 alone whose pods request IPv4',
      given: serving([ipv4Pod('one', { declaredFamilies: IPV4 })], service({ clusterIPs: ['fd00:10:96::10'] })),
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod: their annotations request IPv4 only',
      summary: 'Create the Service again without IPv6, or name IPv6 in the annotation too; until then clients of this family get errors.',
      steps: [SEE_SLICES],
      commands: ['kubectl get endpointslices --namespace shop --selector kubernetes.io/service-name=web'],
    },
  ],
);
