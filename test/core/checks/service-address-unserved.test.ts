import { IPV4, DUAL_IPV4_FIRST } from '../../../src/core/net/addresses.ts';
import { serviceAddressUnserved } from '../../../src/core/checks/service-address-unserved.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { dualService, MINUTE, node, NOW, service, serviceCIDR, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

/** An IPv4 load balancer with an address of each family. */
function balancer(parts: ServiceSketch = {}): ServiceFacts {
  return service({
    type: 'LoadBalancer',
    ingressFamilies: DUAL_IPV4_FIRST,
    ingressAddresses: ['198.51.100.7', '2001:db8:5::7'],
    ...parts,
  });
}

const ofNode = { ingressAddresses: ['192.0.2.1', '2001:db8::1'] };
const TAKE =
  'Take the IPv6 addresses from the load balancer or the externalIPs, or give the Service IPv6 if Services of this cluster can have it.';
const CLOSED = 'None: Give the Service IPv6.';
const OPENS = 'The load balancer over IPv6.';

describeCheck(
  serviceAddressUnserved,
  [
    {
      name: 'fires on an address of a node (k3s-io/k3s#6978)',
      given: [node(), balancer(ofNode)],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'fires on what MetalLB gave (metallb/metallb#2724)',
      given: [node(), balancer({ nodeLoadBalancer: 'MetalLB' })],
      finds: ['Warning Service/shop/web IPv6'],
    },
    { name: 'is Info on what a cloud may translate', given: [node(), balancer()], finds: ['Info Service/shop/web IPv6'] },
    {
      name: 'is Info on an external IP',
      given: [node(), service({ externalIPs: ['198.51.100.22', '2001:db8:17::22'] })],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'fires on an external IP of a node',
      given: [node(), service({ externalIPs: ['2001:db8::1'] })],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'is Info on an external IP beside what MetalLB gave',
      given: [node(), balancer({ nodeLoadBalancer: 'MetalLB', ingressAddresses: ['198.51.100.7'], externalIPs: ['2001:db8:17::22'] })],
      finds: ['Info Service/shop/web IPv6'],
    },
    { name: 'says nothing of addresses of its families', given: [node(), dualService({ type: 'LoadBalancer', ...ofNode })], finds: [] },
    { name: 'says nothing of fewer addresses than families', given: [node(), dualService({ externalIPs: ['198.51.100.23'] })], finds: [] },
    {
      name: 'says nothing of entries with ipMode Proxy, which are not among the addresses',
      given: [node(), balancer({ ingressAddresses: [] })],
      finds: [],
    },
    {
      name: 'says nothing of an address that a Service of another type still has',
      given: [node(), balancer({ type: 'ClusterIP' })],
      finds: [],
    },
    { name: 'says nothing of an ExternalName Service', given: [node(), balancer({ type: 'ExternalName' })], finds: [] },
    { name: 'says nothing of a Service that is being deleted', given: [node(), balancer({ deleting: true })], finds: [] },
    { name: 'says nothing of what cannot be read', given: [node(), balancer({ ingressAddresses: ['***HIDDEN***'] })], finds: [] },
    {
      name: 'gives a Service that was just changed five minutes',
      given: [node(), balancer({ changedAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits for nodes that have just started where it has addresses of nodes',
      given: [node({ readyChangedAt: NOW - 5 * MINUTE + 1 }), balancer(ofNode)],
      finds: [],
    },
    {
      name: 'waits for them no longer than nodes have',
      given: [node({ readyChangedAt: NOW - 5 * MINUTE }), balancer(ofNode)],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'does not wait for nodes where the spec has the address of one',
      given: [node({ readyChangedAt: NOW }), service({ externalIPs: ['2001:db8::1'] })],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'does not wait for nodes where it has other addresses',
      given: [node({ readyChangedAt: NOW }), balancer({ nodeLoadBalancer: 'MetalLB' })],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'counts whatever families are expected',
      given: [node(), balancer(ofNode)],
      expected: ['IPv4'],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'is an effect of what several Services that prefer dual-stack have in common',
      given: [
        node(),
        serviceCIDR(),
        balancer({ ...ofNode, policy: 'PreferDualStack' }),
        service({ name: 'other', policy: 'PreferDualStack' }),
      ],
      finds: ['Warning Service/shop/web IPv6 because ServicesPredateDualStack Cluster'],
    },
    { name: 'is Info where the nodes cannot be seen', given: [balancer(ofNode)], refused: ['Node'], finds: ['Info Service/shop/web IPv6'] },
  ],
  [
    {
      of: 'an address of a node',
      given: [node(), balancer(ofNode)],
      message: 'Service shop/web is IPv4 only, so nobody serves its IPv6 address 2001:db8::1, which is an address of a node',
      summary: TAKE,
      steps: [CLOSED],
      exposes: [OPENS],
    },
    {
      of: 'an address that Services cannot serve',
      given: [node(), serviceCIDR({ cidrs: ['10.96.0.0/16'] }), balancer({ nodeLoadBalancer: 'MetalLB', ingressFamilies: IPV4 })],
      message: 'Service shop/web is IPv4 only, so nobody serves its IPv6 address 2001:db8:5::7, which MetalLB gave it',
      summary:
        'Take the IPv6 addresses from it, or give the API server a --service-cluster-ip-range of both families: Services of this cluster cannot have IPv6.',
      steps: ['None: See where the addresses come from: externalIPs in the spec, or the status that a load balancer writes.'],
      commands: ['kubectl get service web --namespace shop --output yaml'],
    },
    {
      of: 'a load balancer that may translate',
      given: [node(), balancer()],
      message:
        'Service shop/web is IPv4 only: its load balancer answers at the IPv6 address 2001:db8:5::7 only if it translates between families',
      summary: `Nothing, if the load balancer translates between families, as a proxy does. Otherwise: ${TAKE}`,
      steps: [CLOSED],
      exposes: [OPENS],
    },
    {
      of: 'an external IP beside what MetalLB gave',
      given: [node(), balancer({ nodeLoadBalancer: 'MetalLB', externalIPs: ['2001:db8:17::22'] })],
      message:
        'Service shop/web is IPv4 only, so nobody serves its IPv6 addresses 2001:db8:5::7, 2001:db8:17::22 (1 of them from externalIPs)',
      summary: TAKE,
      steps: [CLOSED],
      exposes: ['The load balancer over IPv6, and its IPv6 externalIPs.'],
    },
    {
      of: 'an external IP beside the address of a load balancer that may translate',
      given: [node(), balancer({ externalIPs: ['2001:db8:17::22'] })],
      message: 'Service shop/web is IPv4 only, so nobody serves its IPv6 address 2001:db8:17::22, one of its externalIPs',
      summary: TAKE,
      steps: [CLOSED],
      exposes: ['The load balancer over IPv6, and its IPv6 externalIPs.'],
    },
    {
      of: 'external IPs',
      given: [node(), service({ externalIPs: ['2001:db8:17::1', '2001:db8:17::2', '2001:db8:17::3'], owner: 'Helm', ownerName: 'web' })],
      message: 'Service shop/web is IPv4 only, so nobody serves its IPv6 addresses 2001:db8:17::1, 2001:db8:17::2 and 1 more (externalIPs)',
      summary: TAKE,
      steps: ['None: Give the Service IPv6. Make this change in the values of Helm release web: it reverts a patch of the Service.'],
      exposes: ['The Service, at its IPv6 externalIPs.'],
    },
  ],
);
