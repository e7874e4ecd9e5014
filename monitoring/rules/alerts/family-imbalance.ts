import { REMEMBERED_DAYS, TOLERATED_IMBALANCE } from '../../settings.ts';
import { on } from '../promql.ts';
import { IMBALANCE } from '../recordings.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/**
 * Endpoints are those of dual-stack Services, which are balanced at any stage of a migration in the right order. Nodes and pods get their
 * second family one by one: no alert until they were balanced once. Services are ignored, because one family is their default.
 */
export const familyImbalance: Alert = {
  name: 'DualStackFamilyImbalance',
  expressions: {
    warning: `${IMBALANCE.name}{layer="endpoints"} > ${TOLERATED_IMBALANCE}
or
${IMBALANCE.name}{layer=~"nodes|pods"} > ${TOLERATED_IMBALANCE}
and ${on('layer')}
min_over_time(${IMBALANCE.name}[${REMEMBERED_DAYS}d]) <= ${TOLERATED_IMBALANCE}`,
  },
  forMinutes: 30,
  summary: `The families of the {{ $labels.layer }}${OF_CLUSTER} are out of balance by {{ $value | humanizePercentage }}`,
  description:
    'More {{ $labels.layer }} have one family than the other, by this share. Clients of the less common family share fewer of them, or have none.',
};
