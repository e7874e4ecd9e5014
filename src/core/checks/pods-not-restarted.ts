import { DUAL_IPV4_FIRST, familyWords, missingFrom } from '../net/addresses.ts';
import { PODS_AFTER_LOSS, podsOfNetworkThat } from '../cluster/reach.ts';
import { podExposure } from './remedies.ts';
import { workloadWords } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { lookAtNamespaces } from './requested-family.ts';
import { restartsOf } from './restart-workloads.ts';
import { violation, type ClusterCheck, type Description, type Violation } from './check.ts';

/** The stage of a migration between the pod network and its pods. */
export const podsNotRestarted: ClusterCheck = {
  name: 'PodsNotRestarted',
  kind: 'Cluster',
  severity: 'Warning',
  description: 'Pods that started before the pod network had both families still have one.',
  rationale:
    'A pod gets its addresses once, when it starts, so a second family does not reach pods that already run. This check counts, by ' +
    'workload, the pods that started more than ten minutes before the first pod with both families on their node, or in the ' +
    'cluster if their node has none. A reboot of the machine counts as a start of its pods. A pod does not count if it would get no more today: it takes its address from a node with ' +
    'podCIDRs of one family, or its node has no address of the family and gives it to no pod. Neither these pods nor the CNI plugin on their nodes is the cause. ' +
    'If the pod network has lost the family since, NodePodNetworkFamilyLost is the cause, and a restart now changes nothing. This is Info if Namespaces are not known and each of these pods is in a namespace all of whose pods have the same one family, because ' +
    'an annotation of the Namespace may request it.',
  remediation: 'Restart the workloads of these pods.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: podsOfNetworkThat((pod, view) => view.singleFamilyPods.isOld(pod)),
  // Nodes first: those of a conversion take their pods with them. And a pod that restarts after a loss gets no more than it has.
  comesAfter: ({ migration, explains }, view) =>
    (migration?.stage === 'NodeAddresses' && view.conversion.isUnderWay) || explains === PODS_AFTER_LOSS,
  migration: { stage: 'PodNetwork' },
};

function evaluate(view: ClusterView): Violation | undefined {
  const { lackedByOld, mayAllOldBeRequested } = view.singleFamilyPods;
  return violation(lackedByOld, 0, mayAllOldBeRequested ? 'Info' : undefined);
}

function describe({ families }: Violation, view: ClusterView): Description {
  const workloads = view.singleFamilyPods.oldByWorkload();
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))]
    .filter((one) => view.singleFamilyPods.mayBeRequestedBy(one))
    .sort();
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
        ...(namespaces.length > 0 ? lookAtNamespaces(namespaces, view.singleFamilyPods.whyNotKnown) : []),
        ...restartsOf(workloads, { exposes: podExposure(families) }),
      ],
    },
  };
}
