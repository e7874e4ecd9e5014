import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { MOST_NODES_NAMED } from '../../settings.ts';
import { checksOn } from '../promql.ts';
import { rootCauses, SEVERITY_OF } from '../root-causes.ts';
import type { Alert } from '../rule.ts';
import { counted, OF_CLUSTER } from '../words.ts';

const ON_NODES = checksOn('Cluster', 'Node');
/** A few nodes without a podCIDR have alerts that name them. */
const NOT_NAMED = ON_NODES.filter((name) => name !== nodePodCIDRMissing.name);

export const nodeDrift: Alert = {
  name: 'DualStackNodeDrift',
  expressions: {
    [SEVERITY_OF.Critical]: `${rootCauses('Critical', NOT_NAMED, ['check'])} > 0
or
${rootCauses('Critical', [nodePodCIDRMissing.name], ['check'])} > ${MOST_NODES_NAMED}`,
    [SEVERITY_OF.Warning]: `${rootCauses('Warning', ON_NODES, ['check'])} > 0`,
  },
  forMinutes: 15,
  summary: `${counted('finding')} of {{ $labels.check }} on the nodes${OF_CLUSTER}`,
  description:
    'Nodes lack a family, or give their pods only one. One finding may represent most nodes of the cluster. Effects on pods and Services are not counted.',
};
