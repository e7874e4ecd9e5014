import type { Severity } from '../../src/core/checks/check.ts';
import { maxBy, oneOf } from './promql.ts';
import type { AlertSeverity } from './rule.ts';

/**
 * What severity the alerts on findings have. Drift harms nobody at once, and so wakes nobody: what it has led to has alerts of its
 * own. What is only info makes no alert.
 */
export const SEVERITY_OF = { Critical: 'warning', Warning: 'info' } as const satisfies Partial<Record<Severity, AlertSeverity>>;

export type AlertedSeverity = keyof typeof SEVERITY_OF;

/**
 * How many root causes there are of checks. They are counted for each report, and several reports hold the same ones: the report that has the
 * most represents all of them.
 *
 * @param checks the names of checks
 * @param labels that distinguish them
 */
export function rootCauses(severity: AlertedSeverity, checks: readonly string[], labels: readonly string[] = []): string {
  return maxBy(labels, `dualstack_root_causes{severity="${severity}",${oneOf('check', checks)}}`);
}
