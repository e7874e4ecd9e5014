import { DUAL_IPV4_FIRST, familyWords, missingFrom } from '../net/addresses.ts';
import { podsOfNetworkThat } from '../cluster/reach.ts';
import { podExposure } from './remedies.ts';
import { workloadWords, type WorkloadShare } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { controllerOf, keepsAddress, KEPT_ADDRESS, LET_JOBS_END, migrateMachines, restartBy } from './restart-pod.ts';
import { violation, type ClusterCheck, type Description, type RemediationStep, type Violation } from './check.ts';

/** What `kubectl rollout restart` takes. */
const RESTARTABLE = ['Deployment', 'DaemonSet', 'StatefulSet'];

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
    'cluster if their node has none. A pod does not count if it would get no more today: it takes its address from a node with ' +
    'podCIDRs of one family, or its node has no address of the family and gives it to no pod. Neither these pods nor the CNI plugin on their nodes is the cause.',
  remediation: 'Restart the workloads of these pods.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: podsOfNetworkThat((pod, view) => view.singleFamilyPods.isOld(pod)),
  // Nodes first: those of a conversion take their pods with them.
  comesAfter: ({ migration }, view) => migration?.stage === 'NodeAddresses' && view.conversion.isUnderWay,
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
        ...restartsOf(workloads, { exposes: podExposure(families) }),
      ],
    },
  };
}

/** By what restarts them: not every controller takes the same, and some lose more than their pods. */
function restartsOf(workloads: readonly WorkloadShare[], opens: { readonly exposes: string }): readonly RemediationStep[] {
  const byWay = Map.groupBy(workloads, wayOf);
  const rolled = byWay.get('rollout') ?? [];
  const machines = byWay.get('migrate') ?? [];
  const bare = byWay.get('bare') ?? [];
  const others = byWay.get('other') ?? [];
  return [
    ...(rolled.length > 0 ? [rollOut(rolled, opens)] : []),
    ...(machines.length > 0 ? [migrateMachines(machines.slice(0, MOST_RESTARTED), opens)] : []),
    ...(byWay.has('job') ? [LET_JOBS_END] : []),
    ...(bare.length > 0 ? [replaceByHand(bare, opens)] : []),
    ...(others.length > 0 ? [restartBy(namesOf(others), opens)] : []),
  ];
}

type Way = 'rollout' | 'migrate' | 'job' | 'bare' | 'other';

const WAYS: ReadonlyMap<string, Way> = new Map<string, Way>([
  ...RESTARTABLE.map((kind) => [kind, 'rollout'] as const),
  ['VirtualMachineInstance', 'migrate'],
  ['Job', 'job'],
  ['ReplicaSet', 'bare'],
  ['ReplicationController', 'bare'],
  ['', 'bare'],
]);

function wayOf({ owner }: WorkloadShare): Way {
  return WAYS.get(controllerOf(owner)[0]) ?? 'other';
}

function rollOut(workloads: readonly WorkloadShare[], opens: { readonly exposes: string }): RemediationStep {
  const restarts = workloads
    .slice(0, MOST_RESTARTED)
    .map(({ namespace, owner }) => `kubectl rollout restart ${owner.toLowerCase()} --namespace ${namespace}`);
  return {
    description: `Restart the workloads, one after the other. Each replaces its pods by its own update strategy.${workloads.some(keepsAddress) ? KEPT_ADDRESS : ''}`,
    command: restarts.join(' && '),
    disruption: 'RestartsPods',
    ...opens,
  };
}

/** No command rolls these out. */
function replaceByHand(workloads: readonly WorkloadShare[], opens: { readonly exposes: string }): RemediationStep {
  return {
    description: `Delete the pods of ReplicaSets and ReplicationControllers one by one, and create pods without a controller again from their own manifests, without the annotations that the CNI plugin wrote (${namesOf(workloads)}).`,
    disruption: 'RestartsPods',
    ...opens,
  };
}

function namesOf(workloads: readonly WorkloadShare[]): string {
  const names = workloads.slice(0, MOST_RESTARTED).map(({ namespace, owner }) => `${namespace}/${owner}`);
  const more = workloads.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
