import { isDual, joinWithOr, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NETWORK } from '../cluster/reach.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { podCIDRsSettledAt } from '../cluster/grace.ts';
import { familiesAtPlatform, familiesOfNodesAtPlatform, replaceMachine, replaceMachines } from './platform-fixes.ts';
import { checkPodRanges, hasFixedRanges, setNodeIP, setPodRanges, takesNodeIPFlag } from './self-managed-fixes.ts';
import { recreateNode, recreateNodes } from './recreate-node.ts';
import { joinedLast, removedOr, seeWhetherRemoved, summaryOfRemoval } from './family-removal.ts';
import { podExposure } from './remedies.ts';
import { firstOf } from '../words.ts';
import { hasMachineTool, setupOf } from './replace-by-tool.ts';
import type { ClusterView } from '../cluster/view.ts';
import {
  violation,
  type Description,
  type NodeCheck,
  type Remediation,
  type RemediationStep,
  type Severity,
  type Share,
  type Violation,
} from './check.ts';

const MOST_NAMED = 3;

/** rules.md#pod-cidrs-of-a-node, #pod-cidrs-are-immutable, #skipped-nodes. */
export const nodePodCIDRMissing: NodeCheck = {
  name: 'NodePodCIDRMissing',
  kind: 'Node',
  severity: 'Critical',
  description: 'A node has no podCIDR of a family for which its peers have one.',
  rationale:
    'If the pod network takes addresses from podCIDRs, every pod on this node lacks the family (rancher/rke2#3664, ' +
    'siderolabs/talos#7270). podCIDRs are optional (kubernetes/kubernetes#104544), so they are evaluated only if some node has ' +
    'podCIDRs of both families, or if the report expects both. A node whose pods have the family anyway has no finding. Pods that ' +
    'are older than the Node object do not count, nor do pods beside its podCIDRs while others are in them: these addresses can ' +
    'be of podCIDRs that the node had before it was registered again. While no Service has the family, no client relies on it. ' +
    'These nodes are then the last nodes to migrate: the finding is a Warning, and several nodes are one finding. If the newest ' +
    'nodes lack the family, the migration goes back, or new nodes do not get it. Several nodes without any podCIDR are one finding ' +
    'too, because what gives nodes their podCIDRs has none left, or fails.',
  remediation:
    'Set --cluster-cidr of kube-controller-manager to a range of each family. Then drain the node, delete its Node object and ' +
    'restart the machine: podCIDRs cannot change once they are set.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: PODS_OF_NETWORK,
  migration: { stage: 'PodNetwork' },
  metrics: ['node_pod_cidr_missing', 'node_families'],
  rollUp: { over: 'most', severity: severityOfAll, describe: describeAll },
};

function evaluate(node: NodeFacts, view: ClusterView): Violation | undefined {
  const pods = view.podsOn(node);
  const missing = missingFrom(node.podCIDRFamilies, wantedOf(node, view)).filter((family) => !view.isGivenFromElsewhere(node, family));
  if (missing.length === 0) return undefined;
  const due = podCIDRsSettledAt(node, view.grace);
  const { familiesPromised, expected, stack } = view;
  // Half way through a migration, that its end is expected says nothing more: the nodes that are left are no fault each.
  const isRequested = expected.length > 0 && !stack.podCIDRs.dual;
  const isPromised = missing.some((family) => familiesPromised?.includes(family)) || isRequested;
  const isCritical = isPromised && !(node.notReady && pods.total === 0);
  const found = violation(listOf(missing), due, isCritical ? undefined : 'Warning');
  // What gives nodes their podCIDRs gave these nothing: that is one fault.
  const isEmpty = isCritical && node.podCIDRs.length === 0 && missing.length > 1;
  // What is not known makes no node the rest of a migration.
  return found && { ...found, together: isEmpty || (!isPromised && familiesPromised !== undefined) };
}

/** Windows overlay networks have no second family (rules.md#windows-overlay): any one will do there. */
function wantedOf(node: NodeFacts, { podCIDRFamiliesWanted }: ClusterView): FamilyList {
  if (!node.windows) return podCIDRFamiliesWanted;
  return node.podCIDRFamilies.length > 0 ? NO_FAMILY : listOf(podCIDRFamiliesWanted.slice(0, 1));
}

