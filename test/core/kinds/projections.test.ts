import { expect } from 'chai';
import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import type { EndpointSliceFacts, NodeFacts, PodFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { project, table, type Row } from './projected.ts';

const CREATED = '2026-01-02T03:04:05Z';
const CREATED_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('facts of a Node', () => {
  table('Node', [
    [
      'holds its podCIDRs and addresses of either type',
      {
        metadata: { creationTimestamp: CREATED, annotations: { 'alpha.kubernetes.io/provided-node-ip': '10.0.0.1' } },
        spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24', 'fd00::/64'] },
        status: {
          addresses: [
            { type: 'Hostname', address: 'fd00::7' },
            { type: 'InternalIP', address: '10.0.0.1' },
            { type: 'ExternalIP', address: '2001:db8::1' },
          ],
        },
      },
      {
        name: 'x',
        createdAt: CREATED_MS,
        deleting: false,
        podCIDRs: ['10.1.0.0/24', 'fd00::/64'],
        podCIDRFamilies: DUAL_IPV4_FIRST,
        addressFamilies: DUAL_IPV4_FIRST,
        providedNodeIP: '10.0.0.1',
        platformHint: '',
        virtual: false,
        role: 'Worker',
        windows: false,
      },
    ],
    [
      'reads the one podCIDR where there is no list',
      { spec: { podCIDR: 'fd00::/64' } },
      { podCIDRs: ['fd00::/64'], podCIDRFamilies: IPV6 },
    ],
    ['passes over a Hostname', { status: { addresses: [{ type: 'Hostname', address: '10.0.0.1' }] } }, { addressFamilies: NO_FAMILY }],
    [
      'is not Ready by its condition, since that changed',
      { status: { conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: CREATED }] } },
      { notReady: true, readyChangedAt: CREATED_MS },
    ],
    ['says nothing about being Ready without the condition', { status: {} }, { notReady: false, readyChangedAt: 0 }],
    ['is virtual by its label', { metadata: { labels: { type: 'virtual-kubelet' } } }, { virtual: true }],
    ['is virtual by its taint', { spec: { taints: [{ key: 'virtual-kubelet.io/provider', value: 'azure' }] } }, { virtual: true }],
    [
      'is virtual by the label of its provider',
      { metadata: { labels: { 'virtual-node.interlink/type': 'virtual-kubelet' } } },
      { virtual: true },
    ],
    ['is simulated by the label of KWOK', { metadata: { labels: { type: 'kwok' } } }, { virtual: true, simulated: true }],
    [
      'is simulated by the annotation of KWOK',
      { metadata: { annotations: { 'kwok.x-k8s.io/node': 'fake' } } },
      { virtual: true, simulated: true },
    ],
    ['is not simulated where a virtual kubelet runs its pods', { metadata: { labels: { type: 'virtual-kubelet' } } }, { simulated: false }],
    ['is virtual by the taint of interLink', { spec: { taints: [{ key: 'virtual-node.interlink/no-schedule' }] } }, { virtual: true }],
    ['is virtual by the taint of Liqo', { spec: { taints: [{ key: 'virtual-node.liqo.io/not-allowed' }] } }, { virtual: true }],
    [
      'is ordinary if only its name is that of a virtual one',
      { metadata: { labels: { 'kubernetes.io/hostname': 'virtual-kubelet' } } },
      { virtual: false },
    ],
    [
      'is ordinary with another type',
      { metadata: { labels: { type: 'worker', 'example.com/prototype': 'virtual-kubelet' } } },
      { virtual: false },
    ],
    ['is virtual on Fargate', { metadata: { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } } }, { virtual: true }],
    ['is an ordinary node on EKS', { metadata: { labels: { 'eks.amazonaws.com/compute-type': 'ec2' } } }, { virtual: false }],
    ['is an ordinary agent on AKS', { metadata: { labels: { 'kubernetes.io/role': 'agent' } } }, { virtual: false }],
    ['runs Windows by its label', { metadata: { labels: { 'kubernetes.io/os': 'windows' } } }, { windows: true }],
    ['runs Windows by its status', { status: { nodeInfo: { operatingSystem: 'windows' } } }, { windows: true }],
    ['is going away', { metadata: { deletionTimestamp: CREATED } }, { deleting: true }],
    ['is not going away at no time', { metadata: { deletionTimestamp: '' } }, { deleting: false }],
  ] satisfies readonly Row<NodeFacts>[]);
});

