import type { Description, Share, Verdict } from './checks/check.ts';
import type { Finding } from './finding.ts';
import type { Inventory } from './inventory.ts';
import type { ClusterView } from './view.ts';
import { printable } from './words.ts';

/**
 * A finding in words, from the facts as they are now.
 * @param share how many nodes a finding on the cluster stands for, and of how many
 */
export function describeFinding(finding: Finding, inventory: Inventory, view: ClusterView, share: Share): Description {
  const { message, remediation } = wordsFor(finding, inventory, view, share);
  return { message: printable(message), remediation: { ...remediation, description: printable(remediation.description) } };
}

function wordsFor(finding: Finding, inventory: Inventory, view: ClusterView, share: Share): Description {
  const { check, key, families, severity } = finding;
  if (finding.object.kind === 'Cluster') return clusterDescription(finding, view, share);
  const verdict: Verdict = { families, severity, due: 0 };
  const described = describeObject(check, key, verdict, inventory, view);
  return described ?? { message: check.description, remediation: { description: check.remediation } };
}

function clusterDescription({ check, families }: Finding, view: ClusterView, share: Share): Description {
  if (check.kind === 'Cluster') return check.describe({ families, due: 0 }, view);
  const rollUp = check.kind === 'Node' ? check.rollUp : undefined;
  return rollUp?.describe(families, share) ?? { message: check.description, remediation: { description: check.remediation } };
}

/** undefined where the object is gone, which the next evaluation will see. */
function describeObject(
  check: Finding['check'],
  key: string,
  verdict: Verdict,
  inventory: Inventory,
  view: ClusterView,
): Description | undefined {
  switch (check.kind) {
    case 'Cluster':
      return undefined;
    case 'Node': {
      const node = inventory.nodes.get(key);
      return node && check.describe(node, verdict, view);
    }
    case 'Pod': {
      const pod = inventory.pods.get(key);
      return pod && check.describe(pod, verdict, view);
    }
    case 'Service': {
      const service = inventory.services.get(key);
      return service && check.describe(service, verdict, view);
    }
  }
}