function describe(node: NodeFacts, { families }: Violation, view: ClusterView): Description {
  const has = node.podCIDRs.length === 0 ? 'has no podCIDR at all' : `has only ${node.podCIDRs.join(', ')}`;
  return {
    message: `Node ${node.name} has no ${joinWithOr(families)} podCIDR (it ${has})`,
    remediation: node.podCIDRs.length === 0 ? fillPodCIDR(node, families, view) : replaceNode(node, families, view),
  };
}

/** An empty podCIDRs can still be filled, so nothing has to be deleted. */
function fillPodCIDR(node: NodeFacts, families: FamilyList, view: ClusterView): Remediation {
  return letFill([node], families, view, {
    description: 'Look for the Event CIDRNotAvailable: the range may be used up.',
    command: `kubectl get events --all-namespaces --field-selector involvedObject.kind=Node,involvedObject.name=${node.name}`,
    disruption: 'None',
  });
}

function fillPodCIDRs(families: FamilyList, view: ClusterView): Remediation {
  const nodes = [...view.nodes()].filter((node) => node.podCIDRs.length === 0 && !nodeSkipReason(node));
  return letFill(nodes, families, view, {
    description: 'See which nodes have none, and look for Events CIDRNotAvailable: the range may be used up.',
    command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
    disruption: 'None',
  });
}

function letFill(nodes: readonly NodeFacts[], families: FamilyList, view: ClusterView, look: RemediationStep): Remediation {
  const atPlatform = familiesAtPlatform(families, view);
  return {
    summary: `Let ${atPlatform ? 'the platform' : 'kube-controller-manager'} fill the empty podCIDRs: it does so by itself once it has a free range.`,
    steps: [look, ...(atPlatform ? [atPlatform] : podRanges(nodes, families, view))],
  };
}

function replaceNode(node: NodeFacts, families: FamilyList, view: ClusterView): Remediation {
  const { name } = view.platform;
  const atPlatform = familiesAtPlatform(families, view);
  if (!atPlatform && needOtherCluster(families, view)) return createOtherCluster(view);
  if (!atPlatform) {
    return {
      summary: `${hasMachineTool([node], name) ? 'Replace the node' : 'Register the node again'}, so that it gets an ${joinWithOr(families)} podCIDR: podCIDRs cannot be changed once set.`,
      steps: [
        ...podRanges([node], families, view),
        ...giveAddresses([node], families, view),
        ...recreateNode(node, { platform: name, exposes: podExposure(families) }),
      ],
    };
  }
  return {
    summary: `Replace the node, so that it gets an ${joinWithOr(families)} podCIDR: podCIDRs cannot be changed once set.`,
    steps: [...(areGivenBySome(families, view) ? [] : [atPlatform]), ...replaceMachine(node, view, podExposure(families))],
  };
}

/** How ranges of these families get to kube-controller-manager, as far as that is to be done. */
function podRanges(nodes: readonly NodeFacts[], families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  const name = setupOf(nodes, view.platform.name);
  // Cluster API sets the ranges of a distribution when it makes the control plane.
  if (name !== view.platform.name && areGivenBySome(families, view)) return [];
  return areGivenBySome(families, view) ? checkPodRanges(name) : [setPodRanges(name)];
}

/** A machine that registers again has the addresses that it had, while a tool makes other machines. */
function giveAddresses(nodes: readonly NodeFacts[], families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  const { name } = view.platform;
  const lack = nodes.some((node) => !view.isMadeUp(node) && missingFrom(node.addressFamilies, families).length > 0);
  return lack && takesNodeIPFlag(name) && !hasMachineTool(nodes, name) ? [setNodeIP(name, families)] : [];
}

function needOtherCluster(families: FamilyList, view: ClusterView): boolean {
  return hasFixedRanges(view.platform.name) && !areGivenBySome(families, view);
}

function createOtherCluster({ platform: { name } }: ClusterView): Remediation {
  return {
    summary: `Create a cluster with both families, or do not expect both of this one: with ${name}, it keeps the ranges that it was created with.`,
    steps: [setPodRanges(name)],
  };
}

