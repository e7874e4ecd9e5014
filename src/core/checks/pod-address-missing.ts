import { isDual, NO_FAMILY } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { violation, type Description, type PodCheck, type Violation } from './check.ts';

/** A pod that waits for its network. */
export const podAddressMissing: PodCheck = {
  name: 'PodAddressMissing',
  kind: 'Pod',
  severity: 'Info',
  description: 'A pod on a dual-stack pod network has no address, and has waited for its network for more than five minutes.',
  rationale:
    'Most CNI plugins give a pod no address at all if the pool of one family is exhausted (projectcalico/calico#11353, ' +
    "cilium/cilium#28201). The pod's condition PodReadyToStartContainers, which kubelets set since Kubernetes 1.29, is then False. " +
    'A missing volume, Secret or resource claim looks the same, because the kubelet prepares these first, so the finding is Info. ' +
    'An Event FailedCreatePodSandBox on the pod shows that the network is the cause.',
  remediation:
    "Look at the pod's Events: FailedCreatePodSandBox names the family or the pool, FailedMount a volume. Then look at the IP pools of both families.",
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  remains: (count) => `${counted(count, 'pod')} ${count === 1 ? 'has' : 'have'} no address`,
};

function evaluate(pod: PodFacts, view: ClusterView): Violation | undefined {
  if (pod.state !== 'Pending' || pod.sandbox !== 'NotReady' || pod.hostNetwork || pod.otherNetwork || pod.families !== NO_FAMILY)
    return undefined;
  const node = view.node(pod.nodeName);
  if (!node || nodeSkipReason(node) || node.notReady || node.windows) return undefined;
  // Where the pod network has one family, this is no matter of families.
  if (!isDual(view.podFamiliesSeen)) return undefined;
  return violation(view.podFamiliesSeen, pod.startedAt + view.grace.node);
}

function describe({ namespace, name, nodeName }: PodFacts): Description {
  return {
    message: `Pod ${namespace}/${name} on node ${nodeName} has no address: its network is not set up (an IP pool of one family may be empty), or a volume, Secret or resource claim is missing`,
    remediation: {
      summary: podAddressMissing.remediation,
      steps: [
        {
          description: 'See what the kubelet waits for.',
          command: `kubectl get events --namespace ${namespace} --field-selector involvedObject.kind=Pod,involvedObject.name=${name}`,
          disruption: 'None',
        },
      ],
    },
  };
}