describe('facts of a Pod', () => {
  const running = { phase: 'Running', podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }] };
  table('Pod', [
    [
      'holds its addresses, its node and its labels',
      {
        metadata: { labels: { b: '2', a: '1' } },
        spec: { nodeName: 'n' },
        status: { ...running, hostIP: '10.0.0.1', hostIPs: [{ ip: 'fd00::2' }, { ip: '10.0.0.1' }] },
      },
      {
        uid: 'u',
        namespace: 'ns',
        name: 'x',
        nodeName: 'n',
        state: 'Running',
        addresses: ['10.1.0.1', 'fd00::1'],
        families: DUAL_IPV4_FIRST,
        hostFamilies: DUAL_IPV6_FIRST,
        hostNetwork: false,
        mirror: false,
        ready: false,
        readySince: 0,
        labels: [
          ['a', '1'],
          ['b', '2'],
        ],
      },
    ],
    [
      'reads podIP and hostIP where there are no lists',
      { status: { phase: 'Running', podIP: '10.1.0.1', podIPs: [], hostIP: 'fd00::2' } },
      { addresses: ['10.1.0.1'], families: IPV4, hostFamilies: IPV6 },
    ],
    [
      'is ready since its condition changed',
      {
        status: {
          ...running,
          conditions: [
            { type: 'Initialized', status: 'True' },
            { type: 'Ready', status: 'True', lastTransitionTime: CREATED },
          ],
        },
      },
      { ready: true, readySince: CREATED_MS },
    ],
    [
      'is not ready by an unknown condition',
      { status: { ...running, conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      { ready: false },
    ],
    ['is of the host network', { spec: { hostNetwork: true } }, { hostNetwork: true }],
    ['is a mirror', { metadata: { annotations: { 'kubernetes.io/config.mirror': '' } } }, { mirror: true }],
    [
      'is controlled by an owner that says so',
      { metadata: { ownerReferences: [{ kind: 'A' }, { kind: 'B', controller: true }] } },
      { controlled: true },
    ],
    ['is not controlled by a mere owner', { metadata: { ownerReferences: [{ kind: 'A', controller: false }] } }, { controlled: false }],
    ['is pending', { status: { phase: 'Pending', podIP: '10.1.0.1' } }, { state: 'Pending' }],
    ['is pending where nothing is known', {}, { state: 'Pending', nodeName: '' }],
    ['is unaddressed', { status: { phase: 'Running' } }, { state: 'Unaddressed' }],
    [
      'is unaddressed where its address is none',
      { status: { phase: 'Running', podIP: 'soon' } },
      { state: 'Unaddressed', addresses: ['soon'], families: NO_FAMILY },
    ],
    ['has succeeded', { status: { ...running, phase: 'Succeeded' } }, { state: 'Completed' }],
    ['has failed', { status: { ...running, phase: 'Failed' } }, { state: 'Completed' }],
    ['terminates, whatever its phase', { metadata: { deletionTimestamp: CREATED }, status: { phase: 'Failed' } }, { state: 'Terminating' }],
    ['has its name for a uid where it has none', { metadata: { uid: '' } }, { uid: 'ns/x' }],
  ] satisfies readonly Row<PodFacts>[]);
});

