import type { WorkloadShare } from '../cluster/single-family-pods.ts';
import type { RemediationStep } from './check.ts';
import { controllerOf, keepsAddress, KEPT_ADDRESS, LET_JOBS_END, migrateMachines, restartBy } from './restart-pod.ts';

/** What `kubectl rollout restart` takes. */
const RESTARTABLE = ['Deployment', 'DaemonSet', 'StatefulSet'];

type Opens = Pick<RemediationStep, 'exposes'>;

/** So many workloads are restarted by the command. */
const MOST_RESTARTED = 3;

/** Restarts the pods of some workloads, by what does that: not every controller takes the same, and some lose more than their pods. */
export function restartsOf(workloads: readonly WorkloadShare[], opens: Opens): readonly RemediationStep[] {
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

function rollOut(workloads: readonly WorkloadShare[], opens: Opens): RemediationStep {
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
function replaceByHand(workloads: readonly WorkloadShare[], opens: Opens): RemediationStep {
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
