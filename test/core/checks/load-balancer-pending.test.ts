import { loadBalancerPending } from '../../../src/core/checks/load-balancer-pending.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { IPV4 } from '../../../src/core/net/addresses.ts';
import { dualService, MINUTE, node, NOW, podCIDRsOf, service, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

/** A load balancer of IPv6 only without any address. */
function pending(parts: ServiceSketch = {}): ServiceFacts {
  return service({ type: 'LoadBalancer', clusterIPs: ['fd00:10:96::10'], ...parts });
}

/** A load balancer of both families that asks for these addresses, and has none. */
function oneOfTwo(nodeLoadBalancer: string, requestedAddresses: readonly string[] = ['192.0.2.5']): ServiceFacts {
  return dualService({ type: 'LoadBalancer', nodeLoadBalancer, requestedAddresses });
}

const ipv4Only = [node({ addresses: ['192.0.2.1'] }), node({ name: 'b', addresses: ['192.0.2.2'] })];
/** Nodes that should have IPv6, as their podCIDRs show, and do not. */
const ipv4AddressesOnly = ['a', 'b'].map((name) => node({ name, addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf(name) }));
const EVENTS =
  "Look at the Service's events: no controller for it, an exhausted quota, a port in use and an empty address pool of a family all look like this.";

describeCheck(
  loadBalancerPending,
  [
    { name: 'is Info where nothing explains it', given: [node(), pending()], finds: ['Info Service/shop/web IPv6'] },
    {
      name: 'waits as long as its parameter says',
      given: [node(), pending({ createdAt: NOW - 10 * MINUTE + 1 })],
      parameters: { graceSeconds: 600 },
      finds: [],
    },
    {
      name: 'waits no longer than its parameter says, times the scale of all grace',
      given: [node(), pending({ createdAt: NOW - 20 * MINUTE })],
      parameters: { graceSeconds: 600 },
      graceScale: 2,
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'does not wait where its parameter says so',
      given: [node(), pending({ createdAt: NOW })],
      parameters: { graceSeconds: 0 },
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'is Info on a Service of both families',
      given: [node(), dualService({ type: 'LoadBalancer', policy: 'RequireDualStack' })],
      finds: ['Info Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'is a warning where no node has an address of its family',
      given: [...ipv4Only, pending()],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'is then an effect of what nodes lack (MoJo2600/pihole-kubernetes#334)',
      given: [...ipv4AddressesOnly, pending()],
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Cluster'],
    },
    {
      name: 'is an effect of the one node there is',
      given: [...ipv4AddressesOnly.slice(0, 1), pending()],
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Node/a'],
    },
    {
      name: 'waits for a node that has grace yet, which may get an address of its family',
      given: [node({ addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf('a'), createdAt: NOW }), pending()],
      finds: [],
    },
    {
      name: 'waits for a node that has started again no longer than the node has',
      given: [...ipv4Only, node({ name: 'c', addresses: ['192.0.2.3'], readyChangedAt: NOW - 5 * MINUTE }), pending()],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'waits for no node where its own request explains it',
      given: [node({ createdAt: NOW }), service({ type: 'LoadBalancer', requestedAddresses: ['2001:db8::5'] })],
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'is Info where some node has the family',
      given: [...ipv4Only, node({ name: 'c' }), pending()],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'is Info where the nodes have one of its two families',
      given: [...ipv4Only, dualService({ type: 'LoadBalancer' })],
      finds: ['Info Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'is a warning where it asks for an address of a family that it lacks',
      given: [node(), service({ type: 'LoadBalancer', requestedAddresses: ['2001:db8::5'] })],
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'is Info where it asks for one that it has',
      given: [node(), service({ type: 'LoadBalancer', requestedAddresses: ['192.0.2.5'] })],
      finds: ['Info Service/shop/web IPv4'],
    },
    {
      name: 'is a warning where it has both and asks MetalLB for one (MoJo2600/pihole-kubernetes#228)',
      given: [node(), oneOfTwo('MetalLB')],
      finds: ['Warning Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'is Info where it asks MetalLB for both',
      given: [node(), oneOfTwo('MetalLB', ['192.0.2.5', '2001:db8::5'])],
      finds: ['Info Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'is Info where it asks MetalLB for none',
      given: [node(), oneOfTwo('MetalLB', [])],
      finds: ['Info Service/shop/web IPv4+IPv6'],
    },
    { name: 'is Info where no node lists any address', given: [node({ addresses: [] }), pending()], finds: ['Info Service/shop/web IPv6'] },
    {
      name: 'is Info where it asks for one of an implementation that gives one then',
      given: [node(), oneOfTwo('kube-vip')],
      finds: ['Info Service/shop/web IPv4+IPv6'],
    },
    { name: 'says nothing of one with an address', given: [node(), pending({ ingressFamilies: IPV4 })], finds: [] },
    { name: 'says nothing of one with a hostname (AWS)', given: [node(), pending({ ingressHostname: true })], finds: [] },
    { name: 'says nothing of one whose address cannot be read', given: [node(), pending({ unreadable: true })], finds: [] },
    { name: 'says nothing of other types (an Istio gateway as NodePort)', given: [...ipv4Only, pending({ type: 'NodePort' })], finds: [] },
    { name: 'says nothing of one that is being deleted', given: [...ipv4Only, pending({ deleting: true })], finds: [] },
    { name: 'gives it five minutes', given: [node(), pending({ createdAt: NOW - 5 * MINUTE + 1 })], finds: [] },
    { name: 'counts whatever is expected', given: [node(), pending()], expected: ['IPv4'], finds: ['Info Service/shop/web IPv6'] },
    { name: 'says nothing without the nodes', given: [pending()], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a load balancer of a family that no node has',
      given: [...ipv4Only, pending()],
      message: 'The load balancer of Service shop/web has no address at all: it is IPv6 only, and no node has an IPv6 address',
      summary: 'Give the nodes IPv6 addresses, or have the Service use a family that they have.',
      steps: ['None: See what the Events of the Service say.'],
      commands: ['kubectl describe service web --namespace shop'],
    },
    {
      of: 'a load balancer that asks for another family',
      given: [node(), service({ type: 'LoadBalancer', requestedAddresses: ['2001:db8::5'] })],
      message: 'The load balancer of Service shop/web has no address at all: it asks for an IPv6 address (2001:db8::5) and is IPv4 only',
      summary: 'Ask for an address of IPv4, or give the Service IPv6 too.',
      steps: ['None: See what the Events of the Service say.'],
      commands: ['kubectl describe service web --namespace shop'],
    },
    {
      of: 'a load balancer of both families that asks MetalLB for one',
      given: [node(), oneOfTwo('MetalLB')],
      message: 'The load balancer of Service shop/web has no address at all: it is IPv4 and IPv6, and asks MetalLB for 192.0.2.5 alone',
      summary:
        'Ask for an address of each family in the annotation metallb.io/loadBalancerIPs, and for none in spec.loadBalancerIP; or leave the Service the one family.',
      steps: ['None: See what the Events of the Service say.'],
      commands: ['kubectl describe service web --namespace shop'],
    },
    {
      of: 'a load balancer that nothing explains',
      given: [node(), pending()],
      message: 'The load balancer of Service shop/web has no address at all',
      summary: EVENTS,
      steps: ['None: See what the Events of the Service say.'],
      commands: ['kubectl describe service web --namespace shop'],
    },
  ],
);
