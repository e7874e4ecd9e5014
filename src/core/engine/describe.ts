import type { Description, RemediationStep, Share } from '../checks/check.ts';
import { CLUSTER, isCluster, type Finding } from './finding.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { ClusterView } from '../cluster/view.ts';
import { printable } from '../words.ts';

/**
 * A finding in words, from the facts as they are now.
 * @param share how many nodes a finding on the cluster represents, and of how many
 */
export function describeFinding(finding: Finding, store: ClusterStore, view: ClusterView, share: Share): Description {
  const { message, remediation } = wordsFor(finding, store, view, share);
  return {
    message: printable(message),
    remediation: { summary: printable(remediation.summary), steps: remediation.steps.map(printableStep) },
  };
}

/** Commands and patches contain only names and addresses that have been validated; a description may quote what an object says. */
function printableStep(step: RemediationStep): RemediationStep {
  return { ...step, description: printable(step.description) };
}

function wordsFor(finding: Finding, store: ClusterStore, view: ClusterView, share: Share): Description {
  const { check, families, severity } = finding;
  const inGeneral: Description = { message: check.description, remediation: { summary: check.remediation, steps: [] } };
  if (check.kind === CLUSTER.kind) return check.describe({ families, due: 0 }, view);
  if (isCluster(finding.object)) return check.rollUp?.describe(families, share, view) ?? inGeneral;
  // Where the object is gone, the next evaluation will see that.
  const facts = store.objects(check.kind).get(finding.key);
  return facts ? check.describe(facts, { families, severity, due: 0 }, view) : inGeneral;
}
