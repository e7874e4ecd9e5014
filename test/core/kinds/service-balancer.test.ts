import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { service, type ServiceFacts } from '../../../src/core/kinds/service.ts';

const V4 = '198.51.100.7';
const V6 = '2001:db8:5::7';

/** A load balancer with an address of each family, as its implementation writes it. */
function balancer(
  annotations: Readonly<Record<string, string>>,
  ingress: readonly object[] = [{ ip: V4 }, { ip: V6 }],
): ServiceFacts | undefined {
  const metadata = { name: 'web', namespace: 'shop', annotations };
  return service.facts({ metadata, spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress } } }, new Interner());
}

describe('the addresses of a load balancer that nodes may answer for', () => {
  const rows: readonly (readonly [what: string, facts: ServiceFacts | undefined, addresses: readonly string[]])[] = [
    ['are all of them where nothing says otherwise', balancer({}), [V4, V6]],
    ['are those with the default ipMode, which proves nothing', balancer({}, [{ ip: V6, ipMode: 'VIP' }]), [V6]],
    ['are not those of a proxy', balancer({}, [{ ip: V4 }, { ip: V6, ipMode: 'Proxy' }]), [V4]],
    ['are none of Hetzner Cloud (hcloud-cloud-controller-manager#137)', balancer({ 'load-balancer.hetzner.cloud/id': '7' }), []],
    ['are none of Scaleway', balancer({ 'service.beta.kubernetes.io/scw-loadbalancer-id': 'fr-par-1/7' }), []],
    [
      'are none of a NodeBalancer with IPv6 ingress (linode-cloud-controller-manager#339)',
      balancer({ 'service.beta.kubernetes.io/linode-loadbalancer-enable-ipv6-ingress': 'true' }),
      [],
    ],
    ['are those of MetalLB', balancer({ 'metallb.io/ip-allocated-from-pool': 'default' }), [V4, V6]],
  ];
  for (const [what, facts, addresses] of rows) {
    it(what, () => {
      expect(facts?.ingressAddresses).to.deep.equal(addresses);
    });
  }
});

describe('the source ranges of a load balancer', () => {
  const GENERIC = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  const AZURE = 'service.beta.kubernetes.io/azure-allowed-ip-ranges';
  const TAGS = 'service.beta.kubernetes.io/azure-allowed-service-tags';
  const INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal';
  const DENY = 'service.beta.kubernetes.io/azure-deny-all-except-load-balancer-source-ranges';
  const [R4, R6] = ['203.0.113.0/24', '2001:db8::/32'];
  const rows: readonly (readonly [what: string, annotations: Readonly<Record<string, string>>, ranges: readonly string[], from: string])[] =
    [
      ['are none without any', {}, [], ''],
      ['are those of the annotation', { [GENERIC]: `${R4}, ${R6}` }, [R4, R6], GENERIC],
      ['are those of the annotation of Azure', { [AZURE]: R4 }, [R4], AZURE],
      ['are those of both annotations, which Azure adds up', { [GENERIC]: R4, [AZURE]: R6 }, [R4, R6], GENERIC],
      ['are not all that Azure lets in where there are service tags', { [AZURE]: R4, [TAGS]: 'AzureFrontDoor.Backend' }, [], ''],
      ['are not all that an internal load balancer of Azure lets in', { [AZURE]: R4, [INTERNAL]: 'true' }, [], ''],
      ['are all that it lets in where it denies the rest', { [AZURE]: R4, [INTERNAL]: 'true', [DENY]: 'True' }, [R4], AZURE],
    ];
  for (const [what, annotations, ranges, from] of rows) {
    it(what, () => {
      const facts = balancer(annotations);
      expect([facts?.sourceRanges, facts?.rangesAnnotation]).to.deep.equal([ranges, from]);
    });
  }

  it('are those of the spec where it has some, as cloud providers read them', () => {
    const metadata = { name: 'web', namespace: 'shop', annotations: { [GENERIC]: R6 } };
    const facts = service.facts({ metadata, spec: { type: 'LoadBalancer', loadBalancerSourceRanges: [R4] } }, new Interner());
    expect([facts?.sourceRanges, facts?.rangesAnnotation]).to.deep.equal([[R4], '']);
  });
});

describe('the addresses that a load balancer is requested to have', () => {
  const METALLB = 'metallb.universe.tf/loadBalancerIPs';
  const CALICO = 'projectcalico.org/loadBalancerIPs';
  const rows: readonly (readonly [what: string, annotations: object, spec: object, addresses: readonly string[], place: string])[] = [
    ['are none without a request', {}, {}, [], ''],
    ['are those of the annotation', { [METALLB]: `${V4}, ${V6}` }, {}, [V4, V6], METALLB],
    ['are that of the spec', {}, { loadBalancerIP: V4 }, [V4], 'spec.loadBalancerIP'],
    ['are added to in the annotation where both are there', { [METALLB]: V6 }, { loadBalancerIP: V4 }, [V4, V6], METALLB],
    ['are those of the list that Calico takes', { [CALICO]: `["${V4}","${V6}"]` }, {}, [V4, V6], CALICO],
    ['are none where kube-vip asks by DHCP', { 'kube-vip.io/loadbalancerIPs': '0.0.0.0' }, {}, [], ''],
  ];
  for (const [what, annotations, spec, addresses, place] of rows) {
    it(what, () => {
      const metadata = { name: 'web', namespace: 'shop', annotations };
      const facts = service.facts({ metadata, spec: { type: 'LoadBalancer', ...spec } }, new Interner());
      expect([facts?.requestedAddresses, facts?.requestPlace]).to.deep.equal([addresses, place]);
    });
  }
});
