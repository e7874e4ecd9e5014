import { deniedWords, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../addresses.ts';
import { PODS_OF_NETWORK } from '../cluster/reach.ts';
import type { NodeFacts } from '../facts.ts';
import { takeNodeOut } from '../remedies.ts';
import type { ClusterView } from '../view.ts';
import { lacking, type Description, type NodeCheck, type Share, type Verdict } from './check.ts';

/** Rules N1, N2 and N7. */
export const nodePodCIDRMissing: NodeCheck = {
  name: 'NodePodCIDRMissing',
  kind: 'Node',
  severity: 'Critical',
  description: 'A node has no podCIDR of a family for which its peers have one.',
  rationale:
    'Where the pod network takes addresses from podCIDRs, every pod on such a node lacks the family (rancher/rke2#3664, siderolabs/talos#7270). ' +
    'podCIDRs are optional (k/k#104544), so they are judged only where some node has them in both families or the families are expected, and a ' +
    'node whose pods have the family all the same is left alone.',
  remediation:
    'Give kube-controller-manager a --cluster-cidr of both families, then drain the node, delete its Node object and restart its kubelet: ' +
    'podCIDRs cannot be changed once they are set.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: PODS_OF_NETWORK,
  migration: { stage: 'PodNetwork' },
  metrics: ['node_pod_cidr_missing', 'node_families'],
  rollUp: { over: 'most', severity: 'Warning', describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Verdict | undefined {
  const pods = view.podsOn(node);
  const missing = missingFrom(node.podCIDRFamilies, wantedOf(node, view)).filter((family) => pods.having[family] === 0);
  return lacking(listOf(missing), node.podCIDRs.length > 0 ? 0 : node.createdAt + view.grace.node);
}

/** Windows overlay networks have no second family (K3): any one will do there. */
function wantedOf(node: NodeFacts, { podCIDRFamiliesWanted }: ClusterView): FamilyList {
  if (!node.windows) return podCIDRFamiliesWanted;
  return node.podCIDRFamilies.length > 0 ? NO_FAMILY : listOf(podCIDRFamiliesWanted.slice(0, 1));
}

function describe(node: NodeFacts, { families }: Verdict): Description {
  const has = node.podCIDRs.length === 0 ? 'has no podCIDR at all' : `has only ${node.podCIDRs.join(', ')}`;
  return {
    message: `Node ${node.name} has no ${deniedWords(families)} podCIDR (it ${has})`,
    remediation: node.podCIDRs.length === 0 ? fillPodCIDR(node) : replaceNode(node),
  };
}

/** An empty podCIDRs can still be filled, so nothing has to be deleted. */
function fillPodCIDR(node: NodeFacts): Description['remediation'] {
  return {
    description:
      "Make kube-controller-manager's --cluster-cidr name both families and look for CIDRNotAvailable events: its range may be used up; an empty podCIDR is then filled by itself.",
    command: `kubectl get events --all-namespaces --field-selector involvedObject.kind=Node,involvedObject.name=${node.name}`,
  };
}

function replaceNode(node: NodeFacts): Description['remediation'] {
  return {
    description:
      'podCIDRs cannot be changed once set: make --cluster-cidr of kube-controller-manager name both families, drain and delete the node, then restart its kubelet so that it registers anew.',
    command: takeNodeOut(node),
  };
}

function describeAll(families: FamilyList, { nodes, of }: Share): Description {
  return {
    message: `${nodes} of ${of} nodes have no ${deniedWords(families)} podCIDR, so the migration of the pod network is not done`,
    remediation: {
      description:
        'podCIDRs cannot be changed once set: make --cluster-cidr of kube-controller-manager name both families, then replace the nodes one by one (drain, delete, restart the kubelet).',
    },
  };
}
