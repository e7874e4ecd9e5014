import type { PodFacts } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { Remediation, RemediationStep } from './check.ts';

/** The resource whose operator rolls out the static pods of a namespace of OpenShift. */
const OPENSHIFT_OPERATORS: Readonly<Record<string, string>> = {
  'openshift-etcd': 'etcd',
  'openshift-kube-apiserver': 'kubeapiserver',
  'openshift-kube-controller-manager': 'kubecontrollermanager',
  'openshift-kube-scheduler': 'kubescheduler',
};

/** Deleting the mirror pod of a static pod does nothing. */
export function restartKubelet({ nodeName }: PodFacts): RemediationStep {
  return {
    description: `Restart the kubelet on node ${nodeName}. It renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.`,
    disruption: 'None',
  };
}

/** A static pod starts again with its manifest, which operators own on OpenShift. */
export function restartStaticPod(pod: PodFacts, { platform }: ClusterView, opens: Pick<RemediationStep, 'exposes'>): Remediation {
  if (platform.name === 'OpenShift') return restartOnOpenShift(pod, opens);
  return {
    summary: 'Restart the static pod.',
    steps: [
      {
        ...opens,
        description: `Move its manifest out of the manifest folder of node ${pod.nodeName}, wait until the pod is gone, and move it back. What the pod serves is away until then: restart static pods on one node at a time, once those of all other nodes are Ready, since etcd needs most of its members.`,
        disruption: 'RestartsPods',
      },
    ],
  };
}

function restartOnOpenShift(pod: PodFacts, opens: Pick<RemediationStep, 'exposes'>): Remediation {
  const resource = Object.hasOwn(OPENSHIFT_OPERATORS, pod.namespace) ? OPENSHIFT_OPERATORS[pod.namespace] : undefined;
  if (resource === undefined)
    return { summary: `Restart the kubelet of node ${pod.nodeName}.`, steps: [{ ...restartKubelet(pod), ...opens }] };
  return {
    summary: `Let the operator of ${resource} roll out its static pods again.`,
    steps: [
      {
        ...opens,
        description: `Let the operator roll out the static pods of ${resource}, on one control plane node after the other. It owns their manifests: do not move them. Do this once for all pods of ${resource}, and only while no other rollout is under way.`,
        command: `oc patch ${resource} cluster --type merge --patch "{\\"spec\\":{\\"forceRedeploymentReason\\":\\"dual-stack-$(date +%s)\\"}}"`,
        disruption: 'RestartsPods',
      },
    ],
  };
}
