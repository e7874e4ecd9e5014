import { joinWithOr, familyWords, listOf, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { EndpointSliceFacts, Owner, ServiceFacts } from '../kinds/facts.ts';
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
    'endpoints, the finding is a Warning, or Info if the Service only prefers both. It is Info, too, if there is another reading: a ' +
    'Service in kube-system may be there for the API servers alone, as eks-extension-metrics-api of Amazon EKS is, and a controller ' +
    'that is not of Kubernetes may serve the endpoints that it writes by a proxy of its own, as cluster meshes do.',
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
  const found = violation(missing, Math.max(since, service.changedAt) + view.grace.pod, severityOf(service, serving, all));
  return found && all ? { ...found, ignoresExpectedFamilies: true } : found;
}

function severityOf(service: ServiceFacts, serving: readonly EndpointSliceFacts[], all: boolean): Severity | undefined {
  if (isOfControlPlane(service) || areForeign(serving)) return 'Info';
  if (all) return undefined;
  // A Service that only prefers both families may have endpoints of one on purpose.
  return service.policy === 'PreferDualStack' ? 'Info' : 'Warning';
}

/** Who else than the owner of the cluster writes a Service there: the owner's tools leave their marks. */
const OF_PROVIDERS: readonly (Owner | undefined)[] = [undefined, 'AddonManager'];

/**
 * Whether a Service may be there for the API servers alone, as those of extension API servers are that a provider runs beside them: these need no service
 * proxy (rules.md#services-of-the-control-plane).
 */
function isOfControlPlane({ namespace, owner }: ServiceFacts): boolean {
  return namespace === 'kube-system' && OF_PROVIDERS.includes(owner);
}

/** Controllers of meshes and secondary networks may serve the endpoints that they write by proxies of their own. */
function areForeign(serving: readonly EndpointSliceFacts[]): boolean {
  return serving.every(({ foreign }) => foreign);
}

function isServing({ readyTargets, servingTerminating }: EndpointSliceFacts): boolean {
  return readyTargets.length > 0 || servingTerminating;
}

function familiesOf(slices: readonly EndpointSliceFacts[]): FamilyList {
  return listOf(slices.map(({ addressType }) => addressType).sort());
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const serving = [...view.slicesOf(service)].filter(isServing);
  const having = familiesOf(serving);
  const answer = service.headless ? 'it has no DNS record' : `it answers nobody over ${familyWords(families)}`;
  const exception = exceptionOf(service, serving);
  return {
    message: `Service ${service.namespace}/${service.name} has ready endpoints of ${familyWords(having)} only and no ${joinWithOr(families)} one: ${exception?.reading ?? answer}`,
    remediation: exception ? { summary: exception.summary, steps: [showSlices(service)] } : remediation(service, families, having, view),
  };
}

/** Where there is another reading, and what to do then. */
function exceptionOf(
  service: ServiceFacts,
  serving: readonly EndpointSliceFacts[],
): { readonly reading: string; readonly summary: string } | undefined {
  if (isOfControlPlane(service)) {
    return {
      reading: 'pods get no answer from it, which is no fault if only the API servers use it',
      summary:
        'Nothing, if only the API servers use the Service, as one that the provider runs; otherwise ask whoever writes its endpoints.',
    };
  }
  if (!areForeign(serving)) return undefined;
  return {
    reading: 'it answers nobody, unless the controller that writes these endpoints serves them itself',
    summary: 'Nothing, if that controller serves the endpoints by a proxy of its own; otherwise have it write endpoints of the family.',
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