/** Whether some node has podCIDRs of these families: then the platform is set to give them. */
function areGivenBySome(families: FamilyList, { stack }: ClusterView): boolean {
  return missingFrom(stack.podCIDRs.families, families).length === 0;
}

/** Nodes that have no podCIDR at all are not those from before a migration, and no pod starts on them. */
function areEmpty(families: FamilyList, view: ClusterView): boolean {
  return isDual(families) && [...view.nodes()].some((node) => node.podCIDRs.length === 0 && !nodeSkipReason(node));
}

function severityOfAll(families: FamilyList, view: ClusterView): Severity {
  return areEmpty(families, view) ? 'Critical' : 'Warning';
}

function describeAll(families: FamilyList, share: Share, view: ClusterView, objects: Iterable<NodeFacts>): Description {
  const { nodes, of } = share;
  if (areEmpty(families, view)) {
    return { message: `${nodes} of ${of} nodes lack podCIDRs of both families`, remediation: fillPodCIDRs(families, view) };
  }
  const missing = isDual(families) ? 'podCIDRs of both families' : `${joinWithOr(families)} podCIDR`;
  const podCIDRs = isDual(families) ? missing : `an ${missing}`;
  const last = isDual(families) ? [] : joinedLast(objects, families, view);
  if (last.length > 0) return describeLast(families, { nodes, of }, last, view);
  const message = `${nodes} of ${of} nodes have no ${missing} and are still to be replaced`;
  const atPlatform = familiesOfNodesAtPlatform(families, view, podExposure(families));
  if (atPlatform) {
    return {
      message,
      remediation: {
        summary: `Replace these nodes, so that they get ${podCIDRs}: podCIDRs cannot be changed once set.`,
        steps: areGivenBySome(families, view) ? [replaceMachines(view, podExposure(families))] : atPlatform,
      },
    };
  }
  const { name } = view.platform;
  if (needOtherCluster(families, view)) return { message, remediation: createOtherCluster(view) };
  const incomplete = nodesWithout(families, view);
  return {
    message,
    remediation: {
      summary: `${hasMachineTool(incomplete, name) ? 'Replace these nodes' : 'Register these nodes again'}, one by one, so that they get ${podCIDRs}: podCIDRs cannot be changed once set.`,
      steps: [
        ...podRanges(incomplete, families, view),
        ...giveAddresses(incomplete, families, view),
        ...recreateNodes(incomplete, { platform: name, exposes: podExposure(families) }),
      ],
    },
  };
}

/** Where the newest nodes lack a podCIDR, other new ones would lack it too: those from before a migration are the oldest ones. */
function describeLast(families: FamilyList, { nodes, of }: Share, last: readonly NodeFacts[], view: ClusterView): Description {
  const { name } = view.platform;
  const names = firstOf(
    last.map((node) => node.name),
    MOST_NAMED,
  );
  const which = last.length < nodes ? `, among them the newest ones (${names})` : ` and are the newest ones (${names})`;
  const atPlatform = familiesAtPlatform(families, view);
  const incomplete = nodesWithout(families, view);
  return {
    message: `${nodes} of ${of} nodes have no ${joinWithOr(families)} podCIDR${which}: ${removedOr(families, 'new nodes do not get it')}`,
    remediation: {
      summary: summaryOfRemoval(
        families,
        `let new nodes get a podCIDR of it, then ${atPlatform || hasMachineTool(incomplete, name) ? 'replace these nodes' : 'register these nodes again'}`,
      ),
      steps: [
        seeWhetherRemoved(families, view),
        ...(atPlatform
          ? [atPlatform, replaceMachines(view, podExposure(families))]
          : [
              ...podRanges(incomplete, families, view),
              ...giveAddresses(incomplete, families, view),
              ...recreateNodes(incomplete, { platform: name, exposes: podExposure(families) }),
            ]),
      ],
    },
  };
}

function nodesWithout(families: FamilyList, view: ClusterView): readonly NodeFacts[] {
  return [...view.nodes()].filter((node) => missingFrom(node.podCIDRFamilies, families).length > 0);
}
