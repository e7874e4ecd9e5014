import { joinWithOr, familyWords, type FamilyList } from '../net/addresses.ts';
import type { Remediation, RemediationStep } from './check.ts';
import type { PodFacts, ServiceFacts } from '../kinds/facts.ts';

/** What has to be given to an object that lacks families: `an IPv6 address`. */
export function missingAddresses(families: FamilyList): string {
  return families.length === 1 ? `an ${familyWords(families)} address` : `${familyWords(families)} addresses`;
}

/** A pod that gets a family can be reached by it, and a rule for the other family says nothing about that. */
export function podExposure(families: FamilyList): string {
  const words = familyWords(families);
  return `The new pods, at their ${words} addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.`;
}

/** What listens on all addresses of a node is open on a new one, too. */
export function nodeExposure(families: FamilyList): string {
  return `Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their ${familyWords(families)} addresses.`;
}

/**
 * How to have a new pod in place of one: deleting it is right only where a controller makes a new one.
 * @param exposes what can be reached once the new pod runs
 */
export function restartPod(pod: PodFacts, exposes?: string): Remediation {
  const { namespace, name, nodeName, mirror, controlled } = pod;
  const step = { disruption: 'RestartsPods', ...(exposes === undefined ? {} : { exposes }) } as const;
  if (mirror) {
    return {
      summary: 'Restart the static pod.',
      steps: [
        {
          ...step,
          description: `Move its manifest out of the manifest folder of node ${nodeName}, wait until the pod is gone, and move it back. What the pod serves is away until then.`,
        },
      ],
    };
  }
  if (controlled) {
    return {
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [
        {
          ...step,
          description: 'Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.',
          command: `kubectl delete pod ${name} --namespace ${namespace}`,
        },
      ],
    };
  }
  return {
    summary: 'Replace the pod with an equal one, since no controller would make a new one.',
    steps: [
      {
        ...step,
        description:
          'Delete the pod and create it again from its own manifest. It loses its emptyDir volumes, gets other addresses, and serves nothing until it runs again.',
        command: `kubectl get pod ${name} --namespace ${namespace} --output yaml | kubectl replace --force --filename -`,
      },
    ],
  };
}

/** Shows the EndpointSlices of a Service. */
export function showSlices({ namespace, name }: ServiceFacts): RemediationStep {
  return {
    description: 'See which pods the EndpointSlices of the Service have, by family.',
    command: `kubectl get endpointslices --namespace ${namespace} --selector kubernetes.io/service-name=${name}`,
    disruption: 'None',
  };
}

/** Gives the pods of a Service a family that some of them lack. */
export function restartPodsOf(families: FamilyList): RemediationStep {
  return {
    description: `Fix what causes this finding, where the report names a cause; then restart the pods without ${joinWithOr(families)}. A pod gets its addresses when it starts.`,
    disruption: 'RestartsPods',
    exposes: podExposure(families),
  };
}
