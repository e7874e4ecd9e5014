import { expect } from 'chai';
import type { EndpointSliceFacts, Facts, PodFacts } from '../../src/core/kinds/facts.ts';
import {
  addressesOn,
  apiServer,
  dualNodes,
  dualService,
  evaluate,
  inShort,
  ipv4Node,
  LONG_AGO,
  node,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slice,
  slicesFor,
} from './build.ts';

/** A failure that was seen in the field, what the API shows of it, and all that is to be found: the cause, its effects, and nothing else. */
interface Failure {
  readonly what: string;
  readonly where: string;
  readonly shows: readonly Facts[];
  readonly finds: readonly string[];
}

const IPV4_ONLY = ['192.0.2.9'];

function podOn(nodeName: string, name = `on-${nodeName}`, parts: Parameters<typeof pod>[0] = {}): PodFacts {
  return pod({ name, nodeName, addresses: addressesOn(nodeName), hostIPs: ['192.0.2.1', '2001:db8::1'], ...parts });
}

function ipv4PodOn(nodeName: string, name = `on-${nodeName}`, parts: Parameters<typeof pod>[0] = {}): PodFacts {
  return podOn(nodeName, name, { addresses: addressesOn(nodeName).slice(0, 1), ...parts });
}

/** The Service of the pods of `app: web`, with the slices that its controller would make. */
function webOf(...pods: readonly PodFacts[]): Facts[] {
  const web = dualService();
  return [web, ...slicesFor(web, pods), ...pods];
}

/** A dual-stack cluster on which nothing is wrong: three nodes, each with a pod, and a Service. */
const SOUND: readonly Facts[] = [serviceCIDR(), apiServer(), ...dualNodes('a', 'b', 'c')];
const PODS = [podOn('a'), podOn('b'), podOn('c')];

