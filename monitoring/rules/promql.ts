import type { ObjectKind } from '../../src/core/checks/check.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';
import { CLUSTER_LABEL } from '../settings.ts';

/**
 * The most of a metric over whatever measures the same: replicas of the operator, addresses of one replica, and reports where `labels` do
 * not name them. Nothing of the target is left, so that an alert stays the same one when a pod is replaced.
 */
export function maxBy(labels: readonly string[], selector: string): string {
  return `max by (${[CLUSTER_LABEL, ...labels].join(', ')}) (${selector})`;
}

/** The sum over what `maxBy` has distinguished. */
export function sumBy(labels: readonly string[], expression: string): string {
  return `sum by (${[CLUSTER_LABEL, ...labels].join(', ')}) (${expression})`;
}

/** The vector matching of series that agree in these labels, in the same cluster. */
export function on(...labels: readonly string[]): string {
  return `on (${[CLUSTER_LABEL, ...labels].join(', ')})`;
}

/** The names of the checks on these kinds of object. */
export function checksOn(...kinds: readonly ObjectKind[]): readonly string[] {
  return CHECKS.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
}

/** Matches a label that is one of these values, none of which has a character that means something in a regular expression. */
export function oneOf(label: string, values: readonly string[]): string {
  return `${label}${values.length === 1 ? '=' : '=~'}"${values.join('|')}"`;
}
