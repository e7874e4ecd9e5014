import { IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { loadBalancerFamilyMissing } from '../../../src/core/checks/load-balancer-family-missing.ts';
import type { NodeFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { dualService, MINUTE, node, NOW, podCIDRsOf, service, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const READ_EVENTS = "None: Read the Service's annotations and Events: the implementation may say there why it gives no such address.";

const CONFIGURE =
  'ChangesAddress: Configure the implementation for IPv6: an annotation of the Service, an address pool of the family, or dual-stack subnets. Some implementations make a new load balancer then.';
const EXPOSES = 'The Service, to clients of IPv6: source ranges of the other family do not restrict these.';

/** A load balancer that requires both families and has an IPv4 address. */
function balancer(parts: ServiceSketch = {}): ServiceFacts {
  return dualService({ type: 'LoadBalancer', policy: 'RequireDualStack', ingressFamilies: IPV4, ...parts });
}

const ipv4Nodes = ['a', 'b'].map((name) => node({ name, addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf(name) }));
/** The same nodes, whose machines have just started again. */
const startedAgo = (time: number): NodeFacts[] => ipv4Nodes.map((one) => ({ ...one, readyChangedAt: NOW - time }));

/** It has the addresses of nodes. */
function ofNodes(parts: ServiceSketch = {}): ServiceFacts {
  return balancer({ ingressAddresses: ['192.0.2.1'], ...parts });
}

const FOUND = ['Warning Service/shop/web IPv6'];
describeCheck(
  loadBalancerFamilyMissing,
  [
    { name: 'fires where the load balancer has one family (#load-balancer-addresses)', given: [balancer()], finds: FOUND },
    {
      name: 'fires where it has the other',
      given: [balancer({ ingressFamilies: IPV6 })],
      finds: ['Warning Service/shop/web IPv4'],
    },
    { name: 'leaves one without any address to LoadBalancerPending', given: [balancer({ ingressFamilies: NO_FAMILY })], finds: [] },
    { name: 'says nothing of one with an address that cannot be read', given: [balancer({ unreadable: true })], finds: [] },
    {
      name: 'is only Info on PreferDualStack, which providers may take at its word',
      given: [balancer({ policy: 'PreferDualStack' })],
      finds: ['Info Service/shop/web IPv6'],
    },
    { name: 'says nothing where it has both', given: [balancer({ ingressFamilies: DUAL_IPV4_FIRST })], finds: [] },
    { name: 'asks no order', given: [balancer({ ingressFamilies: DUAL_IPV6_FIRST })], finds: [] },
    {
      name: 'says nothing of a hostname, behind which any address may be',
      given: [balancer({ ingressFamilies: NO_FAMILY, ingressHostname: true })],
      finds: [],
    },
    { name: 'says nothing of a hostname beside an address', given: [balancer({ ingressHostname: true })], finds: [] },
    {
      name: 'says nothing of a Service of one family, with an address or without',
      given: [
        service({ type: 'LoadBalancer', ingressFamilies: IPV4 }),
        service({ name: 'odd', type: 'LoadBalancer', ingressFamilies: IPV6 }),
        service({ name: 'none', type: 'LoadBalancer' }),
      ],
      finds: [],
    },
    {
      name: 'says nothing of Services of other types, which may keep old addresses',
      given: [
        balancer({ type: 'ClusterIP' }),
        balancer({ name: 'port', type: 'NodePort' }),
        balancer({ name: 'name', type: 'ExternalName' }),
      ],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [balancer({ deleting: true })], finds: [] },
    { name: 'needs no selector', given: [balancer({ selector: {} })], finds: FOUND },
    { name: 'gives one that was just changed five minutes', given: [{ ...balancer(), changedAt: NOW - 5 * MINUTE + 1 }], finds: [] },
    { name: 'gives a new one five minutes', given: [balancer({ createdAt: NOW - 5 * MINUTE + 1 })], finds: [] },
    { name: 'gives it no more', given: [balancer({ createdAt: NOW - 5 * MINUTE })], finds: FOUND },
    { name: 'gives twice as much where grace is doubled', given: [balancer({ createdAt: NOW - 9 * MINUTE })], graceScale: 2, finds: [] },
    { name: 'does not wait where grace is switched off', given: [balancer({ createdAt: NOW })], graceScale: 0, finds: FOUND },
    { name: 'says nothing of a family that is not expected', given: [balancer()], expected: ['IPv4'], finds: [] },
    {
      name: 'fires on the one family that is expected',
      given: [balancer()],
      expected: ['IPv6'],
      finds: FOUND,
    },
    {
      name: 'needs no more than the Services',
      given: [balancer()],
      refused: ['ServiceCIDR', 'EndpointSlice', 'Pod', 'Node'],
      finds: FOUND,
    },
    {
      name: 'is an effect of nodes whose addresses the load balancer publishes, as of ServiceLB of k3s',
      given: [...ipv4Nodes, ofNodes()],
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Cluster'],
    },
    {
      name: 'is no effect of nodes whose addresses it does not publish',
      given: [...ipv4Nodes, ofNodes({ ingressAddresses: ['198.51.100.7'] })],
      finds: FOUND,
    },
    {
      name: 'is no effect of nodes where an implementation with address pools gives it theirs',
      given: [...ipv4Nodes, ofNodes({ nodeLoadBalancer: 'MetalLB' })],
      finds: FOUND,
    },
    {
      name: 'is no effect of nodes where some node has the family',
      given: [...ipv4Nodes, node({ name: 'c', podCIDRs: podCIDRsOf('c') }), ofNodes()],
      finds: FOUND,
    },
    {
      name: 'waits for nodes whose addresses it publishes, which have just started',
      given: [...startedAgo(5 * MINUTE - 1), ofNodes()],
      finds: [],
    },
    {
      name: 'waits for such a node as long as it does where others have the family',
      given: [...startedAgo(0), node({ name: 'c', podCIDRs: podCIDRsOf('c') }), ofNodes()],
      finds: [],
    },
    {
      name: 'waits for them no longer than nodes have',
      given: [...startedAgo(5 * MINUTE), ofNodes({ nodeLoadBalancer: 'ServiceLB' })],
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Cluster'],
    },
    {
      name: 'does not wait for nodes whose addresses it does not publish',
      given: [...startedAgo(0), ofNodes({ nodeLoadBalancer: 'MetalLB' })],
      finds: FOUND,
    },
    {
      name: 'does not wait for virtual nodes',
      given: [...ipv4Nodes, node({ name: 'v', virtual: true, createdAt: NOW }), ofNodes()],
      finds: ['Warning Service/shop/web IPv6 because NodeAddressMissing Cluster'],
    },
    { name: 'waits for the Services to be listed', given: [balancer()], pending: ['Service'], finds: [] },
    { name: 'says nothing without the Services', given: [balancer()], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'a load balancer that publishes addresses of nodes',
      given: [...ipv4Nodes, ofNodes()],
      message: 'The load balancer of Service shop/web has no IPv6 address: it has addresses of nodes, which are IPv4 only',
      summary: 'Give the nodes IPv6 addresses: the load balancer publishes those of nodes.',
      steps: [READ_EVENTS],
      commands: ['kubectl describe service web --namespace shop'],
    },
    {
      of: 'a load balancer that asks for an address of the other family alone (#requested-addresses)',
      given: [balancer({ requestedAddresses: ['192.0.2.5'], requestPlace: 'lbipam.cilium.io/ips', nodeLoadBalancer: 'Cilium' })],
      message:
        'The load balancer of Service shop/web has no IPv6 address: it has IPv4 only, and asks for 192.0.2.5 in lbipam.cilium.io/ips',
      summary: 'Ask for an IPv6 address too: the load balancer gives the addresses that the Service asks for, and no others.',
      steps: [
        'None: Add an IPv6 address to annotation lbipam.cilium.io/ips, where the Service is defined. It has to be in an address pool of the implementation. The present address stays.',
      ],
      exposes: [EXPOSES],
    },
    {
      of: 'a load balancer of a cloud that asks for an address, to which the cloud may add others',
      given: [balancer({ requestedAddresses: ['192.0.2.5'], requestPlace: 'spec.loadBalancerIP' })],
      message: 'The load balancer of Service shop/web has no IPv6 address: it has IPv4 only',
      summary: "Make the load balancer's implementation give it an IPv6 address.",
      steps: [READ_EVENTS, CONFIGURE],
      commands: ['kubectl describe service web --namespace shop'],
      exposes: [EXPOSES],
    },
    {
      of: 'a load balancer of ServiceLB, whose nodes have the family in addresses that it does not publish',
      given: [...ipv4Nodes, node({ name: 'c', podCIDRs: podCIDRsOf('c'), platformHint: 'k3s: the version v1.34.1+k3s1' }), ofNodes()],
      message: 'The load balancer of Service shop/web has no IPv6 address: it has IPv4 only',
      summary: 'Give the nodes IPv6 addresses that ServiceLB publishes.',
      steps: [
        'None: See which addresses the nodes have. ServiceLB publishes ExternalIPs alone as soon as one node of the Service has any.',
        'ChangesAddress: Where nodes have ExternalIPs, set node-external-ip in /etc/rancher/k3s/config.yaml of each of them to an address of each family, or remove it, so that the InternalIPs count. Otherwise, give node-ip there an address of each family. Restart the service of k3s on the node. Pods keep running; clients of an address that goes lose it.',
      ],
      commands: [
        "kubectl get nodes -o custom-columns='NAME:.metadata.name,TYPES:.status.addresses[*].type,ADDRESSES:.status.addresses[*].address'",
      ],
      exposes: [EXPOSES],
    },
    {
      of: 'a load balancer of one family',
      given: [balancer()],
      message: 'The load balancer of Service shop/web has no IPv6 address: it has IPv4 only',
      summary: "Make the load balancer's implementation give it an IPv6 address.",
      steps: [READ_EVENTS, CONFIGURE],
      commands: ['kubectl describe service web --namespace shop'],
      exposes: [EXPOSES],
    },
  ],
);
