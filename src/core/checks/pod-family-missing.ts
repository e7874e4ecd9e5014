import { joinWithOr, listOf, missingFrom } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { podSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from '../cluster/view.ts';
import { podExposure } from './remedies.ts';
import { restartPod } from './restart-pod.ts';
import { runtimeFix } from './runtime-fix.ts';
import { violation, type Description, type PodCheck, type Violation } from './check.ts';

/** rules.md#families-a-node-gives, #skipped-pods. */
export const podFamilyMissing: PodCheck = {
  name: 'PodFamilyMissing',
  kind: 'Pod',
  severity: 'Warning',
  description: 'A running pod of the pod network lacks a family that other pods on its node have.',
  rationale:
    'A pod gets its addresses when it starts and keeps them. A pod that started before a migration, or while the CNI plugin was ' +
    'broken, stays single-stack. Services that select the pod omit it for that family, without an error (KEP-563). Three cases are ' +
    'not reported here: pods that request one family (`cni.projectcalico.org/ipFamilies`, `ipAddrs`, ' +
    '`ovn.kubernetes.io/ip_family`, `ipam.antrea.io/ippools`), pods of a workload whose pods all have one family (WorkloadSingleFamily), and pods that ' +
    'started before the second family was available (PodsNotRestarted). If no pod on the node has the family, the finding is on the node and not on the pod.',
  remediation: 'Replace the pod: a pod gets its addresses only when it starts.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  migration: { stage: 'PodNetwork' },
};

/** A pod that is not ready counts too, and one that is ready proves nothing: rules.md#probes-use-one-family. */
function evaluate(pod: PodFacts, view: ClusterView): Violation | undefined {
  if (podSkipReason(pod)) return undefined;
  const node = view.node(pod.nodeName);
  const given = node && view.familiesGivenBy(node);
  if (!given) return undefined;
  if (view.isOnPurpose(pod) || view.singleFamilyPods.isOld(pod) || view.singleFamilyPods.isOfOneFamily(pod)) return undefined;
  const { having } = view.podsOn(node);
  const missing = missingFrom(pod.families, given).filter((family) => having[family] > 0);
  return violation(listOf(missing), pod.startedAt + view.grace.pod);
}

function describe(pod: PodFacts, { families }: Violation, view: ClusterView): Description {
  return {
    message: `Pod ${pod.namespace}/${pod.name} has only ${pod.addresses.join(', ')} and no ${joinWithOr(families)}, which other pods on node ${pod.nodeName} have`,
    remediation: runtimeFix([pod], families, view) ?? restartPod(pod, view, podExposure(families)),
  };
}
