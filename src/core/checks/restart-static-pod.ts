import type { PodFacts } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import { firstOf } from '../words.ts';
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

type Opens = Pick<RemediationStep, 'exposes'>;

/** So many nodes are named. */
const MOST_NODES = 5;

/** A static pod starts again with its manifest, which operators own on OpenShift. */
export function restartStaticPod(pod: PodFacts, { platform }: ClusterView, opens: Opens): Remediation {
  if (platform.name === 'OpenShift') return restartOnOpenShift(pod, opens);
  if (platform.name === 'Talos')
    return { summary: 'Reboot the node of the static pod.', steps: rebootTalos([pod], 'the static pods', opens) };
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

function restartOnOpenShift(pod: PodFacts, opens: Opens): Remediation {
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

/** Static pods, on whatever nodes, by what is wrong with their addresses. */
interface StaticPods {
  /** Those without a family of their nodes. */
  readonly incomplete: readonly PodFacts[];
  /** Those with an address that their nodes had before. */
  readonly stale: readonly PodFacts[];
}

/**
 * The same of several. To renew an address takes no more than a kubelet that starts again. On OpenShift, the operator of each namespace restarts all pods
 * there that lack a family.
 * @param opens what can be reached once those that lack a family have it
 */
export function restartStaticPods({ incomplete, stale }: StaticPods, { platform }: ClusterView, opens: Opens): readonly RemediationStep[] {
  if (platform.name !== 'OpenShift') {
    const whose = incomplete.length > 0 ? 'the static pods with old addresses' : 'the static pods';
    const restart = platform.name === 'Talos' ? rebootTalos : moveManifests;
    return [
      ...restartKubelets(stale, whose, {}),
      ...restart(incomplete, stale.length > 0 ? 'the other static pods' : 'the static pods', opens),
    ];
  }
  const rolledOut = incomplete.filter(({ namespace }) => Object.hasOwn(OPENSHIFT_OPERATORS, namespace));
  const others = [...incomplete.filter(({ namespace }) => !Object.hasOwn(OPENSHIFT_OPERATORS, namespace)), ...stale];
  const onePerOperator = [...Map.groupBy(rolledOut, ({ namespace }) => namespace).values()].flatMap((those) => those.slice(0, 1));
  return [
    ...onePerOperator.flatMap((pod) => restartOnOpenShift(pod, opens).steps),
    ...restartKubelets(others, rolledOut.length > 0 ? 'the other static pods' : 'the static pods', incomplete.length > 0 ? opens : {}),
  ];
}

/** Talos has no shell, and its kubelet gets the manifests over HTTP from Talos itself (documentation, "Static Pods"). */
function rebootTalos(pods: readonly PodFacts[], whose: string, opens: Opens): readonly RemediationStep[] {
  if (pods.length === 0) return [];
  return [
    {
      ...opens,
      description: `Reboot the nodes of ${whose} with "talosctl reboot --nodes ADDRESS", where ADDRESS is that of the node (${nodesOf(pods)}): Talos has no folder from which to move their manifests. All pods of a node are away until it is Ready again. Reboot one node at a time, once all others are Ready, since etcd needs most of its members.`,
      disruption: 'RestartsPods',
    },
  ];
}

function moveManifests(pods: readonly PodFacts[], whose: string, opens: Opens): readonly RemediationStep[] {
  if (pods.length === 0) return [];
  return [
    {
      ...opens,
      description: `Move the manifests of ${whose} out of the manifest folder of a node, wait until the pods are gone, and move them back. What they serve is away until then: do this on one node at a time, once the static pods of all other nodes are Ready, since etcd needs most of its members (${nodesOf(pods)}).`,
      disruption: 'RestartsPods',
    },
  ];
}

function restartKubelets(pods: readonly PodFacts[], whose: string, opens: Opens): readonly RemediationStep[] {
  if (pods.length === 0) return [];
  return [
    {
      ...opens,
      description: `Restart the kubelets of the nodes of ${whose}, one after the other (${nodesOf(pods)}). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.`,
      disruption: 'None',
    },
  ];
}

function nodesOf(pods: readonly PodFacts[]): string {
  return firstOf([...new Set(pods.map(({ nodeName }) => nodeName))].sort(), MOST_NODES);
}
