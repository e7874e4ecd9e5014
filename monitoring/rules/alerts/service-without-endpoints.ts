import { endpointFamilyMissing } from '../../../src/core/checks/endpoint-family-missing.ts';
import type { Severity } from '../../../src/core/checks/check.ts';
import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { byCount, counted, OF_CLUSTER } from '../words.ts';

/** Counts findings and not root causes: whatever the cause, clients of the family get errors now. */
function findings(severity: Severity): string {
  return `${maxBy(['namespace'], `dualstack_findings{check="${endpointFamilyMissing.name}",severity="${severity}"}`)} > 0`;
}

export const serviceWithoutEndpoints: Alert = {
  name: 'DualStackServiceWithoutEndpoints',
  expressions: {
    critical: findings('Critical'),
    warning: findings('Warning'),
  },
  forMinutes: 5,
  summary: `${counted('Service')} in namespace {{ $labels.namespace }}${OF_CLUSTER} ${byCount('has', 'have')} no endpoint of a family`,
  description:
    'Clients that use this family of the Services get errors. Pods are ready, but none is an endpoint of the family. As a warning, it is the secondary family: clients with both families use the other one.',
};
