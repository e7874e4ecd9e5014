import { familiesOfAddresses, isDual, listOf, union, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { patchService } from './service-fixes.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#cluster-ips. */
export const serviceFieldsInconsistent: ServiceCheck = {
  name: 'ServiceFieldsInconsistent',
  kind: 'Service',
  severity: 'Warning',
  description: 'The fields ipFamilies, clusterIPs and ipFamilyPolicy of a Service disagree.',
  rationale:
    'clusterIP equals the first of clusterIPs, each of clusterIPs has the family at the same place in ipFamilies, and a ' +
    'SingleStack Service has one family. The API server enforces this. If an object violates it, kube-proxy and the endpointslice ' +
    'controller follow different fields of it.',
  remediation:
    'Patch the fields so that they agree with the addresses that the Service has. If the first family or the first address is ' +
    'wrong, create the Service again without clusterIP, clusterIPs and ipFamilies.',
  needs: ['Service'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts): Violation | undefined {
  // What cannot be read disagrees with nothing.
  if (service.deleting || service.unreadable || disagreement(service) === undefined) return undefined;
  return violation(familiesConcerned(service));
}

function familiesConcerned({ ipFamilies, clusterIPs }: ServiceFacts): FamilyList {
  const families = union(ipFamilies, familiesOfAddresses(clusterIPs));
  return families.length > 0 ? families : listOf(['IPv4', 'IPv6']);
}

/** What disagrees, in words; undefined where nothing does. Fields that are not there disagree with nothing. */
function disagreement(service: ServiceFacts): string | undefined {
  if (service.type === 'ExternalName') return undefined;
  return faultOfFamilies(service) ?? faultOfPrimary(service) ?? faultOfClusterIPs(service);
}

function faultOfFamilies({ policy, ipFamilies, ipFamilyCount }: ServiceFacts): string | undefined {
  if (ipFamilyCount > 2) return `ipFamilies has ${ipFamilyCount} entries`;
  if (ipFamilyCount !== ipFamilies.length) return 'ipFamilies names a family twice, or one that is none';
  return policy === 'SingleStack' && isDual(ipFamilies) ? 'the policy is SingleStack and ipFamilies has two' : undefined;
}

function faultOfPrimary({ clusterIP, clusterIPs }: ServiceFacts): string | undefined {
  const [first = clusterIP] = clusterIPs;
  return clusterIP !== '' && clusterIP !== first ? `clusterIP ${clusterIP} is not the first of clusterIPs` : undefined;
}

function faultOfClusterIPs({ headless, ipFamilies, clusterIPs, clusterIPFamilies }: ServiceFacts): string | undefined {
  if (headless) return clusterIPs.length > 1 ? `it is headless and clusterIPs are ${clusterIPs.join(', ')}` : undefined;
  if (clusterIPs.length > clusterIPFamilies.length) return `clusterIPs are ${clusterIPs.join(', ')}`;
  if (ipFamilies.length === 0 || clusterIPs.length === 0 || clusterIPFamilies === ipFamilies) return undefined;
  return `clusterIPs are ${clusterIPs.join(', ')} and ipFamilies ${ipFamilies.join(', ')}`;
}

function describe(service: ServiceFacts, _violation: Violation, view: ClusterView): Description {
  const spec = agreeingSpec(service);
  const again = createAgain(service, spec === undefined);
  return {
    message: `The fields of Service ${service.namespace}/${service.name} disagree: ${disagreement(service) ?? 'they agree by now'}`,
    remediation: {
      summary: spec
        ? 'Patch the fields so that they agree; the Service keeps its addresses.'
        : 'Create the Service again, since its first family and its first address cannot be changed.',
      steps: spec
        ? [
            patchService(
              service,
              { description: 'Make the fields agree with the addresses that the Service has.', spec, disruption: 'None' },
              view,
            ),
            again,
          ]
        : [again],
    },
  };
}

function createAgain({ namespace, name }: ServiceFacts, isOnlyWay: boolean): RemediationStep {
  return {
    description: `${isOnlyWay ? 'Delete' : 'Only where the API server refuses the patch: delete'} the Service, and create it without clusterIP, clusterIPs and ipFamilies. It gets other addresses, and where it is a load balancer, a new one.`,
    command: `kubectl get service ${name} --namespace ${namespace} --output yaml`,
    disruption: 'ChangesAddress',
  };
}

/** The fields that make the others agree; undefined where the API server would refuse to change what has to: the first family and address. */
function agreeingSpec(service: ServiceFacts): object | undefined {
  const changes = changesOf(service);
  return changes && Object.keys(changes).length > 0 ? changes : undefined;
}

function changesOf(service: ServiceFacts): object | undefined {
  const { headless, clusterIPs, clusterIP } = service;
  if (headless && clusterIPs.length > 1) return { clusterIPs: ['None'] };
  const families = keptFamilies(service);
  if (!families) return undefined;
  const [first = clusterIP] = clusterIPs;
  return { ...familyChanges(service, families), ...(headless || clusterIP === first || clusterIP === '' ? {} : { clusterIP: first }) };
}

/** The families of the addresses that the Service has; undefined where it cannot be made a Service of these. */
function keptFamilies({ headless, clusterIPs, clusterIPFamilies, ipFamilies, policy }: ServiceFacts): FamilyList | undefined {
  const hasAddresses = !headless && clusterIPs.length > 0;
  if (hasAddresses && clusterIPs.length !== clusterIPFamilies.length) return undefined;
  const families = hasAddresses ? clusterIPFamilies : ipFamilies;
  const isFirstKept = ipFamilies.length === 0 || ipFamilies[0] === families[0];
  const fitsPolicy = policy !== 'RequireDualStack' || isDual(families);
  return families.length > 0 && isFirstKept && fitsPolicy ? families : undefined;
}

function familyChanges({ policy, ipFamilies, ipFamilyCount }: ServiceFacts, families: FamilyList): object {
  return {
    ...(policy === 'SingleStack' && isDual(families) ? { ipFamilyPolicy: 'PreferDualStack' } : {}),
    ...(families.length === ipFamilyCount && ipFamilies === families ? {} : { ipFamilies: families }),
  };
}
