import { DUAL_IPV4_FIRST, familyWords, isDual, listOf, missingFrom, union, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { serviceSkipReason } from '../kinds/skipped.ts';
import { familiesAtPlatform } from './platform-fixes.ts';
import { setServiceRanges } from './self-managed-fixes.ts';
import { patchService } from './service-fixes.ts';
import { layerFamilies } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type Remediation, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#require-dual-stack. */
export const serviceRequirementUnmet: ServiceCheck = {
  name: 'ServiceRequirementUnmet',
  kind: 'Service',
  severity: 'Critical',
  description: 'A Service with the policy RequireDualStack requires a family that Services of this cluster cannot have.',
  rationale:
    'The API server rejects such a Service on creation, so the Service existed before the cluster went back to one family. It ' +
    'keeps both addresses, one of which does not work, and the API server rejects every update of it. Only a dump can show such a ' +
    'Service with fewer than two families.',
  remediation: 'Make the API server dual-stack again (--service-cluster-ip-range), or set the policy to SingleStack and keep one family.',
  needs: ['Service', 'ServiceCIDR'],
  evaluate,
  describe,
  migration: { stage: 'Services', of: 'RequireDualStack' },
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.policy !== 'RequireDualStack' || serviceSkipReason(service)) return undefined;
  return violation(listOf([...unavailable(service, view), ...missingFrom(service.ipFamilies, DUAL_IPV4_FIRST)]));
}

/** Nothing is unavailable where it cannot be determined which families Services can have. */
function unavailable(service: ServiceFacts, view: ClusterView): FamilyList {
  const possible = layerFamilies(view.stack.services);
  return possible.length === 0 ? possible : missingFrom(possible, service.ipFamilies);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const gone = unavailable(service, view);
  return {
    message: `Service ${service.namespace}/${service.name} requires ${familyWords(families)}, ${gone.length > 0 ? 'which Services of this cluster cannot have' : 'and has not got it'}`,
    remediation: isDual(layerFamilies(view.stack.services)) ? nameBoth(service, view) : goSingle(service, gone, view),
  };
}

function nameBoth(service: ServiceFacts, view: ClusterView): Remediation {
  const ipFamilies = union(service.ipFamilies, DUAL_IPV4_FIRST);
  return {
    summary: 'Name both families in ipFamilies; the present clusterIP stays.',
    steps: [
      patchService(
        service,
        {
          description: 'Name both families in ipFamilies: the Service gets an address of the missing one beside the present one.',
          spec: { ipFamilies },
          disruption: 'None',
          gains: missingFrom(service.ipFamilies, ipFamilies),
        },
        view,
      ),
    ],
  };
}

function giveBoth(platform: string): RemediationStep {
  const { description, disruption } = setServiceRanges(platform);
  return { description: `If the cluster should have both families, do this and nothing else. ${description}`, disruption };
}

/** The first family cannot be changed, unless the Service is headless (seen on 1.36). */
function goSingle(service: ServiceFacts, gone: FamilyList, view: ClusterView): Remediation {
  const atPlatform = familiesAtPlatform(gone, view);
  const summary = atPlatform
    ? 'Leave the Service the one family that it can have, or give the cluster both families again.'
    : 'Give the API server ranges of both families again, or leave the Service the one family that it can have.';
  const step = atPlatform ?? giveBoth(view.platform.name);
  const [first] = service.ipFamilies;
  const [kept] = missingFrom(gone, service.ipFamilies);
  if (kept && (kept === first || service.headless)) {
    return {
      summary,
      steps: [
        step,
        patchService(
          service,
          {
            description: `If it should have one: leave the Service ${kept}. It loses its address of the other family, which leads nowhere now.`,
            spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: [kept] },
            disruption: 'ChangesAddress',
          },
          view,
        ),
      ],
    };
  }
  return {
    summary,
    steps: [
      step,
      {
        description:
          'If it should have one: delete the Service, and create it without ipFamilies, clusterIP and clusterIPs, since the first family cannot be changed. It gets another address.',
        command: `kubectl get service ${service.name} --namespace ${service.namespace} --output yaml`,
        disruption: 'ChangesAddress',
      },
    ],
  };
}
