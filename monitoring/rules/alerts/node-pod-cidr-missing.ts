import { nodePodCIDRMissing as check } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { MOST_NODES_NAMED } from '../../settings.ts';
import { maxBy, on } from '../promql.ts';
import { rootCauses, SEVERITY_OF } from '../root-causes.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/**
 * Does not fire if no report has it as critical: if reports ignore it, or if most nodes lack the podCIDR, as at the start of a migration.
 * Many nodes have no alert each: DualStackNodeDrift counts them.
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
  description: 'Pods that start on this node get no {{ $labels.family }} address, and Services omit them for that family without an error.',
};
