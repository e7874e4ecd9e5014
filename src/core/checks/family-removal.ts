import { joinWithOr, missingFrom, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { firstOf } from '../words.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { RemediationStep } from './check.ts';

/** Nodes are registered one after the other when a cluster is made, in milliseconds. */
const JOINING_MS = 600_000;

/** What shows that nodes without a family changed last. A conversion goes the other way (rules.md#direction-of-a-conversion). */
export type ChangedLast = { readonly by: 'pods' } | { readonly by: 'machineConfig'; readonly updated: readonly string[] };

/** Whether nodes that lack a family are those that changed last: undefined where nothing shows it. */
export function changedLast(affected: readonly NodeFacts[], view: ClusterView): ChangedLast | undefined {
  const { isWaiting, updated } = inRollout(affected, view);
  if (isWaiting) return undefined;
  if (haveNewerPods(affected, view)) return { by: 'pods' };
  return updated.length > 0 ? { by: 'machineConfig', updated } : undefined;
}

/**
 * How far the rollout of OpenShift is with nodes: a machine that is being changed shows which configuration is the new one, and which one it replaces
 * (rules.md#machine-config-rollout).
 */
function inRollout(
  affected: readonly NodeFacts[],
  view: ClusterView,
): { readonly isWaiting: boolean; readonly updated: readonly string[] } {
  if (!view.conversion.isRollingOut) return { isWaiting: false, updated: [] };
  const isChanging = ({ currentConfig, desiredConfig }: NodeFacts): boolean =>
    currentConfig !== '' && desiredConfig !== '' && currentConfig !== desiredConfig;
  const changing = [...view.nodes()].filter(isChanging);
  const replaced = new Set(changing.map(({ currentConfig }) => currentConfig));
  const chosen = new Set(changing.map(({ desiredConfig }) => desiredConfig));
  const settled = affected.filter(({ machineConfig }) => machineConfig === undefined);
  return {
    isWaiting: settled.some(({ currentConfig }) => replaced.has(currentConfig)),
    updated: settled.filter(({ currentConfig }) => chosen.has(currentConfig)).map(({ name }) => name),
  };
}

/**
 * Whether OpenShift has nothing more to do for nodes without families: each has the configuration of a machine that has them, so no update gives it what
 * it lacks (rules.md#machine-config-rollout).
 */
export function areUpdated(affected: readonly NodeFacts[], families: FamilyList, view: ClusterView): boolean {
  if (!affected.some(({ currentConfig }) => currentConfig !== '')) return false;
  const peers = [...view.nodes()].filter((node) => !nodeSkipReason(node) && missingFrom(node.addressFamilies, families).length === 0);
  const configs = new Set(peers.map(({ currentConfig }) => currentConfig));
  return affected.every(
    ({ machineConfig, currentConfig }) => machineConfig === undefined && currentConfig !== '' && configs.has(currentConfig),
  );
}

/** Whether all pods on nodes are newer than pods of both families on others. In a conversion, the nodes that are left keep old ones. */
function haveNewerPods(nodes: readonly NodeFacts[], view: ClusterView): boolean {
  const withPods = nodes.filter((node) => view.podsOn(node).total > 0);
  return withPods.length > 0 && withPods.every(({ name }) => view.singleFamilyPods.areAllLaterOn(name));
}

/** Of the nodes without podCIDRs of families, those that joined after the last node with them, in the order of their names. */
export function joinedLast(affected: Iterable<NodeFacts>, families: FamilyList, view: ClusterView): readonly NodeFacts[] {
  let last = Infinity;
  for (const node of view.nodes()) {
    if (nodeSkipReason(node) || missingFrom(node.podCIDRFamilies, families).length > 0) continue;
    last = last === Infinity ? node.createdAt : Math.max(last, node.createdAt);
  }
  return [...affected].filter(({ createdAt }) => createdAt > last + JOINING_MS).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a platform says which families a cluster is to have. */
const WHERE: Readonly<Record<string, Pick<RemediationStep, 'description' | 'command'>>> = {
  OpenShift: {
    description: 'See of which families clusterNetwork has a range.',
    command: "oc get network.config.openshift.io cluster -o jsonpath='{.spec.clusterNetwork}'",
  },
  AKS: {
    description:
      'See which families the cluster is to have: az aks show --resource-group GROUP --name CLUSTER --query networkProfile.ipFamilies.',
  },
};

/** What shows that, after a list of these nodes. */
export function changeWords(change: ChangedLast): string {
  if (change.by === 'pods') return ', nor have their pods, which are newer than those with it';
  return `, though OpenShift has updated ${firstOf(change.updated, 1)} already`;
}

/** Both readings of what nodes lack that are the newest ones: `IPv6 is being removed, or fails to reach them`. */
export function removedOr(families: FamilyList, other: string): string {
  return `${joinWithOr(families)} is being removed, or ${other}`;
}

/** @param fix what to do where the families are to stay */
export function summaryOfRemoval(families: FamilyList, fix: string): string {
  return `Find out whether ${joinWithOr(families)} is to be removed from the cluster. If it is to stay, ${fix}.`;
}

/** A family that the newest nodes lack may be one that somebody takes out of the cluster. */
export function seeWhetherRemoved(families: FamilyList, { platform }: ClusterView): RemediationStep {
  const family = joinWithOr(families);
  const { description, command } = WHERE[platform.name] ?? {
    description: `Find out whether somebody is taking ${family} out of the cluster.`,
  };
  return {
    description: `${description} If ${family} is to go, leave these nodes as they are. Take the next steps only if it is to stay.`,
    ...(command === undefined ? {} : { command }),
    disruption: 'None',
  };
}