describe('facts of a Service', () => {
  table('Service', [
    [
      'holds its families and its selector',
      {
        spec: {
          type: 'LoadBalancer',
          ipFamilyPolicy: 'PreferDualStack',
          ipFamilies: ['IPv6', 'IPv4'],
          clusterIP: 'fd00::1',
          clusterIPs: ['fd00::1', '10.96.0.1'],
          selector: { app: 'web' },
        },
      },
      {
        type: 'LoadBalancer',
        policy: 'PreferDualStack',
        ipFamilies: DUAL_IPV6_FIRST,
        clusterIPFamilies: DUAL_IPV6_FIRST,
        headless: false,
        selector: [['app', 'web']],
      },
    ],
    [
      'is headless',
      { spec: { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'] } },
      { headless: true, clusterIPFamilies: NO_FAMILY, ipFamilies: IPV4 },
    ],
    [
      'has the addresses of its load balancer',
      { status: { loadBalancer: { ingress: [{ ip: 'fd00::9' }, { ip: '192.0.2.9' }] } } },
      { ingressFamilies: DUAL_IPV6_FIRST, ingressHostname: false },
    ],
    [
      'has a load balancer with a name',
      { status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } } },
      { ingressFamilies: NO_FAMILY, ingressHostname: true },
    ],
    [
      'keeps its fields as they are written',
      { spec: { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4', 'IPv4'] } },
      { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.1'], ipFamilyCount: 2, ipFamilies: IPV4 },
    ],
    ['is headless of old', { spec: { clusterIP: 'None' } }, { headless: true }],
    [
      'was changed when somebody last changed its spec, and not its status or its annotations',
      {
        metadata: {
          creationTimestamp: CREATED,
          managedFields: [
            { time: '2026-01-03T00:00:00Z', fieldsV1: { 'f:metadata': {}, 'f:spec': { 'f:type': {} } } },
            { time: '2026-01-02T09:00:00Z', fieldsV1: { 'f:spec': {} } },
            { time: '2026-01-05T00:00:00Z', subresource: 'status', fieldsV1: { 'f:spec': {} } },
            { time: '2026-01-06T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:annotations': {} } } },
            { time: '2026-01-07T00:00:00Z' },
          ],
        },
      },
      { createdAt: CREATED_MS, changedAt: Date.UTC(2026, 0, 3) },
    ],
    [
      'was changed when it was made, where nobody keeps its fields',
      { metadata: { creationTimestamp: CREATED } },
      { changedAt: CREATED_MS },
    ],
    [
      'bears that very many keep its fields',
      { metadata: { creationTimestamp: CREATED, managedFields: new Array(500_000).fill({}) } },
      { changedAt: CREATED_MS },
    ],
    [
      'has one family of 1.16',
      { spec: { ipFamily: 'IPv6', clusterIP: 'fd00::1' } },
      { ipFamilies: IPV6, clusterIPFamilies: IPV6, policy: 'SingleStack' },
    ],
    [
      'has no fields as ExternalName',
      { spec: { type: 'ExternalName', externalName: 'a.b' } },
      { type: 'ExternalName', ipFamilies: NO_FAMILY, policy: 'SingleStack', headless: false },
    ],
    ['is a ClusterIP of one family where nothing is said', {}, { type: 'ClusterIP', policy: 'SingleStack', selector: [] }],
    [
      'passes over what is not known',
      { spec: { type: 'Teapot', ipFamilyPolicy: 'Both', ipFamilies: ['IPv5', 'IPv4'] } },
      { type: 'ClusterIP', policy: 'SingleStack', ipFamilies: IPV4 },
    ],
  ] satisfies readonly Row<ServiceFacts>[]);
});

describe('facts of an EndpointSlice', () => {
  const slice = (more: object): EndpointSliceFacts => project('EndpointSlice', { metadata: { name: 'x', namespace: 'ns' }, ...more });

  it('holds its Service and who keeps it', () => {
    const labels = { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
    expect(slice({ metadata: { name: 'x', labels }, addressType: 'IPv6' })).to.deep.include({
      serviceName: 'web',
      managed: true,
      addressType: 'IPv6',
    });
    const keptBy = (keeper: string): EndpointSliceFacts | undefined =>
      slice({ metadata: { name: 'x', labels: { 'endpointslice.kubernetes.io/managed-by': keeper } } });
    expect(keptBy('endpointslicemirroring-controller.k8s.io')).to.deep.include({ managed: false, foreign: false });
    expect(keptBy('cluster-admins')).to.deep.include({ managed: false, foreign: false });
    expect(keptBy('endpointslice-mesh-controller.cilium.io')).to.deep.include({ managed: false, foreign: true });
    expect(slice({ addressType: 'FQDN' })).to.deep.include({ serviceName: '', managed: false, addressType: undefined });
  });

  it('holds its ready targets: the pod, else the first address', () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', uid: 'a' } },
      { addresses: ['10.0.0.2'], conditions: { ready: false }, targetRef: { kind: 'Pod', uid: 'b' } },
      { addresses: ['10.0.0.3'], conditions: {}, targetRef: { kind: 'Pod', uid: 'c' } },
      { addresses: ['10.0.0.4', '10.0.0.5'], targetRef: { kind: 'VirtualMachine', uid: 'd' } },
      { addresses: ['10.0.0.6'], conditions: { ready: null } },
      { addresses: [], conditions: { ready: true } },
      null,
    ];
    expect(slice({ endpoints }).readyTargets).to.deep.equal(['a', 'c', '10.0.0.4', '10.0.0.6']);
  });

  it('holds no address that only marks a Service whose traffic a proxy takes (cilium/cilium#19262)', () => {
    expect(slice({ endpoints: [{ addresses: ['192.192.192.192'] }, { addresses: ['10.0.0.1'] }] }).readyTargets).to.deep.equal([
      '10.0.0.1',
    ]);
  });
});

describe('facts of a Namespace', () => {
  it('hold its uid and its labels', () => {
    expect(project('Namespace', { metadata: { name: 'x', uid: 'u', labels: { a: 'b', c: 7 } } })).to.deep.equal({
      kind: 'Namespace',
      uid: 'u',
      name: 'x',
      declaredFamilies: [],
      labels: [['a', 'b']],
    });
  });
});