const FAILURES: readonly Failure[] = [
  {
    what: 'a node has an InternalIP of one family',
    where: 'k/k#91940, #90704, #100675',
    shows: [
      ...SOUND,
      node({ name: 'd', podCIDRs: podCIDRsOf('d'), addresses: IPV4_ONLY }),
      ...webOf(...PODS, podOn('d', 'on-d', { hostIPs: IPV4_ONLY })),
    ],
    finds: ['NodeAddressMissing Warning Node/d IPv6'],
  },
  {
    what: 'a cloud provider and one --node-ip drop IPv6',
    where: 'k/k#111695',
    shows: [...SOUND, node({ name: 'd', podCIDRs: podCIDRsOf('d'), addresses: IPV4_ONLY, providedNodeIP: '192.0.2.9' }), ...webOf(...PODS)],
    finds: ['NodeAddressMissing Warning Node/d IPv6'],
  },
  {
    what: 'an OS omits --node-ip: a node and its host-network pods have IPv4 only',
    where: 'kubermatic/kubermatic#10642',
    shows: [
      ...SOUND,
      node({ name: 'd', podCIDRs: podCIDRsOf('d'), addresses: IPV4_ONLY }),
      ...webOf(...PODS),
      pod({ name: 'proxy', namespace: 'kube-system', nodeName: 'd', hostNetwork: true, addresses: IPV4_ONLY, labels: {} }),
    ],
    finds: ['NodeAddressMissing Warning Node/d IPv6'],
  },
  {
    what: 'a host-network pod kept one address after a boot race',
    where: 'k/k#105320',
    shows: [
      ...SOUND,
      ...webOf(...PODS),
      pod({ name: 'proxy', namespace: 'kube-system', nodeName: 'a', hostNetwork: true, addresses: ['192.0.2.1'], labels: {} }),
    ],
    finds: ['PodHostNetworkStale Info Pod/kube-system/proxy IPv6'],
  },
  {
    what: 'a node has only the IPv4 podCIDR',
    where: 'rancher/rke2#3664',
    shows: [...SOUND, ipv4Node('d'), ...webOf(...PODS, ipv4PodOn('d'), ipv4PodOn('d', 'also-on-d'))],
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodePodCIDRMissing Node/d',
      'NodePodCIDRMissing Critical Node/d IPv6',
    ],
  },
  {
    what: 'nodes that joined later have no podCIDR',
    where: 'siderolabs/talos#7270, k3s-io/k3s#7662',
    shows: [...SOUND, node({ name: 'd', createdAt: LONG_AGO }), ...webOf(...PODS)],
    finds: ['NodePodCIDRMissing Critical Node/d IPv4+IPv6'],
  },
  {
    what: 'a migration is blocked: older nodes lack the IPv6 podCIDR',
    where: 'k3s-io/k3s#5514, k0sproject/k0s#7186',
    shows: [
      serviceCIDR(),
      apiServer(),
      ...dualNodes('a'),
      ipv4Node('b'),
      ipv4Node('c'),
      ...webOf(podOn('a'), ipv4PodOn('b'), ipv4PodOn('c')),
    ],
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodePodCIDRMissing Cluster',
      'NodePodCIDRMissing Warning Cluster IPv6',
    ],
  },
  {
    what: 'the order of families flipped on a node',
    where: 'k0sproject/k0s#1443',
    shows: [...SOUND, node({ name: 'd', podCIDRs: podCIDRsOf('d').toReversed() }), ...webOf(...PODS)],
    finds: ['NodeFamilyOrder Warning Node/d IPv6'],
  },
  {
    what: 'dual podCIDRs, node addresses of one family',
    where: 'k3s-io/k3s#9946, k0sproject/k0s#5833',
    shows: [
      serviceCIDR(),
      apiServer(),
      ...['a', 'b'].map((name) => node({ name, podCIDRs: podCIDRsOf(name), addresses: IPV4_ONLY })),
      ...webOf(podOn('a', 'on-a', { hostIPs: IPV4_ONLY }), podOn('b', 'on-b', { hostIPs: IPV4_ONLY })),
    ],
    finds: ['NodeAddressMissing Warning Cluster IPv6'],
  },
  {
    what: 'the CNI plugin gives the pods of a node one family',
    where: 'projectcalico/calico#9312, cilium/cilium#15789',
    shows: [...SOUND, ...dualNodes('d'), ...webOf(...PODS, ipv4PodOn('d'), ipv4PodOn('d', 'also-on-d'))],
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodePodNetworkFamilyMissing Node/d',
      'NodePodNetworkFamilyMissing Critical Node/d IPv6',
    ],
  },
  {
    what: 'the CNI plugin gives the pods of most nodes one family',
    where: 'projectcalico/calico#9312, cilium/cilium#15789',
    shows: [...SOUND, ...webOf(podOn('a'), ipv4PodOn('b'), ipv4PodOn('b', 'also-on-b'), ipv4PodOn('c'), ipv4PodOn('c', 'also-on-c'))],
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because NodePodNetworkFamilyMissing Cluster',
      'NodePodNetworkFamilyMissing Critical Cluster IPv6',
    ],
  },
  {
    what: "a pod's families are in the wrong order",
    where: 'k/k#95251, #103263',
    shows: [...SOUND, ...webOf(...PODS, podOn('a', 'flipped', { addresses: addressesOn('a').toReversed() }))],
    finds: ['PodFamilyOrder Info Pod/shop/flipped IPv6'],
  },
  {
    what: 'system Services stay SingleStack',
    where: 'k3s-io/k3s#8393, rancher/rke2#4780',
    shows: [...SOUND, ...webOf(...PODS), service({ name: 'kube-dns', namespace: 'kube-system', selector: {} })],
    finds: ['ServiceSingleStack Info Service/kube-system/kube-dns IPv6'],
  },
  {
    what: 'PreferDualStack is stuck at one address',
    where: 'k/k#101681, #102898',
    shows: [...SOUND, ...webOf(...PODS), service({ name: 'stuck', policy: 'PreferDualStack', selector: {} })],
    finds: ['ServiceNotUpgraded Warning Service/shop/stuck IPv6'],
  },
  {
    what: 'a load balancer gives one family',
    where: 'kubernetes/cloud-provider-aws#243, kubernetes/cloud-provider-openstack#1897',
    shows: [
      ...SOUND,
      ...webOf(...PODS),
      dualService({ name: 'lb', type: 'LoadBalancer', policy: 'RequireDualStack', ingressFamilies: service().ipFamilies, selector: {} }),
    ],
    finds: ['LoadBalancerFamilyMissing Warning Service/shop/lb IPv6'],
  },
  {
    what: 'slices of a family are missing',
    where: 'k/k#94505, prometheus-operator/prometheus-operator#8681',
    shows: [...SOUND, ...webOf(...PODS).filter((facts) => !isSliceOf(facts, 'IPv6'))],
    finds: ['EndpointFamilyMissing Warning Service/shop/web IPv6'],
  },
  {
    what: 'a slice of a wrong family stays',
    where: 'k/k#94673',
    shows: [
      ...SOUND,
      ...PODS,
      service({ policy: 'SingleStack' }),
      slice({ readyTargets: PODS.map(({ uid }) => uid) }),
      slice({ name: 'stray', addressType: 'IPv6' }),
    ],
    finds: ['EndpointSliceStray Info Service/shop/web IPv6', 'ServiceSingleStack Info Service/shop/web IPv6'],
  },
  {
    what: 'a staged rollout: one pod is from before the migration',
    where: 'KEP-563',
    shows: [...SOUND, ...webOf(...PODS, ipv4PodOn('a', 'old'))],
    finds: [
      'EndpointsUnbalanced Warning Service/shop/web IPv6 because PodFamilyMissing Pod/shop/old',
      'PodFamilyMissing Warning Pod/shop/old IPv6',
    ],
  },
  {
    what: 'all pods happen to be on the node without the IPv6 podCIDR, so that the pod network looks single-stack',
    where: 'rancher/rke2#3664',
    shows: [...dualNodes('a', 'b'), ipv4Node('z'), serviceCIDR(), apiServer(), ipv4PodOn('z', 'one'), ipv4PodOn('z', 'two')],
    finds: ['ClusterStackInconsistent Warning Cluster IPv6 because NodePodCIDRMissing Node/z', 'NodePodCIDRMissing Warning Node/z IPv6'],
  },
  {
    what: 'Services are dual-stack on a pod network that is not',
    where: 'kubernetes/kubeadm#3191',
    shows: [serviceCIDR(), apiServer(), ...['a', 'b'].map((name) => ipv4Node(name)), ...webOf(ipv4PodOn('a'), ipv4PodOn('b'))],
    finds: [
      'ClusterStackInconsistent Warning Cluster IPv6',
      'EndpointFamilyMissing Warning Service/shop/web IPv6 because ClusterStackInconsistent Cluster',
    ],
  },
];

function isSliceOf(facts: Facts, family: string): facts is EndpointSliceFacts {
  return facts.kind === 'EndpointSlice' && facts.addressType === family;
}

describe('a failure seen in the field', () => {
  it('is none on a sound cluster', () => {
    expect(inShort(evaluate([...SOUND, ...webOf(...PODS)]))).to.deep.equal([]);
  });

  for (const { what, where, shows, finds } of FAILURES) {
    it(`is determined by its cause and effects, and nothing else: ${what} (${where})`, () => {
      expect(inShort(evaluate(shows))).to.deep.equal(finds);
    });
  }
});
