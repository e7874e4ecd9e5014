import { familyWords, missingFrom } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { serviceSkipReason } from '../kinds/skipped.ts';
import { endpointsFirst, patchService } from './service-fixes.ts';
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
  const first = endpointsFirst(service, families, view);
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
