import type { DualStackReport, FindingObject, ListedFinding } from '../../src/core/report/types.ts';

/** The status of each condition of a report, such as `{ Healthy: 'True' }`. */
export function conditionsOf({ status }: DualStackReport): Readonly<Record<string, string>> {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

/** A condition in words: `Unknown SingleStack`; undefined where the report has none of that type. */
export function conditionOf({ status }: DualStackReport, type: string): string | undefined {
  const condition = status?.conditions?.find((each) => each.type === type);
  return condition && `${condition.status} ${condition.reason}`;
}

/** What a condition says. */
export function messageOf({ status }: DualStackReport, type: string): string {
  return status?.conditions?.find((each) => each.type === type)?.message ?? '';
}

/** The listed findings in words, in their order: `Warning EndpointsUnbalanced Service default/web IPv6 < NodePodCIDRMissing Node worker-3`. */
export function findingsOf({ status }: DualStackReport): readonly string[] {
  return (status?.findings ?? []).map(({ severity, check, object, families, causedBy }) => {
    const cause = causedBy ? ` < ${causedBy.check} ${objectWords(causedBy.object)}` : '';
    return `${severity} ${check} ${objectWords(object)} ${families.join('+')}${cause}`;
  });
}

/** The first command of a finding's fix, which is the one that does it; none where no command does. */
export function commandOf(finding: ListedFinding | undefined): string | undefined {
  return finding?.remediation.steps.find(({ command }) => command !== undefined)?.command;
}

function objectWords({ kind, namespace, name }: FindingObject): string {
  return namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
}

/** The ratios of a report's columns: nodes, pods and Services. */
export function ratiosOf({ status }: DualStackReport): readonly (string | undefined)[] {
  return [status?.nodes?.ratio, status?.pods?.ratio, status?.services?.ratio];
}
