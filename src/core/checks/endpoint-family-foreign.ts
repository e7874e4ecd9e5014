import { joinWithOr, familyWords, listOf, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { EndpointSliceFacts, ServiceFacts } from '../kinds/facts.ts';
import { layerFamilies } from '../cluster/stack.ts';
import { setsNoFlags } from './platform-fixes.ts';
import { showSlices } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type Remediation, type ServiceCheck, type Severity, type Violation } from './check.ts';

export const endpointFamilyForeign: ServiceCheck = {
  name: 'EndpointFamilyForeign',
  kind: 'Service',
  severity: 'Critical',
  description: 'A Service without a selector has ready endpoints, but none of a family that the Service has.',
  rationale:
    'The service proxy sends the traffic of a family only to endpoints of that family, whoever wrote them. For example, if ' +
    'default/kubernetes has one family and the API server advertises an address of the other, no pod reaches the API server ' +
    '(kubernetes/kubernetes#106709). A Service without any ready endpoint has no such finding. If one of two families has ' +
    'endpoints, the finding is a Warning, or Info if the Service only prefers both.',
  remediation: 'Write endpoints of the families that the Service has, or give the Service the family of its endpoints.',
  needs: ['Service', 'EndpointSlice'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.type === 'ExternalName' || service.deleting || service.selector.length > 0) return undefined;
  const serving = [...view.slicesOf(service)].filter(isServing);
  // Names may have addresses of any family.
  if (serving.length === 0 || serving.some(({ addressType }) => addressType === undefined)) return undefined;
  const missing = missingFrom(familiesOf(serving), service.ipFamilies);
  const all = missing.length === service.ipFamilies.length;
  // A headless Service without a selector has both families whatever its endpoints are.
  if (!all && service.headless) return undefined;
  const since = serving.reduce((first, { createdAt }) => Math.min(first, createdAt), Infinity);
  const found = violation(missing, Math.max(since, service.changedAt) + view.grace.pod, all ? undefined : severityOfOne(service));
  return found && all ? { ...found, ignoresExpectedFamilies: true } : found;
}

/** A Service that only prefers both families may have endpoints of one on purpose. */
function severityOfOne({ policy }: ServiceFacts): Severity {
  return policy === 'PreferDualStack' ? 'Info' : 'Warning';
}

function isServing({ readyTargets, servingTerminating }: EndpointSliceFacts): boolean {
  return readyTargets.length > 0 || servingTerminating;
}

function familiesOf(slices: readonly EndpointSliceFacts[]): FamilyList {
  return listOf(slices.map(({ addressType }) => addressType).sort());
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const having = familiesOf([...view.slicesOf(service)].filter(isServing));
  const answer = service.headless ? 'it has no DNS record' : `it answers nobody over ${familyWords(families)}`;
  return {
    message: `Service ${service.namespace}/${service.name} has ready endpoints of ${familyWords(having)} only and no ${joinWithOr(families)} one: ${answer}`,
    remediation: remediation(service, families, having, view),
  };
}

function remediation(service: ServiceFacts, families: FamilyList, having: FamilyList, view: ClusterView): Remediation {
  if (service.namespace === 'default' && service.name === 'kubernetes') {
    if (setsNoFlags(view)) {
      return {
        summary: `Ask the provider: the API servers advertise an address of ${familyWords(having)}, and their Service has ${familyWords(families)}.`,
        steps: [showSlices(service)],
      };
    }
    return {
      summary: `Have the API servers advertise an ${joinWithOr(families)} address (--advertise-address), or put the family ${familyWords(having)} first in their --service-cluster-ip-range.`,
      steps: [showSlices(service)],
    };
  }
  // Where nobody sets the range of Services, another family of it cannot be had, as on EKS.
  const isPossible = !setsNoFlags(view) || missingFrom(layerFamilies(view.stack.services), having).length === 0;
  const otherwise = isPossible ? `, or create it with the family ${familyWords(having)}` : '';
  return {
    summary: `Write EndpointSlices with ${familyWords(families)} addresses for it${otherwise}.`,
    steps: [showSlices(service)],
  };
}
