import { expect } from 'chai';
import { inShort, KINDS } from '../core/build.ts';
import { evaluated, table, type Row } from '../client/support/hostile-table.ts';
import { podCIDRsOf, rawEndpoint, rawNode, rawPod, rawService, rawServiceCIDR, rawSlice, type Raw } from '../client/support/objects.ts';
import { readerOf } from '../client/support/read.ts';

function without(object: Raw, ...names: readonly string[]): Raw {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as Raw;
}

const INCONSISTENT = ['ServiceFieldsInconsistent Warning Service/shop/odd IPv4+IPv6'];

describe('objects that lack parts', () => {
  const selecting = rawService('odd', { selector: { app: 'odd' } });
  const served = [selecting, rawPod('odd'), rawSlice('odd', 'IPv4', [rawEndpoint('odd', '10.244.1.7')])];
  const slice = rawSlice('odd', 'IPv6', [rawEndpoint('odd', 'fd00:10:244:1::7')]);
  const lacksEndpoint = ['EndpointFamilyMissing Warning Service/shop/odd IPv6'];
  const unbalanced = ['EndpointsUnbalanced Warning Service/shop/odd IPv6'];
  const nowhere = ['NodeAddressMissing Warning Node/d IPv4+IPv6'];
  const noPodCIDR = ['NodePodCIDRMissing Critical Node/d IPv4+IPv6'];
  table([
    { what: 'nothing more than a sound cluster', objects: [], finds: [] },
    { what: 'a node without status', objects: [without(rawNode('d'), 'status')], finds: nowhere },
    { what: 'a node without addresses', objects: [{ ...rawNode('d'), status: {} }], finds: nowhere },
    {
      what: 'a node whose addresses are names',
      objects: [
        {
          ...rawNode('d'),
          status: {
            addresses: [
              { type: 'Hostname', address: '192.0.2.1' },
              { type: 'InternalDNS', address: '2001:db8::1' },
            ],
          },
        },
      ],
      finds: nowhere,
    },
    {
      what: 'a node whose addresses have no type',
      objects: [{ ...rawNode('d'), status: { addresses: [{ address: '192.0.2.1' }] } }],
      finds: nowhere,
    },
    { what: 'a node without spec', objects: [without(rawNode('d'), 'spec')], finds: noPodCIDR },
    { what: 'a node without either', objects: [without(rawNode('d'), 'spec', 'status')], finds: [...nowhere, ...noPodCIDR] },
    { what: 'a node that is nothing but a name', objects: [{ kind: 'Node', metadata: { name: 'd' } }], finds: [...nowhere, ...noPodCIDR] },
    { what: 'a pod without status', objects: [without(rawPod('odd'), 'status')], finds: [] },
    { what: 'a pod without phase', objects: [{ ...rawPod('odd'), status: { podIP: '10.244.1.7' } }], finds: [] },
    { what: 'a pod without addresses', objects: [rawPod('odd', { podIPs: [] })], finds: [] },
    { what: 'a pod without spec', objects: [without(rawPod('odd', { podIPs: ['10.244.1.7'] }), 'spec')], finds: [] },
    { what: 'a pod without hostIPs', objects: [rawPod('odd', { hostIPs: [] })], finds: [] },
    {
      what: 'a pod with podIP alone',
      objects: [{ ...rawPod('odd'), status: { phase: 'Running', podIP: '10.244.1.7' } }],
      finds: ['PodFamilyMissing Warning Pod/shop/odd IPv6'],
    },
    { what: 'a pod on a node that is not there', objects: [rawPod('odd', { nodeName: 'z', podIPs: ['10.244.1.7'] })], finds: [] },
    { what: 'a pod that is nothing but a name', objects: [{ kind: 'Pod', metadata: { name: 'odd' } }], finds: [] },
    { what: 'a Service without spec', objects: [without(rawService('odd'), 'spec')], finds: [] },
    { what: 'a Service without status', objects: [without(rawService('odd'), 'status')], finds: [] },
    { what: 'a Service that is nothing but a name', objects: [{ kind: 'Service', metadata: { name: 'odd' } }], finds: [] },
    { what: 'a Service with a selector alone', objects: [{ ...rawService('odd'), spec: { selector: { app: 'web' } } }], finds: [] },
    { what: 'a Service without clusterIPs', objects: [rawService('odd', { clusterIP: '', clusterIPs: [] })], finds: [] },
    { what: 'a Service without families', objects: [rawService('odd', { ipFamilyPolicy: 'PreferDualStack', ipFamilies: [] })], finds: [] },
    {
      what: 'a Service with a family twice',
      objects: [rawService('odd', { ipFamilies: ['IPv4', 'IPv4'] })],
      finds: [...INCONSISTENT, 'ServiceRequirementUnmet Critical Service/shop/odd IPv6'],
    },
    { what: 'a Service with three families', objects: [rawService('odd', { ipFamilies: ['IPv4', 'IPv6', 'IPv4'] })], finds: INCONSISTENT },
    { what: 'a Service with an empty family', objects: [rawService('odd', { ipFamilies: ['', 'IPv4', 'IPv6'] })], finds: [] },
    {
      what: 'a Service with a family of another spelling',
      objects: [rawService('odd', { ipFamilies: ['ipv4', 'IPv6'] })],
      finds: ['ServiceFieldsInconsistent Warning Service/shop/odd IPv6+IPv4', 'ServiceRequirementUnmet Critical Service/shop/odd IPv4'],
    },
    {
      what: 'a Service with a policy of another spelling',
      objects: [rawService('odd', { ipFamilyPolicy: 'requireDualStack' })],
      finds: INCONSISTENT,
    },
    { what: 'a Service of a type that there is not', objects: [rawService('odd', { type: 'Teapot' })], finds: [] },
    {
      what: 'a headless Service of another spelling',
      objects: [rawService('odd', { clusterIP: 'none', clusterIPs: ['none'] })],
      finds: INCONSISTENT,
    },
    {
      what: 'a load balancer without ingress',
      objects: [rawService('odd', { type: 'LoadBalancer' }, {})],
      finds: ['LoadBalancerPending Info Service/shop/odd IPv4+IPv6'],
    },
    {
      what: 'a load balancer with an empty hostname',
      objects: [rawService('odd', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.9', hostname: '' }] } })],
      finds: ['LoadBalancerFamilyMissing Warning Service/shop/odd IPv6'],
    },
    {
      what: 'an ExternalName Service with all that it should not have',
      objects: [rawService('odd', { type: 'ExternalName', selector: { app: 'web' }, clusterIPs: ['soon'] })],
      finds: [],
    },
    { what: 'a slice, which is all right', objects: [...served, slice], finds: [] },
    { what: 'a slice of names', objects: [...served, { ...slice, addressType: 'FQDN' }], finds: lacksEndpoint },
    { what: 'a slice of the type of 1.16', objects: [...served, { ...slice, addressType: 'IP' }], finds: lacksEndpoint },
    { what: 'a slice of a type of another spelling', objects: [...served, { ...slice, addressType: 'ipv6' }], finds: lacksEndpoint },
    { what: 'a slice of no type', objects: [...served, without(slice, 'addressType')], finds: lacksEndpoint },
    { what: 'a slice without endpoints', objects: [...served, without(slice, 'endpoints')], finds: lacksEndpoint },
    {
      what: 'a slice without labels',
      objects: [...served, { ...slice, metadata: { name: 'odd-ipv6', namespace: 'shop' } }],
      finds: lacksEndpoint,
    },
    { what: 'a slice that is nothing but a name', objects: [{ kind: 'EndpointSlice', metadata: { name: 'odd' } }], finds: [] },
    {
      what: 'an endpoint without conditions, which is ready',
      objects: [...served, { ...slice, endpoints: [{ targetRef: { kind: 'Pod', uid: 'uid-odd' } }] }],
      finds: [],
    },
    {
      what: 'an endpoint without a target, which is its address',
      objects: [...served, { ...slice, endpoints: [{ addresses: ['fd00:10:244:1::7'] }] }],
      finds: unbalanced,
    },
    { what: 'an endpoint without anything', objects: [...served, { ...slice, endpoints: [{}] }], finds: lacksEndpoint },
    {
      what: 'an endpoint with an empty address',
      objects: [...served, { ...slice, endpoints: [{ addresses: [''] }] }],
      finds: lacksEndpoint,
    },
    { what: 'a ServiceCIDR without spec', objects: [without(rawServiceCIDR(), 'spec'), rawService('odd')], finds: [] },
    { what: 'a ServiceCIDR without status', objects: [without(rawServiceCIDR('10.96.0.0/16'), 'status'), rawService('odd')], finds: [] },
    { what: 'a namespace without labels', objects: [{ kind: 'Namespace', metadata: { name: 'shop' } }], finds: [] },
  ]);
});

describe('objects with names that no API server would take', () => {
  for (const name of ['', 'shop/web', '../web', 'Web', 'web; reboot', '$(reboot)', 'web\n', 'a'.repeat(254)]) {
    it(`are as if they were not there: ${JSON.stringify(name.slice(0, 20))}`, () => {
      const odd = [rawNode('x', { addresses: [] }), rawPod('x', { podIPs: ['10.244.1.8'] }), rawService('x', { ipFamilies: [] })];
      const named = odd.map((object) => ({ ...object, metadata: { ...object.metadata, name } }));
      const homeless = odd.slice(1).map((object) => ({ ...object, metadata: { ...object.metadata, namespace: name || '-' } }));
      for (const encoding of ['json', 'protobuf'] as const) {
        const { evaluation, store } = evaluated([...named, ...homeless], encoding);
        expect(inShort(evaluation)).to.deep.equal([]);
        expect([store.nodes.size, store.pods.size, store.services.size]).to.deep.equal([4, 3, 1]);
      }
    });
  }
});

describe('objects with values of the wrong type', () => {
  const WRONG: readonly unknown[] = [null, 'text', '', 7, -1, 1e300, true, [], [null], ['x'], [[]], {}, { length: 3 }, { 0: 'x' }];
  const silent = (what: string, objects: (wrong: unknown) => readonly Raw[], finds: readonly string[] = []): Row[] =>
    WRONG.map((wrong) => ({ what: `${what} is ${JSON.stringify(wrong)}`, objects: objects(wrong), finds, only: 'json' }));
  const node = rawNode('d');
  const pod = rawPod('odd');
  const service = rawService('odd');
  const nowhere = 'NodeAddressMissing Warning Node/d IPv4+IPv6';
  const noPodCIDR = 'NodePodCIDRMissing Critical Node/d IPv4+IPv6';
  table([
    ...silent('the status of a node', (status) => [{ ...node, status }], [nowhere]),
    ...silent('the addresses of a node', (addresses) => [{ ...node, status: { addresses } }], [nowhere]),
    ...silent('the spec of a node', (spec) => [{ ...node, spec }], [noPodCIDR]),
    ...silent('taints', (taints) => [{ ...node, spec: { podCIDRs: podCIDRsOf('d'), taints } }]),
    ...silent('the labels of a node', (labels) => [{ ...node, metadata: { ...node.metadata, labels, annotations: labels } }]),
    ...silent('the status of a pod', (status) => [{ ...pod, status }]),
    ...silent('podIPs', (podIPs) => [{ ...pod, status: { phase: 'Running', podIPs } }]),
    ...silent('the conditions of a pod', (conditions) => [{ ...pod, status: { ...(pod.status as object), conditions } }]),
    ...silent('the spec of a pod', (spec) => [{ ...pod, spec }]),
    ...silent('ownerReferences', (ownerReferences) => [
      { ...pod, metadata: { ...pod.metadata, ownerReferences, labels: ownerReferences } },
    ]),
    ...silent('the spec of a Service', (spec) => [{ ...service, spec }]),
    ...silent('the selector of a Service', (selector) => [rawService('odd', { selector })]),
    ...silent('the status of a Service', (status) => [{ ...service, status }]),
    ...silent('managedFields', (managedFields) => [{ ...service, metadata: { ...service.metadata, managedFields } }]),
    ...silent('the endpoints of a slice', (endpoints) => [rawSlice('nobody', 'IPv4', endpoints as [])]),
  ]);

  it('are none where that is their metadata', () => {
    const read = readerOf('json');
    for (const kind of KINDS) for (const metadata of WRONG) expect(read(kind, { metadata })).to.equal(undefined);
  });
});
