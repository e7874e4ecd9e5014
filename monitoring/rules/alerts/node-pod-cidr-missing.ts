import { nodePodCIDRMissing as check } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { MOST_NODES_NAMED } from '../../settings.ts';
import { maxBy, on } from '../promql.ts';
import { rootCauses, SEVERITY_OF } from '../root-causes.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/**
 * Silent where no report takes it for critical: where reports ignore it, and where most nodes are so, as at the beginning of a migration.
 * Of many nodes there is no alert each: then DualStackNodeDrift counts them.
 */
export const nodePodCIDRMissing: Alert = {
  name: 'DualStackNodePodCIDRMissing',
  expressions: {
    [SEVERITY_OF.Critical]: `${maxBy(['node', 'family'], 'dualstack_node_pod_cidr_missing')} == 1
and ${on()}
${rootCauses('Critical', [check.name])} <= ${MOST_NODES_NAMED}`,
  },
  forMinutes: 15,
  summary: `Node {{ $labels.node }}${OF_CLUSTER} has no {{ $labels.family }} podCIDR`,
  description:
    'Pods that are started on this node have no {{ $labels.family }} address, and Services leave them out for that family without a word.',
};
