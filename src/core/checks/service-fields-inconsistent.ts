import { familiesOfAddresses, isDual, listOf, union, type FamilyList } from '../addresses.ts';
import type { ServiceFacts } from '../facts.ts';
import { lacking, type Description, type ServiceCheck, type Verdict } from './check.ts';

/** Rules S2 and S3. */
export const serviceFieldsInconsistent: ServiceCheck = {
  name: 'ServiceFieldsInconsistent',
  kind: 'Service',
  severity: 'Warning',
  description: 'The ipFamilies, clusterIPs and ipFamilyPolicy of a Service disagree.',
  rationale:
    'clusterIP is the first of clusterIPs, each of these is of the family at its place in ipFamilies, and SingleStack has one. The API server keeps to that; ' +
    'where an object does not, kube-proxy and the endpointslice controller follow different fields of it.',
  remediation: 'Create the Service anew with fields that agree, or let the API server fill them by leaving clusterIPs and ipFamilies out.',
  needs: ['Service'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts): Verdict | undefined {
  if (service.deleting || disagreement(service) === undefined) return undefined;
  return lacking(familiesConcerned(service));
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

function describe(service: ServiceFacts): Description {
  return {
    message: `The fields of Service ${service.namespace}/${service.name} disagree: ${disagreement(service) ?? 'they were just mended'}`,
    remediation: {
      description: serviceFieldsInconsistent.remediation,
      command: `kubectl get service ${service.name} --namespace ${service.namespace} --output yaml`,
    },
  };
}
