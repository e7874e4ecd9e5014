import type { Scope } from '../overview/counts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { meets } from '../kinds/label-selector.ts';
import type { LabelSet } from '../kinds/labels.ts';
import type { NamespaceSelector } from './types.ts';

/**
 * The namespaces that a report's selector takes in. An absent or empty selector takes in all, also those whose Namespace is not
 * known; any other takes in only what is known to match.
 */
export function scopeOf(selector: NamespaceSelector | undefined, store: ClusterStore): Scope {
  if (!selectsSome(selector)) return () => true;
  return (name) => {
    const namespace = store.namespaces.get(name);
    return namespace !== undefined && matches(selector, namespace.labels);
  };
}

/** Whether a selector does not simply take in all namespaces. */
export function selectsSome(selector: NamespaceSelector | undefined): selector is NamespaceSelector {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return Object.keys(matchLabels).length > 0 || matchExpressions.length > 0;
}

/** Kubernetes' label selector: every label and every requirement has to match. */
function matches({ matchLabels = {}, matchExpressions = [] }: NamespaceSelector, labels: LabelSet): boolean {
  const values = new Map(labels);
  return (
    Object.entries(matchLabels).every(([key, value]) => values.get(key) === value) &&
    matchExpressions.every((requirement) => meets(requirement, values.get(requirement.key)))
  );
}
