import type { FactsKind } from '../kinds/facts.ts';
import type { Check, ClusterCheck, ObjectCheck } from './check.ts';
import { clusterFamilyOrder } from './cluster-family-order.ts';
import { clusterStackInconsistent } from './cluster-stack-inconsistent.ts';
import { dnsFamilyMissing } from './dns-family-missing.ts';
import { endpointFamilyForeign } from './endpoint-family-foreign.ts';
import { endpointFamilyMissing } from './endpoint-family-missing.ts';
import { endpointSliceStray } from './endpoint-slice-stray.ts';
import { endpointsUnbalanced } from './endpoints-unbalanced.ts';
import { loadBalancerFamilyMissing } from './load-balancer-family-missing.ts';
import { loadBalancerPending } from './load-balancer-pending.ts';
import { nodeAddressMissing } from './node-address-missing.ts';
import { nodeFamilyOrder } from './node-family-order.ts';
import { nodePodCIDRConflict } from './node-pod-cidr-conflict.ts';
import { nodePodCIDRMissing } from './node-pod-cidr-missing.ts';
import { nodePodCIDRUnused } from './node-pod-cidr-unused.ts';
import { nodePodNetworkFamilyLost } from './node-pod-network-family-lost.ts';
import { nodePodNetworkFamilyMissing } from './node-pod-network-family-missing.ts';
import { nodePodsInForeignRange } from './node-pods-in-foreign-range.ts';
import { podAddressMissing } from './pod-address-missing.ts';
import { podFamilyMissing } from './pod-family-missing.ts';
import { podFamilyOrder } from './pod-family-order.ts';
import { podHostNetworkStale } from './pod-host-network-stale.ts';
import { podsNotRestarted } from './pods-not-restarted.ts';
import { serviceAddressUnserved } from './service-address-unserved.ts';
import { serviceFieldsInconsistent } from './service-fields-inconsistent.ts';
import { serviceNotUpgraded } from './service-not-upgraded.ts';
import { serviceRangeOverlap } from './service-range-overlap.ts';
import { serviceRequirementUnmet } from './service-requirement-unmet.ts';
import { serviceSingleStack } from './service-single-stack.ts';
import { workloadSingleFamily } from './workload-single-family.ts';
import { servicesPredateDualStack } from './services-predate-dual-stack.ts';
import { sourceRangeFamilyMissing } from './source-range-family-missing.ts';

/** Every check, in the order in which findings of the same severity are listed: what causes others comes first. */
export const CHECKS: readonly Check[] = [
  clusterStackInconsistent,
  serviceRangeOverlap,
  clusterFamilyOrder,
  nodePodCIDRMissing,
  nodePodCIDRConflict,
  nodePodsInForeignRange,
  nodePodCIDRUnused,
  nodePodNetworkFamilyLost,
  nodePodNetworkFamilyMissing,
  nodeAddressMissing,
  nodeFamilyOrder,
  podsNotRestarted,
  podFamilyMissing,
  podHostNetworkStale,
  podAddressMissing,
  podFamilyOrder,
  workloadSingleFamily,
  serviceRequirementUnmet,
  dnsFamilyMissing,
  endpointFamilyForeign,
  endpointFamilyMissing,
  endpointsUnbalanced,
  endpointSliceStray,
  serviceAddressUnserved,
  sourceRangeFamilyMissing,
  loadBalancerPending,
  loadBalancerFamilyMissing,
  servicesPredateDualStack,
  serviceNotUpgraded,
  serviceFieldsInconsistent,
  serviceSingleStack,
];

export const CLUSTER_CHECKS: readonly ClusterCheck[] = CHECKS.filter((check) => check.kind === 'Cluster');
export const OBJECT_CHECKS: readonly ObjectCheck[] = CHECKS.filter((check) => check.kind !== 'Cluster');

/** The checks of the objects of a kind, in the order of {@link CHECKS}. */
export function checksOf(kind: FactsKind): readonly ObjectCheck[] {
  return OBJECT_CHECKS.filter((check) => check.kind === kind);
}

const BY_NAME: ReadonlyMap<string, Check> = new Map(CHECKS.map((check) => [check.name, check]));

export function checkNamed(name: string): Check | undefined {
  return BY_NAME.get(name);
}
