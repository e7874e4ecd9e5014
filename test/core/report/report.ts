import type { StaleSource } from '../../../src/core/report/conditions.ts';
import { parametersOf } from '../../../src/core/report/check-settings.ts';
import { buildStatus, suspendedStatus } from '../../../src/core/report/status.ts';
import type {
  Condition,
  DualStackReport,
  DualStackReportSpec,
  DualStackReportStatus,
  ListedFinding,
} from '../../../src/core/report/types.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { evaluateAll, NOW, type Asked } from '../build.ts';

export interface ReportAsked extends Omit<Asked, 'expected'> {
  readonly spec?: DualStackReportSpec;
  /** The status that the report has already. */
  readonly status?: DualStackReportStatus;
  readonly generation?: number;
  readonly staleSources?: readonly StaleSource[];
  readonly forbiddenSources?: readonly StaleSource[];
}

export function report({ spec, status, generation = 1 }: ReportAsked = {}): DualStackReport {
  return {
    apiVersion: 'dualstack.dev/v1alpha1',
    kind: 'DualStackReport',
    metadata: { name: 'cluster', generation },
    ...(spec ? { spec } : {}),
    ...(status ? { status } : {}),
  };
}

/** The status that a report is given of these facts. */
export function statusOf(facts: readonly Facts[], asked: ReportAsked = {}): DualStackReportStatus {
  const { expectedFamilies: expected = [] } = asked.spec ?? {};
  const { evaluation, store } = evaluateAll(facts, { parameters: parametersOf(asked.spec ?? {}), ...asked, expected });
  return buildStatus({
    report: report(asked),
    evaluation,
    store,
    now: asked.now ?? NOW,
    writerEpoch: 1,
    staleSources: asked.staleSources ?? [],
    forbiddenSources: asked.forbiddenSources ?? [],
  });
}

/** The status of a report while it is suspended. */
export function statusWhileSuspended(asked: ReportAsked = {}): DualStackReportStatus {
  return suspendedStatus({ report: report(asked), now: asked.now ?? NOW, writerEpoch: 1 });
}

/** Conditions in short: `Healthy=False FindingsPresent`; without SpecValid, which follows from the spec alone. */
export function conditionsOf({ conditions = [] }: DualStackReportStatus): string[] {
  return conditions.filter(({ type }) => type !== 'SpecValid').map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

export function conditionOf(status: DualStackReportStatus, type: string): Condition {
  const found = status.conditions?.find((condition) => condition.type === type);
  if (!found) throw new Error(`there is no condition ${type}`);
  return found;
}

/** Listed findings in short: `Critical NodePodCIDRMissing b`. */
export function listed({ findings = [] }: DualStackReportStatus): string[] {
  return findings.map(({ severity, check, object }) => `${severity} ${check} ${nameOf(object)}`);
}

export function nameOf({ namespace, name }: ListedFinding['object']): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
