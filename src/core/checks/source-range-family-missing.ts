import { joinWithOr, familyWords, isDual, listOf, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { AZURE_RANGES } from '../kinds/service-balancer.ts';
import { rangesByFamily, rangesInOnePlace, rangesPlace } from './service-fixes.ts';
import type { Description, RemediationStep, ServiceCheck, Severity, Violation } from './check.ts';

export const sourceRangeFamilyMissing: ServiceCheck = {
  name: 'SourceRangeFamilyMissing',
  kind: 'Service',
  severity: 'Warning',
  description: 'The source ranges of a load balancer have no range of a family that its Service has.',
  rationale:
    'kube-proxy filters each family by the ranges of that family only, so a family without a range is open to everybody ' +
    '(kubernetes/kubernetes#33035). Other implementations drop the traffic of that family (cilium/cilium#22658, ' +
    'kubernetes/ingress-gce#1903). The finding is Info if the ranges allow the whole of one family, because the other family is ' +
    'then not more open than this one. It is also Info if the load balancer has a hostname, because addresses of any family may ' +
    'be behind it, and if restricting ranges are in annotation azure-allowed-ip-ranges: cloud-provider-azure then makes no rule that ' +
    'lets a family without a range in from outside of the virtual network, which opens nothing, and other implementations do not ' +
    'read it. If such a range allows the whole of one family, cloud-provider-azure allows both, and there is no finding ' +
    '(`pkg/provider/loadbalancer/accesscontrol.go`).',
  remediation: 'Set ranges of both families, so that every implementation behaves the same.',
  needs: ['Service'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts): Violation | undefined {
  if (service.type !== 'LoadBalancer' || service.deleting || service.sourceRanges.length === 0) return undefined;
  if (isOfAzure(service) && (service.nodeLoadBalancer !== '' || allowsAll(service))) return undefined;
  const missing = unnamedFamilies(service);
  const severity = severityOf(service, missing);
  return severity && { families: missing, due: 0, severity, ignoresExpectedFamilies: true };
}

/** The families of the Service that no range is of, and that its load balancer may have an address of. */
function unnamedFamilies(service: ServiceFacts): FamilyList {
  const { named } = rangesByFamily(service.sourceRanges);
  // Ranges that cannot be read are of no known family.
  if (named.length === 0) return named;
  const reachable = service.ingressHostname || service.unreadable ? service.ipFamilies : service.ingressFamilies;
  return listOf(missingFrom(named, service.ipFamilies).filter((family) => reachable.includes(family)));
}

function severityOf(service: ServiceFacts, missing: FamilyList): Severity | undefined {
  if (missing.length === 0) return undefined;
  if (service.ingressHostname || service.unreadable || isOfAzure(service)) return 'Info';
  if (isDual(service.ipFamilies) && rangesByFamily(service.sourceRanges).restricted.length === 0) return 'Info';
  return 'Warning';
}

function describe(service: ServiceFacts, { families }: Violation): Description {
  const ranges = service.sourceRanges.join(', ');
  const has = isDual(service.ipFamilies) ? '' : ` (${familyWords(service.ipFamilies)} only)`;
  return {
    message: `The source ranges of Service ${service.namespace}/${service.name}${has} name no ${joinWithOr(families)} range (${ranges}): ${families.join()} ${outcomeOf(service)}`,
    remediation: { summary: summaryOf(service, families), steps: stepsOf(service) },
  };
}

function outcomeOf(service: ServiceFacts): string {
  if (isOfAzure(service)) return 'from outside of the virtual network is cut off by cloud-provider-azure';
  return isOpen(service) ? 'is open or cut off, depending on the implementation' : 'may be cut off, depending on the implementation';
}

function summaryOf(service: ServiceFacts, families: FamilyList): string {
  const place = rangesPlace(service);
  const all = families.includes('IPv6') ? '::/0' : '0.0.0.0/0';
  if (!isOpen(service))
    return `Add ${all} to ${place} if ${families.join()} is to be open as ${familyWords(rangesByFamily(service.sourceRanges).named)} is, else the ranges that may reach it.`;
  const add = `Add the ${families.join()} ranges that may reach it to ${place}.`;
  return isOfAzure(service) ? add : `${add} Until then, treat ${families.join()} as open to everybody.`;
}

function stepsOf(service: ServiceFacts): readonly RemediationStep[] {
  const { name, namespace, rangesAnnotation } = service;
  const path =
    rangesAnnotation === '' ? 'spec.loadBalancerSourceRanges' : `metadata.annotations.${rangesAnnotation.replaceAll('.', '\\.')}`;
  return [
    {
      description: 'See which ranges the Service has.',
      command: `kubectl get service ${name} --namespace ${namespace} --output jsonpath='{.${path}}'`,
      disruption: 'None',
    },
    ...rangesInOnePlace(service).map((description): RemediationStep => ({ description, disruption: 'None' })),
  ];
}

/** Whether some range lets in all of its family. */
function allowsAll({ sourceRanges }: ServiceFacts): boolean {
  const { named, restricted } = rangesByFamily(sourceRanges);
  return named.length > restricted.length;
}

/** Whether only cloud-provider-azure reads the ranges. */
function isOfAzure({ rangesAnnotation }: ServiceFacts): boolean {
  return rangesAnnotation === AZURE_RANGES;
}

/** Where the ranges restrict nothing, a family without a range is no more open than the other. */
function isOpen({ sourceRanges, ipFamilies }: ServiceFacts): boolean {
  return !isDual(ipFamilies) || rangesByFamily(sourceRanges).restricted.length > 0;
}
