import type { Remediation } from './checks/check.ts';
import type { NodeFacts, PodFacts, ServiceFacts } from './facts.ts';

/** How to have a new pod in place of one: deleting it is right only where a controller makes a new one. */
export function restartPod({ namespace, name, nodeName, mirror, controlled }: PodFacts): Remediation {
  if (mirror) return { description: `Restart the static pod: move its manifest out of the manifest folder of node ${nodeName} and back.` };
  if (controlled) {
    return {
      description: 'Delete the pod; its controller makes a new one.',
      command: `kubectl delete pod ${name} --namespace ${namespace}`,
    };
  }
  return {
    description: 'No controller would make a new one if the pod were deleted: replace it by an equal one.',
    command: `kubectl get pod ${name} --namespace ${namespace} --output yaml | kubectl replace --force --filename -`,
  };
}

/** Takes a node out, so that it registers anew when its kubelet restarts: the only way to other podCIDRs (rule N2). */
export function takeNodeOut({ name }: NodeFacts): string {
  return `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data && kubectl delete node ${name}`;
}

/** Shows the EndpointSlices of a Service. */
export function showSlices({ namespace, name }: ServiceFacts): string {
  return `kubectl get endpointslices --namespace ${namespace} --selector kubernetes.io/service-name=${name}`;
}
