import { DUAL_IPV4_FIRST, joinWithOr, missingFrom, overlap, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { addressesSettledAt } from '../cluster/grace.ts';
import { firstOf } from '../words.ts';
import type { ClusterView } from '../cluster/view.ts';
import { areUpdated, changedLast, changeWords, removedOr, seeWhetherRemoved, summaryOfRemoval } from './family-removal.ts';
import { pausePools, rolloutWords, WAIT_FOR_OPENSHIFT, waitForMachineConfig } from './openshift-fixes.ts';
import { familiesOfNodesAtPlatform, renewMachines, replaceMachines, setsNoFlags } from './platform-fixes.ts';
import { correctNodeClass, setupOf } from './replace-by-tool.ts';
import { missingAddresses, nodeExposure, podExposure } from './remedies.ts';
import { leaveNodeIPOut, setNodeIP } from './self-managed-fixes.ts';
import type { Description, Remediation, RemediationStep, Share } from './check.ts';

const MOST_NAMED = 3;

/** The end of a conversion of AKS. */
export const WAIT_FOR_AKS: RemediationStep = {
  description:
    'See whether AKS still reimages nodes: then az aks show --resource-group GROUP --name CLUSTER --query provisioningState prints "Updating". Wait for its end.',
  disruption: 'None',
};

/** The nodes that a conversion of a cluster has yet to reach, as one finding that says what is left. */
export function describeConversion(families: FamilyList, { nodes, of }: Share, view: ClusterView): Description {
  const all = [...view.nodes()].filter((node) => isLeft(node, families, view)).sort((a, b) => (a.name < b.name ? -1 : 1));
  // A node that starts is neither among those that count nor among the others.
  const left = all.filter((node) => addressesSettledAt(node, view.grace) <= view.now);
  const total = of + all.length - left.length;
  const names = firstOf(
    left.map(({ name }) => name),
    MOST_NAMED,
  );
  const change = changedLast(left, view);
  if (change) {
    return {
      message: `${nodes} of ${of} nodes have no ${joinWithOr(families)} address (${names})${changeWords(change)}: ${removedOr(families, 'fails to reach them')}`,
      remediation: keepOrRemove(left, families, view),
    };
  }
  const isToCome = view.conversion.isUnderWay && !areUpdated(left, families, view);
  const state = isToCome ? ' and are still to be converted' : ', and neither have the pods on them';
  const subject =
    nodes < total
      ? `${nodes} of ${total} nodes have no ${joinWithOr(families)} address${state} (${names})`
      : `None of the ${nodes} nodes has an ${joinWithOr(families)} address`;
  return {
    message: `${subject}${rolloutWords(left, view)}`,
    remediation: remediationOf(left, families, view),
  };
}

function isLeft(node: NodeFacts, families: FamilyList, view: ClusterView): boolean {
  return !nodeSkipReason(node) && !node.windows && !view.isMadeUp(node) && missingFrom(node.addressFamilies, families).length > 0;
}

const SEE_ADDRESSES: RemediationStep = {
  description: 'See which addresses the nodes have.',
  command: "kubectl get nodes -o custom-columns='NAME:.metadata.name,ADDRESSES:.status.addresses[*].address'",
  disruption: 'None',
};

function remediationOf(left: readonly NodeFacts[], families: FamilyList, view: ClusterView): Remediation {
  const { name } = view.platform;
  const exposes = nodeExposure(families);
  if (name === 'OpenShift' && areUpdated(left, families, view)) {
    return {
      summary: `Give the machines of these nodes ${missingAddresses(families)}: OpenShift has nothing more to update on them.`,
      steps: [SEE_ADDRESSES, renewMachines(view, exposes), ...restartOldPods(families, view)],
    };
  }
  if (name === 'OpenShift') {
    return {
      summary: WAIT_FOR_OPENSHIFT,
      steps: [SEE_ADDRESSES, ...waitForMachineConfig(left, families, view), ...restartOldPods(families, view)],
    };
  }
  if (setsNoFlags(view)) {
    return {
      summary: `Replace these nodes with ones that have ${missingAddresses(families)}: ${name} configures their kubelets.`,
      steps: [
        SEE_ADDRESSES,
        ...(name === 'AKS' ? [WAIT_FOR_AKS] : []),
        ...exceptOfKarpenter(left, families, [replaceMachines(view, exposes)], view),
        ...restartOldPods(families, view),
      ],
    };
  }
  return {
    summary: `Give each of these nodes ${missingAddresses(families)}, name both families in its kubelet's --node-ip, then restart the pods on it.`,
    steps: [SEE_ADDRESSES, ...setOnNodes(left, families, setupOf(left, name)), ...restartOldPods(families, view)],
  };
}

/** Karpenter makes its nodes alike as long as their NodeClass is the same. */
function exceptOfKarpenter(
  left: readonly NodeFacts[],
  families: FamilyList,
  others: readonly RemediationStep[],
  view: ClusterView,
): readonly RemediationStep[] {
  const ofKarpenter = left.filter((node) => node.ofKarpenter).length;
  return [
    ...(ofKarpenter > 0 ? [correctNodeClass(view.platform.name, { exposes: nodeExposure(families) })] : []),
    ...(ofKarpenter === left.length ? [] : others),
  ];
}

/** The newest nodes lack the family: it goes, or is lost on its way, and nothing says which. */
function keepOrRemove(left: readonly NodeFacts[], families: FamilyList, view: ClusterView): Remediation {
  const atPlatform = familiesOfNodesAtPlatform(families, view, nodeExposure(families));
  return {
    summary: summaryOfRemoval(families, `give these nodes ${missingAddresses(families)}`),
    steps: [
      SEE_ADDRESSES,
      seeWhetherRemoved(families, view),
      ...pausePools(view),
      ...(atPlatform ? exceptOfKarpenter(left, families, atPlatform, view) : setOnNodes(left, families, setupOf(left, view.platform.name))),
    ],
  };
}

function setOnNodes(left: readonly NodeFacts[], families: FamilyList, platform: string): readonly RemediationStep[] {
  return [...nodeIPSteps(left, families, platform), restartPods('on these nodes', families)];
}

/** Only some of the kubelets may take both families, as in an upgrade. */
function nodeIPSteps(left: readonly NodeFacts[], families: FamilyList, platform: string): readonly RemediationStep[] {
  return [
    ...(left.every(({ takesDualNodeIP }) => takesDualNodeIP) ? [] : [leaveNodeIPOut(families)]),
    ...(left.some(({ takesDualNodeIP }) => takesDualNodeIP) ? [setNodeIP(platform, families)] : []),
  ];
}

/** Restarts those on nodes that have the address already. */
export function restartOldPods(families: FamilyList, { singleFamilyPods }: ClusterView): readonly RemediationStep[] {
  return overlap(singleFamilyPods.lackedByOld, families) ? [restartPods('from before on the other nodes', families)] : [];
}

function restartPods(which: string, families: FamilyList): RemediationStep {
  const present = missingFrom(families, DUAL_IPV4_FIRST);
  return {
    description: `Restart the workloads of the pods ${which} that have ${joinWithOr(present)} only (kubectl rollout restart). A pod gets its addresses when it starts.`,
    disruption: 'RestartsPods',
    exposes: podExposure(families),
  };
}
