import { checksOn } from '../promql.ts';
import { rootCauses, SEVERITY_OF } from '../root-causes.ts';
import type { Alert } from '../rule.ts';
import { counted, OF_CLUSTER } from '../words.ts';

const ON_PODS = checksOn('Pod');
const LABELS = ['namespace', 'check'];

export const podDrift: Alert = {
  name: 'DualStackPodDrift',
  expressions: {
    [SEVERITY_OF.Critical]: `${rootCauses('Critical', ON_PODS, LABELS)} > 0`,
    [SEVERITY_OF.Warning]: `${rootCauses('Warning', ON_PODS, LABELS)} > 0`,
  },
  forMinutes: 15,
  summary: `${counted('pod')} in namespace {{ $labels.namespace }}${OF_CLUSTER}: {{ $labels.check }}`,
  description:
    'Pods lack a family that other pods on their nodes have. A running pod keeps the addresses it started with. Pods that lack the family because of their node are not counted.',
};
