import { DUAL_IPV4_FIRST, familyWords, isDual, listOf, missingFrom, union, type FamilyList } from '../addresses.ts';
import type { ServiceFacts } from '../facts.ts';
import { serviceLeftOut } from '../judged.ts';
import { layerFamilies } from '../stack.ts';
import type { ClusterView } from '../view.ts';
import { lacking, type Description, type Remediation, type ServiceCheck, type Verdict } from './check.ts';

/** Rule S4. */
export const serviceRequirementUnmet: ServiceCheck = {
  name: 'ServiceRequirementUnmet',
  kind: 'Service',
  severity: 'Critical',
  description: 'A Service with the policy RequireDualStack requires a family that Services of the cluster cannot have.',
  rationale:
    'The API server refuses such a Service, so it is one from before the cluster was taken back to one family: it keeps both addresses, of which one leads ' +
    'nowhere, and every update of it is refused. With fewer than two families it can be seen only in a dump.',
  remediation: 'Make the API server dual-stack again (--service-cluster-ip-range), or set the policy to SingleStack and leave one family.',
  needs: ['Service', 'ServiceCIDR'],
  evaluate,
  describe,
  migration: { stage: 'Services', of: 'RequireDualStack' },
};

function evaluate(service: ServiceFacts, view: ClusterView): Verdict | undefined {
  if (service.policy !== 'RequireDualStack' || serviceLeftOut(service)) return undefined;
  return lacking(listOf([...unavailable(service, view), ...missingFrom(service.ipFamilies, DUAL_IPV4_FIRST)]));
}

/** Nothing is unavailable where it cannot be told what Services can have. */
function unavailable(service: ServiceFacts, view: ClusterView): FamilyList {
  const possible = layerFamilies(view.stack.services);
  return possible.length === 0 ? possible : missingFrom(possible, service.ipFamilies);
}

function describe(service: ServiceFacts, { families }: Verdict, view: ClusterView): Description {
  const gone = unavailable(service, view);
  return {
    message: `Service ${service.namespace}/${service.name} requires ${familyWords(families)}, ${gone.length > 0 ? 'which Services of this cluster cannot have' : 'and has not got it'}`,
    remediation: isDual(layerFamilies(view.stack.services)) ? nameBoth(service) : goSingle(service, gone),
  };
}

function nameBoth(service: ServiceFacts): Remediation {
  return {
    description: 'Name both families in ipFamilies; the present clusterIP stays.',
    command: patch(service, { ipFamilies: union(service.ipFamilies, DUAL_IPV4_FIRST) }),
  };
}

const GIVE_BOTH = 'Give the API server a --service-cluster-ip-range of both families again, or';

/** The first family cannot be changed, unless the Service is headless (seen on 1.36). */
function goSingle(service: ServiceFacts, gone: FamilyList): Remediation {
  const [first] = service.ipFamilies;
  const [kept] = missingFrom(gone, service.ipFamilies);
  if (kept && (kept === first || service.headless)) {
    return {
      description: `${GIVE_BOTH} leave the Service the one family that it can have.`,
      command: patch(service, { ipFamilyPolicy: 'SingleStack', ipFamilies: [kept] }),
    };
  }
  return {
    description: `${GIVE_BOTH} create the Service anew without ipFamilies, clusterIP and clusterIPs: the first family cannot be changed.`,
    command: `kubectl get service ${service.name} --namespace ${service.namespace} --output yaml`,
  };
}

function patch({ namespace, name }: ServiceFacts, spec: object): string {
  return `kubectl patch service ${name} --namespace ${namespace} --type merge --patch '${JSON.stringify({ spec })}'`;
}
