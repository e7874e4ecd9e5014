import { endpointFamilyMissing } from '../../../src/core/checks/endpoint-family-missing.ts';
import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { byCount, counted, OF_CLUSTER } from '../words.ts';

/** Counts findings and not root causes: whatever the cause, clients of the family get errors now. */
export const serviceWithoutEndpoints: Alert = {
  name: 'DualStackServiceWithoutEndpoints',
  expressions: {
    critical: `${maxBy(['namespace'], `dualstack_findings{check="${endpointFamilyMissing.name}",severity="Critical"}`)} > 0`,
  },
  forMinutes: 5,
  summary: `${counted('Service')} in namespace {{ $labels.namespace }}${OF_CLUSTER} ${byCount('has', 'have')} no endpoint of one family`,
  description:
    'Clients that use one family of these Services get errors, and clients of the other notice nothing. Pods are ready, but none is an endpoint of that family.',
};
