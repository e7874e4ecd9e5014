import type { PodFacts } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { Remediation, RemediationStep } from './check.ts';
import { restartStaticPod } from './restart-static-pod.ts';

/** Controllers that make an equal pod in place of one that is deleted, and lose nothing but that pod. */
const RECREATING: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet']);

/** The label by which CloudNativePG finds its pods: other operators have a kind Cluster too. */
const CNPG = 'cnpg.io/cluster';

type Opens = Pick<RemediationStep, 'exposes'>;

/** The kind and the name of a pod's controller. */
export function controllerOf(owner: string): readonly [kind: string, name: string] {
  const slash = owner.indexOf('/');
  return [owner.slice(0, Math.max(slash, 0)), owner.slice(slash + 1)];
}

/** So many pods are deleted by one command. */
const MOST_DELETED = 5;

/** Whether deleting a pod is how to restart it. One with a controller that is not named is taken for such. */
export function isRecreated({ controlled, mirror, owner }: PodFacts): boolean {
  return controlled && !mirror && (owner === '' || RECREATING.has(controllerOf(owner)[0]));
}

/**
 * How to have a new pod in place of one: deleting it is right only where its controller makes an equal one, and no more is lost.
 * @param exposes what can be reached once the new pod runs
 */
export function restartPod(pod: PodFacts, view: ClusterView, exposes?: string): Remediation {
  const opens: Opens = exposes === undefined ? {} : { exposes };
  if (pod.mirror) return restartStaticPod(pod, view, opens);
  if (!pod.controlled) return replaceBarePod(pod, opens);
  return isRecreated(pod) ? deletePod(pod, opens) : restartByController(pod, opens);
}

function deletePod(pod: PodFacts, opens: Opens): Remediation {
  return {
    summary: 'Delete the pod, so that its controller makes a new one.',
    steps: [
      {
        ...opens,
        description: `Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.${keepsAddress(pod) ? KEPT_ADDRESS : ''}`,
        command: `kubectl delete pod ${pod.name} --namespace ${pod.namespace}`,
        disruption: 'RestartsPods',
      },
    ],
  };
}

/** Deletes some host-network pods that their controllers make again: they are few of their workloads, and the others need no restart. */
export function deleteHostPods(pods: readonly PodFacts[], opens: Opens): readonly RemediationStep[] {
  if (pods.length === 0) return [];
  const deleted = pods.slice(0, MOST_DELETED);
  const some = deleted.length < pods.length ? ` The command deletes ${deleted.length} of ${pods.length}.` : '';
  const commands = deleted.map(({ name, namespace }) => `kubectl delete pod ${name} --namespace ${namespace}`);
  return [
    {
      ...opens,
      description: `Where a workload has only one such pod, delete that pod, one after the other: its controller makes a new one. Each loses its emptyDir volumes.${some}`,
      command: commands.join(' && '),
      disruption: 'RestartsPods',
    },
  ];
}

/** Said where Kube-OVN has pods of a StatefulSet in a subnet of its own. */
export const KEPT_ADDRESS =
  ' Kube-OVN keeps the addresses of the pods of a StatefulSet, so a new pod may get the old one only: verify the first one before you restart more.';

/** Whether its network gives the new pod the address of the old one. */
export function keepsAddress({ owner, subnet }: Pick<PodFacts, 'owner' | 'subnet'>): boolean {
  return subnet !== '' && controllerOf(owner)[0] === 'StatefulSet';
}

function replaceBarePod({ name, namespace }: PodFacts, opens: Opens): Remediation {
  return {
    summary: 'Replace the pod with an equal one, since no controller would make a new one.',
    steps: [
      {
        description: `Save its manifest, and remove from ${name}.yaml the annotations that the CNI plugin wrote, such as those of ovn.kubernetes.io and k8s.ovn.org: with them, the new pod can get the old addresses.`,
        command: `kubectl get pod ${name} --namespace ${namespace} --output yaml > ${name}.yaml`,
        disruption: 'None',
      },
      {
        ...opens,
        description:
          'Delete the pod and create it again from this manifest. It loses what it works on and its emptyDir volumes, gets other addresses, and serves nothing until it runs again.',
        command: `kubectl replace --force --filename ${name}.yaml`,
        disruption: 'RestartsPods',
      },
    ],
  };
}

/** A controller whose pods are more than one of many equal ones. */
function restartByController(pod: PodFacts, opens: Opens): Remediation {
  const [kind, name] = controllerOf(pod.owner);
  if (kind === 'Job') return { summary: 'Let the Job of the pod end.', steps: [LET_JOBS_END] };
  if (kind === 'VirtualMachineInstance') {
    return { summary: 'Live-migrate the virtual machine, so that it moves to a new pod.', steps: [migrateMachines([pod], opens)] };
  }
  if (kind === 'Cluster' && pod.labels.some(([key]) => key === CNPG))
    return { summary: 'Restart the PostgreSQL cluster.', steps: [restartPostgres(pod.namespace, name, opens)] };
  return { summary: `Restart the pod by its controller, ${kind} ${name}.`, steps: [restartBy(`${kind} ${name}`, opens)] };
}

/** A Job that runs keeps its pods. */
export const LET_JOBS_END: RemediationStep = {
  description: 'Let Jobs end: their next pods get addresses of both families. Deleting a pod of a Job loses its work.',
  disruption: 'None',
};

/** Moves virtual machines to new pods. */
export function migrateMachines(shares: readonly Pick<PodFacts, 'namespace' | 'owner'>[], opens: Opens): RemediationStep {
  return {
    ...opens,
    description:
      'Live-migrate virtual machines: each moves to a new pod, and keeps running. Deleting the pod stops the machine. Restart a machine that cannot be migrated at a time when it may be down.',
    command: shares.map(({ namespace, owner }) => `virtctl migrate ${controllerOf(owner)[1]} --namespace ${namespace}`).join(' && '),
    disruption: 'RestartsPods',
  };
}

function restartPostgres(namespace: string, name: string, opens: Opens): RemediationStep {
  return {
    ...opens,
    description:
      'Let CloudNativePG restart all instances of this cluster, one after the other. Clients lose their connections to each, and the primary may change.',
    command: `kubectl cnpg restart ${name} --namespace ${namespace}`,
    disruption: 'RestartsPods',
  };
}

/** Where nothing is known of how a controller treats its pods. */
export function restartBy(controllers: string, opens: Opens): RemediationStep {
  return {
    ...opens,
    description: `Do not delete these pods: that may stop what they serve, or lose data. Restart them by what their operator has for that: ${controllers}.`,
    disruption: 'RestartsPods',
  };
}
