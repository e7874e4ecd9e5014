import { isDual, joinWithOr, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import { NODE_AFTER_LOSS } from '../cluster/reach.ts';
import { podSkipReason } from '../kinds/skipped.ts';
import { lackedByOnePodOn } from '../cluster/lone-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { describeOutage } from './family-outage.ts';
import { podExposure } from './remedies.ts';
import { restartPod } from './restart-pod.ts';
import { runtimeFix } from './runtime-fix.ts';
import { violation, type Description, type PodCheck, type RemediationStep, type Violation } from './check.ts';

/** rules.md#families-a-node-gives, #skipped-pods. */
export const podFamilyMissing: PodCheck = {
  name: 'PodFamilyMissing',
  kind: 'Pod',
  severity: 'Warning',
  description: 'A running pod of the pod network lacks a family that other pods on its node, or other pods of its workload, have.',
  rationale:
    'A pod gets its addresses when it starts and keeps them. A pod that started before a migration, or while the CNI plugin was ' +
    'broken, stays single-stack. Services that select the pod omit it for that family, without an error (KEP-563). Three cases are ' +
    'not reported here: pods that request one family (`cni.projectcalico.org/ipFamilies`, `ipAddrs`, ' +
    '`ovn.kubernetes.io/ip_family`, `ipam.antrea.io/ippools`), pods of a workload whose pods all have one family (WorkloadSingleFamily), and pods that ' +
    'started before the second family was available (PodsNotRestarted). If no pod on the node has the family, ' +
    'the finding is on the node and not on the pod, except for a pod that is alone on its node and whose workload has pods with both ' +
    'families on other nodes. If all newer pods lack a family that older ones have, NodePodNetworkFamilyLost is the cause. ' +
    'If pods of at least three workloads lack a family because all of them started in a period in which no pod got it, on a node or in the cluster, while ' +
    'pods before and after the period have it, they are one finding on the cluster.',
  remediation: 'Replace the pod: a pod gets its addresses only when it starts.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  causedThrough: NODE_AFTER_LOSS,
  migration: { stage: 'PodNetwork' },
  // One fault, which is over, made all of them.
  rollUp: { over: 'together', describe: (families, _share, view, pods) => describeOutage(families, pods, view) },
};

/** A pod that is not ready counts too, and one that is ready proves nothing: rules.md#probes-use-one-family. */
function evaluate(pod: PodFacts, view: ClusterView): Violation | undefined {
  if (isDual(pod.families) || podSkipReason(pod)) return undefined;
  const node = view.node(pod.nodeName);
  const given = node && view.familiesGivenBy(node);
  if (!given) return undefined;
  if (view.isOnPurpose(pod) || view.singleFamilyPods.isOld(pod) || view.singleFamilyPods.isOfOneFamily(pod)) return undefined;
  const { having } = view.podsOn(node);
  const alone = familiesOfSiblings(pod, node, view);
  const missing = listOf(missingFrom(pod.families, given).filter((family) => having[family] > 0 || alone.includes(family)));
  const mayBeOnPurpose = view.singleFamilyPods.isAfterLoss(pod) && !view.isReliedOn(missing);
  const found = violation(missing, pod.startedAt + view.grace.pod, mayBeOnPurpose ? 'Info' : undefined);
  return found && view.singleFamilyPods.outageOf(pod) ? { ...found, together: true } : found;
}

/**
 * The families that a pod lacks which alone shows what its node gives, while others of its workload have them. Where the node has no address of a family,
 * that is the likelier cause.
 */
function familiesOfSiblings(pod: PodFacts, node: NodeFacts, view: ClusterView): FamilyList {
  if (!view.singleFamilyPods.hasDualSibling(pod)) return NO_FAMILY;
  return listOf(lackedByOnePodOn(node, view).filter((family) => node.addressFamilies.includes(family)));
}

function describe(pod: PodFacts, { families }: Violation, view: ClusterView): Description {
  const node = view.node(pod.nodeName);
  const isAlone = node !== undefined && families.every((family) => view.podsOn(node).having[family] === 0);
  const having = isAlone ? `pods of ${pod.owner} on other nodes have` : `other pods on node ${pod.nodeName} have`;
  const restart = restartPod(pod, view, podExposure(families));
  return {
    message: `Pod ${pod.namespace}/${pod.name} has only ${pod.addresses.join(', ')} and no ${joinWithOr(families)}, which ${having}`,
    remediation:
      runtimeFix([pod], families, view) ??
      (isAlone ? { ...restart, steps: [...restart.steps, lookAtNode(pod.nodeName, families)] } : restart),
  };
}

/** One pod does not show whether it is an accident or what the node gives. */
function lookAtNode(nodeName: string, families: FamilyList): RemediationStep {
  return {
    description: `See whether a new pod on node ${nodeName} gets ${joinWithOr(families)}. If it does not, compare the pod of the CNI plugin on this node, its configuration and its log, with those on other nodes.`,
    command: `kubectl get pods --all-namespaces --field-selector spec.nodeName=${nodeName} -o wide`,
    disruption: 'None',
  };
}
