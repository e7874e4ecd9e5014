import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/** One replica that sees it as Ready is enough: what the others cannot do is told by DualStackReflectorFailing. */
export const NOT_READY = `${maxBy(['report'], 'dualstack_report_condition{type="Ready",status="True"}')} == 0`;

export const reportNotReady: Alert = {
  name: 'DualStackReportNotReady',
  expressions: { warning: NOT_READY },
  forMinutes: 10,
  summary: `DualStackReport {{ $labels.report }}${OF_CLUSTER} is not Ready`,
  description: 'Its verdict is missing or stale: what it says may not be true any more, and other alerts may be silent.',
};
