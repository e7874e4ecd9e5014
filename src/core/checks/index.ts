import type { Check, NodeCheck, PodCheck, ServiceCheck } from './check.ts';
import { endpointFamilyMissing } from './endpoint-family-missing.ts';
import { endpointsUnbalanced } from './endpoints-unbalanced.ts';
import { nodeAddressMissing } from './node-address-missing.ts';
import { nodePodCIDRMissing } from './node-pod-cidr-missing.ts';
import { nodePodNetworkFamilyMissing } from './node-pod-network-family-missing.ts';
import { podFamilyMissing } from './pod-family-missing.ts';
import { podHostNetworkStale } from './pod-host-network-stale.ts';
import { serviceNotUpgraded } from './service-not-upgraded.ts';
import { serviceSingleStack } from './service-single-stack.ts';

/** Every check, in the order in which findings of the same severity are listed: what causes others comes first. */
export const CHECKS: readonly Check[] = [
  nodePodCIDRMissing,
  nodePodNetworkFamilyMissing,
  nodeAddressMissing,
  podFamilyMissing,
  podHostNetworkStale,
  endpointFamilyMissing,
  endpointsUnbalanced,
  serviceNotUpgraded,
  serviceSingleStack,
];

export const NODE_CHECKS: readonly NodeCheck[] = CHECKS.filter((check) => check.kind === 'Node');
export const POD_CHECKS: readonly PodCheck[] = CHECKS.filter((check) => check.kind === 'Pod');
export const SERVICE_CHECKS: readonly ServiceCheck[] = CHECKS.filter((check) => check.kind === 'Service');

const BY_NAME: ReadonlyMap<string, Check> = new Map(CHECKS.map((check) => [check.name, check]));

export function checkNamed(name: string): Check | undefined {
  return BY_NAME.get(name);
}
