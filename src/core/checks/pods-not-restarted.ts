import { DUAL_IPV4_FIRST, familyWords, missingFrom } from '../net/addresses.ts';
import { podsOfNetworkThat } from '../cluster/reach.ts';
import { podExposure } from './remedies.ts';
import { workloadWords, type WorkloadShare } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type ClusterCheck, type Description, type Violation } from './check.ts';

/** What `kubectl rollout restart` takes. */
const RESTARTABLE = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

/** So many workloads are restarted by the command. */
const MOST_RESTARTED = 3;

/** The stage of a migration between the pod network and its pods. */
export const podsNotRestarted: ClusterCheck = {
  name: 'PodsNotRestarted',
  kind: 'Cluster',
  severity: 'Warning',
  description: 'Pods that started before the pod network had both families still have one.',
  rationale:
    'A pod gets its addresses once, when it starts, so a second family does not reach pods that already run. This check counts, by ' +
    'workload, the pods that started more than ten minutes before the first pod with both families on their node, or in the ' +
    'cluster if their node has none. A pod that takes its address from a node with podCIDRs of one family does not count, because it ' +
    'would get no more today. Neither these pods nor the CNI plugin on their nodes is the cause.',
  remediation: 'Restart the workloads of these pods.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: podsOfNetworkThat((pod, view) => view.singleFamilyPods.isOld(pod)),
  migration: { stage: 'PodNetwork' },
};

function evaluate(view: ClusterView): Violation | undefined {
  return violation(view.singleFamilyPods.lackedByOld);
}

function describe({ families }: Violation, view: ClusterView): Description {
  const workloads = view.singleFamilyPods.oldByWorkload();
  const pods = workloads.reduce((sum, share) => sum + share.pods, 0);
  return {
    message: `${pods} of ${view.singleFamilyPods.total} pods started before the pod network gave ${familyWords(families)}: ${workloadWords(workloads)}`,
    remediation: {
      summary: 'Restart the workloads of these pods.',
      steps: [
        {
          description: `Look for NetworkPolicies whose ipBlocks are of ${familyWords(missingFrom(families, DUAL_IPV4_FIRST))} only: they do not cover the new addresses.`,
          disruption: 'None',
        },
        {
          description: 'Restart the workloads, one after the other. Each replaces its pods by its own update strategy.',
          ...commandFor(workloads),
          disruption: 'RestartsPods',
          exposes: podExposure(families),
        },
      ],
    },
  };
}

function commandFor(workloads: readonly WorkloadShare[]): { readonly command?: string } {
  const restarts = workloads
    .filter(({ owner }) => RESTARTABLE.has(owner.slice(0, owner.indexOf('/'))))
    .slice(0, MOST_RESTARTED)
    .map(({ namespace, owner }) => `kubectl rollout restart ${owner.toLowerCase()} --namespace ${namespace}`);
  return restarts.length > 0 ? { command: restarts.join(' && ') } : {};
}
