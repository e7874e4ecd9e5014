import { endpointFamilyMissing } from '../../../src/core/checks/endpoint-family-missing.ts';
import { checksOn } from '../promql.ts';
import { rootCauses, SEVERITY_OF } from '../root-causes.ts';
import type { Alert } from '../rule.ts';
import { counted, OF_CLUSTER } from '../words.ts';

/** A Service without an endpoint of a family has an alert of its own. */
const WITH_ENDPOINTS = checksOn('Service').filter((name) => name !== endpointFamilyMissing.name);
const LABELS = ['namespace', 'check'];

export const serviceDrift: Alert = {
  name: 'DualStackServiceDrift',
  expressions: {
    [SEVERITY_OF.Critical]: `${rootCauses('Critical', WITH_ENDPOINTS, LABELS)} > 0`,
    [SEVERITY_OF.Warning]: `${rootCauses('Warning', WITH_ENDPOINTS, LABELS)} > 0`,
  },
  forMinutes: 15,
  summary: `${counted('Service')} in namespace {{ $labels.namespace }}${OF_CLUSTER}: {{ $labels.check }}`,
  description:
    'Services do not have the families that they request, or their endpoints differ by family. Services that a pod or node explains are not counted.',
};
