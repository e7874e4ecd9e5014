import { joinWithOr, type FamilyList } from '../net/addresses.ts';
import { PODS_AFTER_LOSS } from '../cluster/reach.ts';
import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import { minuteWords } from '../words.ts';
import { podExposure } from './remedies.ts';
import { runtimeFix } from './runtime-fix.ts';
import { violation, type Description, type NodeCheck, type Remediation, type Share, type Violation } from './check.ts';

/** The reverse of a migration, which leaves the older pods as they are. */
export const nodePodNetworkFamilyLost: NodeCheck = {
  name: 'NodePodNetworkFamilyLost',
  kind: 'Node',
  severity: 'Warning',
  description: 'All pods that started on a node since some time lack a family that older pods there have.',
  rationale:
    'A pod gets its addresses once, when it starts. If the pod network loses a family, because an IP pool, a setting of the CNI ' +
    'plugin or its agents change, running pods keep it, and each restart loses it. This check compares when pods started: those of ' +
    'at least three workloads started after the last pod with both families, on one node, or on several nodes if no pod in the ' +
    'cluster got both since. Fewer workloads can have a pool of one family. A node that never had a pod of both families ' +
    'did not lose one (NodePodNetworkFamilyMissing). If no Service has the family, this is Info, because the cluster may be on its ' +
    'way to one family on purpose.',
  remediation:
    'Find out what changed in the CNI plugin at that time, and correct it. Do not restart the older pods until new ones get the family.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: PODS_AFTER_LOSS,
  migration: { stage: 'PodNetwork' },
  metrics: ['node_families'],
  rollUp: {
    over: 'most',
    describe: describeAll,
  },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const { lossOfCluster } = view.singleFamilyPods;
  const loss = lossOfCluster ?? view.singleFamilyPods.lossOn(node.name);
  if (!loss || podsAfterLoss([node], view).length === 0) return undefined;
  const found = violation(loss.families, loss.evidentAt + view.grace.pod, view.isReliedOn(loss.families) ? undefined : 'Info');
  return found && { ...found, together: lossOfCluster !== undefined };
}

function podsAfterLoss(nodes: Iterable<NodeFacts>, view: ClusterView): readonly PodFacts[] {
  return [...nodes].flatMap((node) => view.networkPodsOn(node).filter((pod) => view.singleFamilyPods.isAfterLoss(pod)));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  return describeLoss(`Node ${node.name} has`, 'its older pods', podsAfterLoss([node], view), families, view);
}

/** Where pods on other nodes still get the family, the pod network has not lost it as a whole. */
function describeAll(families: FamilyList, { nodes, of }: Share, view: ClusterView): Description {
  const pods = podsAfterLoss(view.nodes(), view);
  return view.singleFamilyPods.lossOfCluster
    ? describeLoss('The pod network has', 'older pods', pods, families, view)
    : describeLoss(`${nodes} of ${of} nodes have`, 'older pods on them', pods, families, view);
}

function describeLoss(who: string, older: string, pods: readonly PodFacts[], families: FamilyList, view: ClusterView): Description {
  return {
    message: `${who} given new pods no ${joinWithOr(families)} since ${startOf(pods)}, though ${older} have it`,
    remediation: remediationOf(pods, families, view),
  };
}

/** `2026-11-29 03:00 UTC`. */
function startOf(pods: readonly PodFacts[]): string {
  const first = Math.min(...pods.map(({ startedAt }) => startedAt));
  return Number.isFinite(first) ? `${minuteWords(first)} UTC` : 'some time';
}

function remediationOf(pods: readonly PodFacts[], families: FamilyList, view: ClusterView): Remediation {
  const words = joinWithOr(families);
  return (
    runtimeFix(pods, families, view) ?? {
      summary: `Make the CNI plugin give pods ${words} again, and do not restart the older pods until it does.`,
      steps: [
        {
          description: `Do not restart or drain the pods that have ${words}: they would lose it.`,
          disruption: 'None',
        },
        {
          description: `Find out what changed then in the CNI plugin: its version and restarts, its ${words} setting and IP pools, the configuration in /etc/cni/net.d of the nodes, and the log of its agents. Correct it.`,
          command: 'kubectl get daemonsets --all-namespaces --output wide',
          disruption: 'None',
        },
        {
          description: `When a new pod gets ${words}, restart the workloads of the pods that lack it (kubectl rollout restart). A pod gets its addresses when it starts.`,
          disruption: 'RestartsPods',
          exposes: podExposure(families),
        },
      ],
    }
  );
}
