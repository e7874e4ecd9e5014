import type { Alert } from '../rule.ts';
import { evaluationStale } from './evaluation-stale.ts';
import { familyImbalance } from './family-imbalance.ts';
import { lost } from './lost.ts';
import { noLeader } from './no-leader.ts';
import { nodeDrift } from './node-drift.ts';
import { nodePodCIDRMissing } from './node-pod-cidr-missing.ts';
import { operatorAbsent } from './operator-absent.ts';
import { podDrift } from './pod-drift.ts';
import { reflectorFailing } from './reflector-failing.ts';
import { reportNotReady } from './report-not-ready.ts';
import { serviceDrift } from './service-drift.ts';
import { serviceWithoutEndpoints } from './service-without-endpoints.ts';

/** The alerts on the cluster. */
export const CLUSTER_ALERTS: readonly Alert[] = [
  lost,
  serviceWithoutEndpoints,
  nodePodCIDRMissing,
  nodeDrift,
  podDrift,
  serviceDrift,
  familyImbalance,
];

/** The alerts on the operator itself. */
export const OPERATOR_ALERTS: readonly Alert[] = [operatorAbsent, noLeader, reflectorFailing, reportNotReady, evaluationStale];

/** Every alert. */
export const ALERTS: readonly Alert[] = [...CLUSTER_ALERTS, ...OPERATOR_ALERTS];
