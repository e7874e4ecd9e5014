import { familyWords, missingFrom, union, type FamilyList } from '../net/addresses.ts';
import { SERVICE_ITSELF } from '../cluster/reach.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { serviceSkipReason } from '../kinds/skipped.ts';
import { isUnserved } from './service-address-unserved.ts';
import { endpointsFirst, patchService } from './service-fixes.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#prefer-dual-stack-is-not-upgraded. */
export const serviceNotUpgraded: ServiceCheck = {
  name: 'ServiceNotUpgraded',
  kind: 'Service',
  severity: 'Warning',
  description: 'A Service with the policy PreferDualStack has fewer families than Services of this cluster can have.',
  rationale:
    'A Service that requested both families while the cluster had one keeps one. Kubernetes never upgrades it, and applying ' +
    'PreferDualStack again changes nothing (kubernetes/kubernetes#101681, #102898). While nodes are still to be converted, it is Info, ' +
    'because Services come last. It is Info too if the Service has an address of the family that nobody serves, because ' +
    'ServiceAddressUnserved then says what that breaks.',
  remediation: 'Set ipFamilies to both families, the present one first.',
  needs: ['Service', 'ServiceCIDR'],
  evaluate,
  describe,
  causedThrough: SERVICE_ITSELF,
  migration: { stage: 'Services', of: 'PreferDualStack' },
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.policy !== 'PreferDualStack' || serviceSkipReason(service)) return undefined;
  // One that names no family is from before there were any, or not from an API server: which it has cannot be determined.
  if (service.ipFamilies.length === 0) return undefined;
  const missing = missingFrom(service.ipFamilies, view.serviceFamiliesWanted);
  // Services come last: while nodes are still to be converted, it is no fault of its own. Nor is it where an address that nobody serves says the same.
  return violation(missing, 0, view.conversion.isUnderWay || isUnserved(service, missing, view) ? 'Info' : undefined);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const first = endpointsFirst(service, families, view);
  return {
    message: `Service ${service.namespace}/${service.name} prefers dual-stack but has only ${familyWords(service.ipFamilies)}: it was never upgraded`,
    remediation: {
      summary: `Name both families in ipFamilies${first === undefined ? '' : `, once it has ${familyWords(families)} endpoints`}; the present clusterIP stays.`,
      steps: [upgradeService(service, families, view)],
    },
  };
}

/** Gives a Service that prefers dual-stack the families that it lacks. */
export function upgradeService(service: ServiceFacts, families: FamilyList, view: ClusterView): RemediationStep {
  const first = endpointsFirst(service, families, view);
  return patchService(
    service,
    {
      description: `Add ${familyWords(families)} to ipFamilies: the Service gets an address of it beside the present one.`,
      spec: { ipFamilies: union(service.ipFamilies, families) },
      disruption: 'None',
      gains: families,
      ...(first === undefined ? {} : { first }),
    },
    view,
  );
}
