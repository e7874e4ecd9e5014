import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

export const NO_LEADER = `${maxBy([], 'dualstack_leader')} == 0`;

export const noLeader: Alert = {
  name: 'DualStackNoLeader',
  expressions: { warning: NO_LEADER },
  forMinutes: 5,
  summary: `No replica of dualstack-operator${OF_CLUSTER} is the leader`,
  description: 'No replica writes reports and Events. Metrics, and the alerts on the cluster, are still correct.',
};
