import { maxBy } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

/** One replica that sees it as Ready is enough: DualStackReflectorFailing covers the others. */
export const NOT_READY = `${maxBy(['report'], 'dualstack_report_condition{type="Ready",status="True"}')} == 0`;

export const reportNotReady: Alert = {
  name: 'DualStackReportNotReady',
  expressions: { warning: NOT_READY },
  forMinutes: 10,
  summary: `DualStackReport {{ $labels.report }}${OF_CLUSTER} is not Ready`,
  description: 'The result in the report is missing or stale. Its findings may be out of date, and other alerts may not fire.',
};
