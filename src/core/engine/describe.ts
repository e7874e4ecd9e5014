import type { Description, RemediationStep, Share } from '../checks/check.ts';
import type { Facts, FactsKind } from '../kinds/facts.ts';
import { CLUSTER, isCluster, type Finding } from './finding.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { ClusterView } from '../cluster/view.ts';
import { printable } from '../words.ts';

/** On how many objects a finding on the cluster is, of how many, and the keys of these. */
export interface Behind {
  readonly share: Share;
  readonly keys: Iterable<string>;
}

/**
 * A finding in words, from the facts as they are now.
 * @param behind what a finding on the cluster represents
 */
export function describeFinding(finding: Finding, store: ClusterStore, view: ClusterView, behind: Behind): Description {
  const { message, remediation } = wordsFor(finding, store, view, behind);
  return {
    message: printable(message),
    remediation: { summary: printable(remediation.summary), steps: remediation.steps.map(printableStep) },
  };
}

/** Commands and patches contain only names and addresses that have been validated; a description may quote what an object says. */
function printableStep(step: RemediationStep): RemediationStep {
  return { ...step, description: printable(step.description) };
}

function wordsFor(finding: Finding, store: ClusterStore, view: ClusterView, { share, keys }: Behind): Description {
  const { check, families, severity } = finding;
  const inGeneral: Description = { message: check.description, remediation: { summary: check.remediation, steps: [] } };
  if (check.kind === CLUSTER.kind) return check.describe({ families, due: 0 }, view);
  if (isCluster(finding.object)) return check.rollUp?.describe(families, share, view, factsOf(keys, check.kind, store)) ?? inGeneral;
  // Where the object is gone, the next evaluation will see that.
  const facts = store.objects(check.kind).get(finding.key);
  return facts ? check.describe(facts, { families, severity, due: 0 }, view) : inGeneral;
}

function* factsOf(keys: Iterable<string>, kind: FactsKind, store: ClusterStore): Generator<Facts> {
  const objects = store.objects(kind);
  for (const key of keys) {
    const facts = objects.get(key);
    if (facts) yield facts;
  }
}
