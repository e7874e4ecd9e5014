import { maxBy, sumBy } from '../rules/promql.ts';
import { CLUSTER_LABEL } from '../settings.ts';

/** A query of a panel, and the name of its series. */
export interface Query {
  readonly expr: string;
  /** Grafana's template of the legend, such as `{{families}}`. */
  readonly legend?: string;
}

/** The chosen cluster; All takes series without the label too. */
const CLUSTER = `${CLUSTER_LABEL}=~"$cluster"`;

/** The chosen replicas, by the labels of their targets. */
export const OF_TARGETS = 'job=~"$job", pod=~"$pod"';

/** The series that belong to the chosen namespaces; All takes those on nodes and on the cluster too, whose namespace is empty. */
export const IN_NAMESPACES = 'namespace=~"$namespace"';

/** What the chosen report says. */
export const OF_REPORT = 'report="$report"';

/**
 * What all replicas measure alike, once. Two replicas, or two addresses of one, never double a number.
 * @param labels what to keep beside the cluster
 * @param matchers such as `layer="nodes"`
 */
export function latest(metric: string, labels: readonly string[], ...matchers: readonly string[]): string {
  return maxBy(labels, selector(metric, matchers));
}

/** What one replica measures of itself, once for all addresses under which it is scraped. */
export function ofReplica(metric: string, labels: readonly string[], ...matchers: readonly string[]): string {
  return latest(metric, ['pod', ...labels], OF_TARGETS, ...matchers);
}

/** How fast a counter of one replica grows, a second. */
export function rateOfReplica(metric: string, labels: readonly string[], ...matchers: readonly string[]): string {
  return maxBy(['pod', ...labels], `rate(${selector(metric, [OF_TARGETS, ...matchers])}[$__rate_interval])`);
}

/** How much a counter of all replicas grows, a minute. */
export function perMinute(counter: string, ...labels: readonly string[]): string {
  return `60 * ${sum(rateOfReplica(counter, labels), ...labels)}`;
}

/** A sum that keeps the cluster and what is named. */
export function sum(expr: string, ...labels: readonly string[]): string {
  return sumBy(labels, expr);
}

/** A value of a label, with the number that represents it, and how that is shown. */
export interface Code {
  readonly value: string;
  readonly number: number;
  readonly text: string;
  readonly color: string;
}

/**
 * Which of several series, of which one at a time is 1, that is: as a number that a panel shows as a text.
 * @param codes the worst first: it counts where replicas do not agree yet
 * @param query makes the query for a matcher of the label
 */
export function coded(label: string, codes: readonly Code[], query: (matcher: string) => string): string {
  return codes.map(({ value, number }) => `${number} * (${query(`${label}="${value}"`)} == 1)`).join(' or ');
}

/**
 * Gives each series a label `rank`, by which a table can sort severities.
 * @param expr has the label `severity`
 */
export function ranked(expr: string, codes: readonly Code[]): string {
  return codes.reduce((inner, { value, number }) => `label_replace(${inner}, "rank", "${number}", "severity", "${value}")`, expr);
}

/** A query, or 0 where it finds nothing though another one finds something. */
export function orZero(expr: string, other: string): string {
  return `${expr} or 0 * ${other}`;
}

/** A query, or 0 where it finds nothing though the chosen report is up to date. */
export function orNone(expr: string): string {
  return orZero(expr, `(${latest('dualstack_report_condition', [], OF_REPORT, 'type="Ready"', 'status="True"')} == 1)`);
}

/** Which part of all something is; nothing where there is none of it. */
export function share(part: string, all: string): string {
  return `${part} / (${all} > 0)`;
}

function selector(metric: string, matchers: readonly string[]): string {
  return `${metric}{${[CLUSTER, ...matchers].join(', ')}}`;
}
