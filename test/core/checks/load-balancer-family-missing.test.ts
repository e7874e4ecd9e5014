import { IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, NO_FAMILY } from '../../../src/core/addresses.ts';
import { loadBalancerFamilyMissing } from '../../../src/core/checks/load-balancer-family-missing.ts';
import type { ServiceFacts } from '../../../src/core/facts.ts';
import { dualService, MINUTE, NOW, service, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

/** A load balancer that requires both families and has an IPv4 address. */
function balancer(told: ServiceSketch = {}): ServiceFacts {
  return dualService({ type: 'LoadBalancer', policy: 'RequireDualStack', ingressFamilies: IPV4, ...told });
}

const FOUND = ['Warning Service/shop/web IPv6'];
const REMEDIATION =
  "Look up how the provider is told to give both families (an annotation, an address pool of the family), and at the Service's events.";

describeCheck(
  loadBalancerFamilyMissing,
  [
    { name: 'fires where the load balancer has one family (S9)', given: [balancer()], finds: FOUND },
    {
      name: 'fires where it has the other',
      given: [balancer({ ingressFamilies: IPV6 })],
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'fires where it has none after the grace (metallb/metallb#2482)',
      given: [balancer({ ingressFamilies: NO_FAMILY })],
      finds: ['Warning Service/shop/web IPv4+IPv6'],
    },
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
      given: [balancer({ ingressFamilies: NO_FAMILY })],
      expected: ['IPv6'],
      finds: FOUND,
    },
    {
      name: 'needs no more than the Services',
      given: [balancer()],
      refused: ['ServiceCIDR', 'EndpointSlice', 'Pod', 'Node'],
      finds: FOUND,
    },
    { name: 'waits for the Services to be listed', given: [balancer()], pending: ['Service'], finds: [] },
    { name: 'says nothing without the Services', given: [balancer()], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'a load balancer of one family',
      given: [balancer()],
      message: 'The load balancer of Service shop/web has no IPv6 address: it has IPv4 only',
      remediation: REMEDIATION,
      command: 'kubectl describe service web --namespace shop',
    },
    {
      of: 'a load balancer without an address',
      given: [balancer({ ingressFamilies: NO_FAMILY })],
      message: 'The load balancer of Service shop/web has no IPv4 or IPv6 address: it has no address at all',
      remediation: REMEDIATION,
      command: 'kubectl describe service web --namespace shop',
    },
  ],
);
