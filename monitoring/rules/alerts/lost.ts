import { REMEMBERED_DAYS } from '../../settings.ts';
import { maxBy, on } from '../promql.ts';
import { LAYER_STACK } from '../recordings.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

const WAS_DUAL = `and ${on('layer')}
max_over_time(${LAYER_STACK.name}{stack="DualStack"}[${REMEMBERED_DAYS}d]) == 1`;

/** Two replicas may differ for a moment. */
const IS_NOT = `unless ${on('layer')}
${LAYER_STACK.name}{stack="DualStack"} == 1`;

/**
 * Of Unknown layers only Services have an alert, as a warning: they are Unknown after the API server goes back to one family, which leaves the
 * ServiceCIDR as it was. A layer that may not be read is Unknown too: no alert on Services that the operator cannot list.
 */
export const lost: Alert = {
  name: 'DualStackLost',
  expressions: {
    critical: `${LAYER_STACK.name}{stack=~"IPv4|IPv6"} == 1
${WAS_DUAL}
${IS_NOT}`,
    warning: `${LAYER_STACK.name}{layer="services",stack="Unknown"} == 1
${WAS_DUAL}
${IS_NOT}
and ${on()}
${maxBy([], 'dualstack_services')}`,
  },
  forMinutes: 5,
  summary: `The {{ $labels.layer }}${OF_CLUSTER} are no longer dual-stack: {{ $labels.stack }}`,
  description: `This layer of the cluster was dual-stack within the last ${REMEMBERED_DAYS} days, and is not dual-stack now.`,
};
