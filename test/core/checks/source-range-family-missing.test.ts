import { DUAL_IPV4_FIRST, IPV4, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { sourceRangeFamilyMissing } from '../../../src/core/checks/source-range-family-missing.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { dualService, service, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

/** A load balancer with addresses of both families. */
function balancer(sourceRanges: readonly string[], parts: ServiceSketch = {}): ServiceFacts {
  return dualService({ type: 'LoadBalancer', ingressFamilies: DUAL_IPV4_FIRST, sourceRanges, ...parts });
}

const single = (sourceRanges: readonly string[], parts: ServiceSketch = {}): ServiceFacts =>
  service({ type: 'LoadBalancer', ingressFamilies: IPV4, sourceRanges, ...parts });

const COMMAND = "kubectl get service web --namespace shop --output jsonpath='{.spec.loadBalancerSourceRanges}'";

const ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const AZURE = 'service.beta.kubernetes.io/azure-allowed-ip-ranges';
const ONE_PLACE =
  'Keep all ranges in one place: beside loadBalancerSourceRanges, implementations ignore the annotation, which opens IPv4 to everybody, and cloud-provider-azure accepts no Service with both. To use the field, copy the ranges of the annotation into it in the same change that removes the annotation.';

describeCheck(
  sourceRangeFamilyMissing,
  [
    {
      name: 'fires where ranges restrict IPv4 and leave IPv6 out',
      given: [balancer(['203.0.113.0/24'])],
      finds: ['Warning Service/shop/web IPv6'],
    },
    { name: 'fires the other way round', given: [balancer(['2001:db8::/32'])], finds: ['Warning Service/shop/web IPv4'] },
    { name: 'is Info where all of IPv4 may come in', given: [balancer(['0.0.0.0/0'])], finds: ['Info Service/shop/web IPv6'] },
    {
      name: 'is Info where one of several ranges lets in all of IPv4',
      given: [balancer(['203.0.113.0/24', '0.0.0.0/0'])],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'fires on ranges of a family that the Service lacks',
      given: [single(['2001:db8::/32'])],
      finds: ['Warning Service/shop/web IPv4'],
    },
    { name: 'says nothing of ranges of both families', given: [balancer(['203.0.113.0/24', '2001:db8::/32'])], finds: [] },
    { name: 'says nothing where IPv6 is open on purpose', given: [balancer(['203.0.113.0/24', '::/0'])], finds: [] },
    { name: 'says nothing without ranges', given: [balancer([])], finds: [] },
    { name: 'says nothing of ranges of both on a Service of one', given: [single(['203.0.113.0/24', '2001:db8::/32'])], finds: [] },
    {
      name: 'says nothing where the load balancer has no address of the family (Hetzner with ipv6-disabled)',
      given: [balancer(['203.0.113.0/24'], { ingressFamilies: IPV4 })],
      finds: [],
    },
    {
      name: 'says nothing while it has no address at all',
      given: [balancer(['203.0.113.0/24'], { ingressFamilies: NO_FAMILY })],
      finds: [],
    },
    {
      name: 'is Info behind a hostname (AWS: a dual-stack NLB of an IPv6 Service filters IPv4 clients)',
      given: [single(['203.0.113.0/24'], { clusterIPs: ['fd00:10:96::10'], ingressFamilies: NO_FAMILY, ingressHostname: true })],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'is Info where the addresses of the load balancer cannot be read',
      given: [balancer(['203.0.113.0/24'], { ingressFamilies: NO_FAMILY, unreadable: true })],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'fires on a Service of one family where only the other one is open to all',
      given: [single(['::/0'])],
      finds: ['Warning Service/shop/web IPv4'],
    },
    { name: 'says nothing of ranges that cannot be read', given: [balancer(['***HIDDEN***/24'])], finds: [] },
    {
      name: 'says nothing of other types, for which they mean nothing',
      given: [balancer(['203.0.113.0/24'], { type: 'NodePort' })],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [balancer(['203.0.113.0/24'], { deleting: true })], finds: [] },
    {
      name: 'counts though IPv6 is not expected: it may be open all the same',
      given: [balancer(['203.0.113.0/24'])],
      expected: ['IPv4'],
      finds: ['Warning Service/shop/web IPv6'],
    },
    {
      name: 'is Info where only cloud-provider-azure reads the ranges, since nothing shows that it serves the load balancer',
      given: [balancer(['203.0.113.0/24'], { rangesAnnotation: AZURE })],
      finds: ['Info Service/shop/web IPv6'],
    },
    {
      name: 'says nothing of ranges that only cloud-provider-azure reads on a load balancer of the nodes',
      given: [balancer(['203.0.113.0/24'], { rangesAnnotation: AZURE, nodeLoadBalancer: 'MetalLB' })],
      finds: [],
    },
    {
      name: 'says nothing of a range that lets in all of IPv4, since cloud-provider-azure then lets in all of IPv6 too',
      given: [balancer(['0.0.0.0/0'], { rangesAnnotation: AZURE }), single(['::/0'], { name: 'one', rangesAnnotation: AZURE })],
      finds: [],
    },
    { name: 'says nothing without the Services', given: [balancer(['203.0.113.0/24'])], refused: ['Service'], finds: [] },
  ],
  [
    {
      of: 'ranges that leave IPv6 out',
      given: [balancer(['203.0.113.0/24'])],
      message:
        'The source ranges of Service shop/web name no IPv6 range (203.0.113.0/24): IPv6 is open or cut off, depending on the implementation',
      summary: 'Add the IPv6 ranges that may reach it to loadBalancerSourceRanges. Until then, treat IPv6 as open to everybody.',
      steps: ['None: See which ranges the Service has.'],
      commands: [COMMAND],
    },
    {
      of: 'ranges that let in all of IPv4',
      given: [balancer(['0.0.0.0/0'])],
      message: 'The source ranges of Service shop/web name no IPv6 range (0.0.0.0/0): IPv6 may be cut off, depending on the implementation',
      summary: 'Add ::/0 to loadBalancerSourceRanges if IPv6 is to be open as IPv4 is, else the ranges that may reach it.',
      steps: ['None: See which ranges the Service has.'],
      commands: [COMMAND],
    },
    {
      of: 'ranges in the annotation, beside which the field would open IPv4',
      given: [balancer(['203.0.113.0/24'], { rangesAnnotation: ANNOTATION })],
      message:
        'The source ranges of Service shop/web name no IPv6 range (203.0.113.0/24): IPv6 is open or cut off, depending on the implementation',
      summary: `Add the IPv6 ranges that may reach it to annotation ${ANNOTATION}. Until then, treat IPv6 as open to everybody.`,
      steps: ['None: See which ranges the Service has.', `None: ${ONE_PLACE}`],
      commands: [
        "kubectl get service web --namespace shop --output jsonpath='{.metadata.annotations.service\\.beta\\.kubernetes\\.io/load-balancer-source-ranges}'",
      ],
    },
    {
      of: 'ranges in the annotation of Azure',
      given: [balancer(['203.0.113.0/24'], { rangesAnnotation: AZURE })],
      message:
        'The source ranges of Service shop/web name no IPv6 range (203.0.113.0/24): IPv6 from outside of the virtual network is cut off by cloud-provider-azure',
      summary: `Add the IPv6 ranges that may reach it to annotation ${AZURE}.`,
      steps: ['None: See which ranges the Service has.', `None: ${ONE_PLACE}`],
      commands: [
        "kubectl get service web --namespace shop --output jsonpath='{.metadata.annotations.service\\.beta\\.kubernetes\\.io/azure-allowed-ip-ranges}'",
      ],
    },
    {
      of: 'ranges of the other family',
      given: [single(['2001:db8::/32'])],
      message:
        'The source ranges of Service shop/web (IPv4 only) name no IPv4 range (2001:db8::/32): IPv4 is open or cut off, depending on the implementation',
      summary: 'Add the IPv4 ranges that may reach it to loadBalancerSourceRanges. Until then, treat IPv4 as open to everybody.',
      steps: ['None: See which ranges the Service has.'],
      commands: [COMMAND],
    },
  ],
);
