import { serviceNotUpgraded } from '../../../src/core/checks/service-not-upgraded.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { dualService, node, pod, service, serviceCIDR, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

function prefers(parts: ServiceSketch = {}): ServiceFacts {
  return service({ policy: 'PreferDualStack', ...parts });
}

const FOUND = ['Warning Service/shop/web IPv6'];

describeCheck(
  serviceNotUpgraded,
  [
    {
      name: 'fires on PreferDualStack with one family where Services can be dual (#prefer-dual-stack-is-not-upgraded)',
      given: [serviceCIDR(), prefers()],
      finds: FOUND,
    },
    {
      name: 'fires on one that has IPv6 only',
      given: [serviceCIDR(), prefers({ clusterIPs: ['fd00:10:96::10'] })],
      finds: ['Warning Service/shop/web IPv4'],
    },
    {
      name: 'fires on a headless Service with a selector',
      given: [serviceCIDR(), prefers({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'] })],
      finds: FOUND,
    },
    {
      name: 'fires where another Service proves that Services can be dual',
      given: [dualService({ name: 'proof' }), prefers()],
      finds: FOUND,
    },
    {
      name: 'is Info where an address of the family that nobody serves says the same',
      given: [serviceCIDR(), node(), prefers({ externalIPs: ['2001:db8::1'] })],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'fires where a load balancer may serve such an address',
      given: [serviceCIDR(), node(), prefers({ type: 'LoadBalancer', ingressAddresses: ['2001:db8:5::7'] })],
      finds: FOUND,
    },
    { name: 'says nothing where it has both', given: [serviceCIDR(), dualService()], finds: [] },
    {
      name: 'says nothing of a Service that names no family (fact 5)',
      given: [serviceCIDR(), prefers({ ipFamilies: [], clusterIPs: [] })],
      finds: [],
    },
    { name: 'says nothing on a cluster of one family', given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), prefers()], finds: [] },
    { name: 'says nothing where it cannot be determined what Services can have (fact 5)', given: [prefers()], finds: [] },
    {
      name: 'leaves the other policies to other checks',
      given: [serviceCIDR(), service(), service({ name: 'must', policy: 'RequireDualStack' })],
      finds: [],
    },
    {
      name: 'says nothing of a headless Service without a selector (#default-family-policy)',
      given: [serviceCIDR(), prefers({ headless: true, clusterIPs: [], ipFamilies: ['IPv4'], selector: {} })],
      finds: [],
    },
    {
      name: 'says nothing of an ExternalName Service (#external-name)',
      given: [serviceCIDR(), prefers({ type: 'ExternalName', clusterIPs: [] })],
      finds: [],
    },
    {
      name: 'says nothing of default/kubernetes (#api-server-service)',
      given: [serviceCIDR(), prefers({ namespace: 'default', name: 'kubernetes' })],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [serviceCIDR(), prefers({ deleting: true })], finds: [] },
    { name: 'says nothing of a family that is not expected', given: [serviceCIDR(), prefers()], expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: [serviceCIDR(), prefers()], expected: ['IPv6'], finds: FOUND },
    { name: 'fires where both are expected', given: [serviceCIDR(), prefers()], expected: ['IPv6', 'IPv4'], finds: FOUND },
    { name: 'waits for the ServiceCIDRs to be listed', given: [serviceCIDR(), prefers()], pending: ['ServiceCIDR'], finds: [] },
    { name: 'does without ServiceCIDRs', given: [dualService({ name: 'proof' }), prefers()], refused: ['ServiceCIDR'], finds: FOUND },
    { name: 'says nothing without the Services', given: [serviceCIDR(), prefers()], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'a Service of IPv4',
      given: [serviceCIDR(), prefers()],
      message: 'Service shop/web prefers dual-stack but has only IPv4: it was never upgraded',
      summary: 'Name both families in ipFamilies; the present clusterIP stays.',
      steps: ['None: Add IPv6 to ipFamilies: the Service gets an address of it beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilies":["IPv4","IPv6"]}}'`],
    },
    {
      of: 'a Service of IPv6, whose family stays the first',
      given: [serviceCIDR(), prefers({ clusterIPs: ['fd00:10:96::10'] })],
      message: 'Service shop/web prefers dual-stack but has only IPv6: it was never upgraded',
      summary: 'Name both families in ipFamilies; the present clusterIP stays.',
      steps: ['None: Add IPv4 to ipFamilies: the Service gets an address of it beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilies":["IPv6","IPv4"]}}'`],
    },
    {
      of: 'a Service none of whose ready pods has the family',
      given: [serviceCIDR(), prefers(), node(), pod({ addresses: ['10.244.0.5'] })],
      message: 'Service shop/web prefers dual-stack but has only IPv4: it was never upgraded',
      summary: 'Name both families in ipFamilies, once it has IPv6 endpoints; the present clusterIP stays.',
      steps: [
        'None: First give its pods IPv6 addresses: none has one. Add IPv6 to ipFamilies: the Service gets an address of it beside the present one.',
      ],
    },
  ],
);
