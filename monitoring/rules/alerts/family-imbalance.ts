import { REMEMBERED_DAYS, TOLERATED_IMBALANCE } from '../../settings.ts';
import { on } from '../promql.ts';
import { IMBALANCE } from '../recordings.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/**
 * Endpoints are those of dual-stack Services, which are balanced at any stage of a migration that keeps to the order. Nodes and pods come to
 * their second family one by one: silent until they were balanced once. Services are not looked at, since one family is their default.
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
    'So many more {{ $labels.layer }} have one family than the other. Clients of the family that is short share fewer of them, up to none.',
};
