import { OLDEST_EVALUATION_S } from '../../settings.ts';
import { maxBy, on } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';
import { NO_LEADER } from './no-leader.ts';
import { NOT_READY } from './report-not-ready.ts';

/** Does not fire while DualStackReportNotReady or DualStackNoLeader gives the reason. */
export const evaluationStale: Alert = {
  name: 'DualStackEvaluationStale',
  expressions: {
    warning: `time() - ${maxBy(['report'], 'dualstack_report_last_evaluation_timestamp_seconds')} > ${OLDEST_EVALUATION_S}
unless ${on('report')}
${NOT_READY}
unless ${on()}
${NO_LEADER}`,
  },
  forMinutes: 5,
  summary: `DualStackReport {{ $labels.report }}${OF_CLUSTER} was last evaluated {{ $value | humanizeDuration }} ago`,
  description: 'The leader does not evaluate the cluster or does not write the report. The findings in the report may be out of date.',
};
