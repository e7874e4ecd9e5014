import { overlap, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { Remediation } from './check.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { podExposure } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';

const BEHIND_THE_PLUGIN =
  'The CNI plugin gave these pods the family, as its annotation on them says, and status.podIPs lacks it: look at what is between the two.';

/** The flag of the one runtime that is known to report one address only. */
const RUNTIME_FIXES: Readonly<Record<string, string>> = {
  docker: 'Give cri-dockerd the flag --ipv6-dual-stack, restart it, then restart the pods (Mirantis/cri-dockerd#504).',
};

/**
 * How to fix pods to which the CNI plugin gave families that the container runtime or the kubelet does not report.
 * @returns undefined where some pod lacks them though its plugin says otherwise, or no plugin says what it gave
 */
export function runtimeFix(pods: Iterable<PodFacts>, families: FamilyList, view: ClusterView): Remediation | undefined {
  const runtimes = new Set<string>();
  for (const pod of pods) {
    const missing = missingFrom(pod.families, families);
    if (missing.length === 0 || pod.pluginFamilies.length === 0) continue;
    if (!overlap(pod.pluginFamilies, missing)) return undefined;
    runtimes.add(view.node(pod.nodeName)?.runtime ?? '');
  }
  if (runtimes.size === 0) return undefined;
  const [runtime = ''] = runtimes;
  const fix = runtimes.size === 1 ? RUNTIME_FIXES[runtime] : undefined;
  return {
    summary: BEHIND_THE_PLUGIN,
    steps: [
      {
        description:
          fix ?? 'Check that the container runtime and the kubelet of their nodes are set up for both families, then restart the pods.',
        disruption: 'RestartsPods',
        exposes: podExposure(families),
      },
    ],
  };
}
