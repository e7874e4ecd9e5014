import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

const LIVES = maxBy([], 'dualstack_build_info');

/** `absent` alone says nothing while another cluster of the same Prometheus has an operator. */
export const operatorAbsent: Alert = {
  name: 'DualStackOperatorAbsent',
  expressions: {
    warning: `absent(dualstack_build_info)
or
${maxBy([], 'last_over_time(dualstack_build_info[1d])')} unless ${LIVES}`,
  },
  forMinutes: 10,
  summary: `No dualstack-operator${OF_CLUSTER} exposes metrics`,
  description: 'No replica runs, or Prometheus cannot scrape any. Until this is fixed, no other alert on dual-stack fires.',
};
