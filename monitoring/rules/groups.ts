import { RUNBOOKS } from '../settings.ts';
import { CLUSTER_ALERTS, OPERATOR_ALERTS } from './alerts/index.ts';
import { RECORDINGS } from './recordings.ts';
import type { Alert, Recording } from './rule.ts';

/** A group of rules as a rule file has it. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertingRule | RecordingRule)[];
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface GroupOptions {
  /** Where the runbooks are; what is in settings.ts by default. */
  readonly runbooks?: string;
  /** A factor on how long expressions have to be true; 1 by default. */
  readonly forScale?: number;
}

/** All rules, as a rule file has them: what alerts read is recorded before they do. */
export function ruleGroups({ runbooks = RUNBOOKS, forScale = 1 }: GroupOptions = {}): readonly RuleGroup[] {
  const alerting = (alert: Alert): readonly AlertingRule[] => alertingRules(alert, runbooks, forScale);
  return [
    { name: 'dualstack.rules', rules: RECORDINGS.map(recordingRule) },
    { name: 'dualstack.cluster', rules: CLUSTER_ALERTS.flatMap(alerting) },
    { name: 'dualstack.operator', rules: OPERATOR_ALERTS.flatMap(alerting) },
  ];
}

/** The address of an alert's runbook: headings become anchors in lower case. */
export function runbookOf({ name }: Alert, runbooks: string): string {
  return `${runbooks}#${name.toLowerCase()}`;
}

function alertingRules(alert: Alert, runbooks: string, forScale: number): readonly AlertingRule[] {
  const { name, expressions, forMinutes, summary, description } = alert;
  const annotations = { summary: `${summary}.`, description, runbook_url: runbookOf(alert, runbooks) };
  return Object.entries(expressions).map(([severity, expr]) => ({
    alert: name,
    expr,
    for: duration(forMinutes * forScale),
    labels: { severity },
    annotations,
  }));
}

function recordingRule({ name, expression, labels }: Recording): RecordingRule {
  return labels ? { record: name, expr: expression, labels } : { record: name, expr: expression };
}

/** Minutes as Prometheus writes them, in seconds where they are not whole. */
function duration(minutes: number): string {
  return Number.isInteger(minutes) ? `${minutes}m` : `${Math.round(minutes * 60)}s`;
}
