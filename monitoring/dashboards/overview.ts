import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { familyImbalance } from '../rules/alerts/family-imbalance.ts';
import { serviceWithoutEndpoints } from '../rules/alerts/service-without-endpoints.ts';
import { TOLERATED_IMBALANCE } from '../settings.ts';
import { COLORS, numbersAsText, SEVERITIES } from './codes.ts';
import { countPods, ROOT_CAUSES, countServices, type Counts } from './counts.ts';
import { dashboardOf, type DashboardJson, type Row } from './dashboard.ts';
import { toCheck, toRunbook } from './links.ts';
import { migration } from './migration.ts';
import { bars, table, timeSeries, type PanelBuilder } from './panels.ts';
import { IN_NAMESPACES, latest, OF_REPORT, ranked, sum } from './queries.ts';
import { commonVariables, namespaceVariable, reportVariable } from './variables.ts';
import { violation } from './verdict.ts';

/** Is the cluster dual-stack, what is not, why, and how far has its migration come. */
export function overview(): DashboardJson {
  return dashboardOf({
    name: 'overview',
    description: 'Is the cluster really dual-stack, what is not, what broke it, and how far is its migration?',
    variables: [...commonVariables(), reportVariable(), namespaceVariable()],
    rows: [violation(), findings(), drift(), migration(), namespaces()],
  });
}

function findings(): Row {
  return {
    title: 'What is wrong, and why',
    panels: [
      bars({
        title: 'Root causes, by check',
        description:
          'Critical findings and warnings that no other of these explains. Fix these first: what follows from them goes with them.',
        unit: Short,
        width: 8,
        height: 10,
        colors: SEVERITY_COLORS,
        empty: 'no root causes',
        queries: [{ expr: sum(ROOT_CAUSES, 'check', 'severity'), legend: '{{severity}} {{check}} {{cluster}}' }],
        dataLinks: [toCheck('${__field.labels.check}')],
      }),
      table({
        title: 'Findings',
        description:
          'Findings of the report in the chosen namespaces, the worst first; those on nodes and on the cluster have no namespace. ' +
          'kubectl describe dsr names the objects, what broke them, and the command that fixes each.',
        unit: Short,
        width: 16,
        height: 10,
        empty: 'no findings',
        queries: [{ expr: ranked(latest('dualstack_findings', ['severity', 'check', 'namespace'], OF_REPORT, IN_NAMESPACES), SEVERITIES) }],
        columns: [
          { field: 'rank', title: 'Severity', width: 110, mapping: numbersAsText(SEVERITIES) },
          { field: 'check', title: 'Check', dataLinks: [toCheck('${__value.raw}')] },
          { field: 'namespace', title: 'Namespace' },
          { field: 'cluster', title: 'Cluster' },
          { field: 'Value', title: 'Findings', width: 110 },
        ],
        sortBy: { title: 'Severity', descending: false },
      }),
    ],
  };
}

const SEVERITY_COLORS = { Critical: COLORS.critical, Warning: COLORS.warning, Info: COLORS.info } as const;
const GRAPH = { width: 12, height: 8 } as const;

function drift(): Row {
  return {
    title: 'Drift over time',
    panels: [
      timeSeries({
        ...GRAPH,
        title: 'Objects of one family only, by layer',
        description: 'Nodes, pods and Services that lack a family which their layer has, in the chosen namespaces; All has the nodes too.',
        unit: Short,
        queries: [
          {
            expr: sum(
              latest('dualstack_single_family_drift', ['kind', 'namespace', 'missing_family'], IN_NAMESPACES),
              'kind',
              'missing_family',
            ),
            legend: '{{kind}} without {{missing_family}} {{cluster}}',
          },
        ],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Findings, by severity',
        description: 'All findings of the report in the chosen namespaces.',
        unit: Short,
        stacked: true,
        colors: SEVERITY_COLORS,
        queries: [
          {
            expr: sum(latest('dualstack_findings', ['severity', 'check', 'namespace'], OF_REPORT, IN_NAMESPACES), 'severity'),
            legend: '{{severity}} {{cluster}}',
          },
        ],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Imbalance, by layer',
        description:
          'How far the families of a layer are from balance: 0 where as many have one as the other, 1 where all have the same one only.',
        unit: PercentUnit,
        max: 1,
        steps: [COLORS.good, [TOLERATED_IMBALANCE, COLORS.warning]],
        links: [toRunbook(familyImbalance)],
        queries: [{ expr: latest('dualstack_family_imbalance_ratio', ['layer']), legend: '{{layer}} {{cluster}}' }],
      }),
      shortOfEndpoints(),
    ],
  };
}

function shortOfEndpoints(): PanelBuilder {
  return timeSeries({
    ...GRAPH,
    title: 'Services short of endpoints of a family, by namespace',
    description:
      'Services whose ready endpoints differ by family, or lack one: clients of that family share fewer pods, or get none. The ten worst namespaces.',
    unit: Short,
    links: [toRunbook(serviceWithoutEndpoints)],
    queries: [
      {
        expr: `topk by (cluster) (10, ${latest('dualstack_service_endpoints_unbalanced', ['namespace'], IN_NAMESPACES)} > 0)`,
        legend: '{{namespace}} {{cluster}}',
      },
    ],
  });
}

function namespaces(): Row {
  const byNamespace = (counts: Counts, ...families: readonly string[]): string => sum(counts(...families), 'namespace');
  return {
    title: 'Namespaces',
    panels: [
      table({
        title: 'Families, by namespace',
        description:
          'Pods and Services of each namespace, how many of them are dual-stack, the Services that are short of endpoints of a family, and what the report finds that is worse than info.',
        unit: Short,
        width: 24,
        height: 12,
        empty: 'nothing in these namespaces',
        queries: [
          { expr: byNamespace(countPods) },
          { expr: byNamespace(countPods, 'families="dual"') },
          { expr: byNamespace(countServices) },
          { expr: byNamespace(countServices, 'families="dual"') },
          { expr: latest('dualstack_service_endpoints_unbalanced', ['namespace'], IN_NAMESPACES) },
          {
            expr: sum(
              latest(
                'dualstack_findings',
                ['severity', 'check', 'namespace'],
                OF_REPORT,
                `${IN_NAMESPACES}, namespace!="", severity=~"Critical|Warning"`,
              ),
              'namespace',
            ),
          },
        ],
        columns: [
          { field: 'namespace', title: 'Namespace' },
          { field: 'cluster', title: 'Cluster' },
          { field: 'Value #A', title: 'Pods' },
          { field: 'Value #B', title: 'Pods of both families' },
          { field: 'Value #C', title: 'Services' },
          { field: 'Value #D', title: 'Services of both families' },
          { field: 'Value #E', title: 'Short of endpoints', steps: [COLORS.good, [1, COLORS.warning]] },
          { field: 'Value #F', title: 'Critical findings and warnings', steps: [COLORS.good, [1, COLORS.warning]] },
        ],
        sortBy: { title: 'Critical findings and warnings', descending: true },
      }),
    ],
  };
}
