import { familyWords, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { serviceSkipReason } from '../kinds/skipped.ts';
import { patchService } from './service-fixes.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#existing-services-stay-single-stack; never rules.md#api-server-service, #default-family-policy, #external-name. */
export const serviceSingleStack: ServiceCheck = {
  name: 'ServiceSingleStack',
  kind: 'Service',
  severity: 'Info',
  description: 'A Service has the policy SingleStack, and Services of this cluster can have both families.',
  rationale:
    'SingleStack is the default, and turning dual-stack on does not change existing Services (k3s-io/k3s#8393, rancher/rke2#4780). ' +
    'Clients of the other family cannot reach the Service. This can be on purpose, so the finding is Info.',
  remediation: 'Set ipFamilyPolicy to PreferDualStack.',
  needs: ['Service', 'ServiceCIDR'],
  evaluate,
  describe,
  migration: { stage: 'Services', of: 'SingleStack' },
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.policy !== 'SingleStack' || serviceSkipReason(service)) return undefined;
  // One that names no family is from before there were any, or not from an API server: which it has cannot be determined.
  if (service.ipFamilies.length === 0) return undefined;
  return violation(missingFrom(service.ipFamilies, view.serviceFamiliesWanted));
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const first = firstOf(service, families, view);
  return {
    message: `Service ${service.namespace}/${service.name} is SingleStack (${familyWords(service.ipFamilies)}) though Services of this cluster can have ${familyWords(families)} too`,
    remediation: {
      summary: `Set its policy to PreferDualStack${first === undefined ? '' : `, once it has ${familyWords(families)} endpoints`}; the present clusterIP stays.`,
      steps: [
        patchService(
          service,
          {
            description: `Set ipFamilyPolicy: the Service gets an ${familyWords(families)} address beside the present one.`,
            spec: { ipFamilyPolicy: 'PreferDualStack' },
            disruption: 'None',
            gains: families,
            ...(first === undefined ? {} : { first }),
          },
          view,
        ),
      ],
    },
  };
}

/** What has to be done before the Service gets an address at which nobody would answer. */
function firstOf(service: ServiceFacts, families: FamilyList, view: ClusterView): string | undefined {
  const words = familyWords(families);
  if (service.selector.length === 0) {
    const has = (some: FamilyList): boolean => some.some((family) => view.hasEndpoint(service, family));
    return has(service.ipFamilies) && !has(families)
      ? `First make an EndpointSlice with ${words} addresses for it: it has no selector, so nobody else does.`
      : undefined;
  }
  const pods = [...view.podsSelectedBy(service)].filter(({ ready }) => ready);
  const lack = pods.length > 0 && pods.every((pod) => !families.some((family) => pod.families.includes(family)));
  return lack ? `First give its pods ${words} addresses: none has one.` : undefined;
}
