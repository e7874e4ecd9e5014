import { NoUnit, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { COLOURS, numbersAsText, SEVERITIES, STACKS, STAGES, VERDICTS } from './codes.ts';
import { dashboardOf, type DashboardJson, type Row } from './dashboard.ts';
import { panelToDashboard, toCheck, toDocs } from './links.ts';
import { bars, stat, stateTimeline, table, timeSeries, type PanelBuilder } from './panels.ts';
import { coded, IN_NAMESPACES, latest, OF_REPORT, orNone, orZero, ranked, share, sum } from './queries.ts';
import { commonVariables, namespaceVariable, reportVariable } from './variables.ts';

/** Is the cluster dual-stack, what is not, why, and how far has its migration come. */
export function overview(): DashboardJson {
  return dashboardOf({
    name: 'overview',
    description: 'Is the cluster really dual-stack, what is not, what broke it, and how far is its migration?',
    variables: [...commonVariables(), reportVariable(), namespaceVariable()],
    rows: [verdict(), findings(), drift(), migration(), namespaces()],
  });
}

const TILE = { width: 4, height: 4 } as const;

function verdict(): Row {
  return {
    title: 'Is it dual-stack?',
    panels: [
      stackOf(
        'nodes',
        'Nodes',
        'Which families the addresses of nodes have. Dual-stack where some node has both; what lacks one is drift.',
      ),
      stackOf('pods', 'Pods', 'Which families pods of the pod network have; where none runs, podCIDRs.'),
      stackOf('services', 'Services', 'Which families Services can have, by the ServiceCIDR of the API server.'),
      healthy(),
      findingsOf('Critical', 'Critical findings', COLOURS.critical),
      findingsOf('Warning', 'Warnings', COLOURS.warning),
      shareOf('Dual-stack nodes', 'Nodes whose addresses and, where in use, podCIDRs are of both families.', NODES, 'nodes'),
      shareOf('Dual-stack pods', 'Running pods of the pod network with addresses of both families, in the chosen namespaces.', PODS),
      shareOf(
        'Dual-stack Services',
        'Judged Services of both families, in the chosen namespaces. Single-stack ones may be wanted.',
        SERVICES,
      ),
      rootCauseCount(),
      stage(),
      evaluated(),
    ],
  };
}

function stackOf(layer: string, title: string, description: string): PanelBuilder {
  return stat({
    ...TILE,
    title,
    description: `${description} Unknown where it cannot be told: the report says why.`,
    unit: NoUnit,
    mappings: [numbersAsText(STACKS)],
    queries: [
      {
        expr: coded('stack', STACKS, (stack) => latest('dualstack_layer_stack', [], `layer="${layer}"`, stack)),
        legend: '{{cluster}}',
      },
    ],
    links: [toDocs('Which families there are', 'concepts.md', 'which-families-there-are')],
  });
}

function healthy(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Healthy',
    description: 'The condition Healthy of the report: No with any critical finding or warning, Unknown where it cannot be told.',
    unit: NoUnit,
    mappings: [numbersAsText(VERDICTS)],
    queries: [
      {
        expr: coded('status', VERDICTS, (status) => latest('dualstack_report_condition', [], OF_REPORT, 'type="Healthy"', status)),
        legend: '{{cluster}}',
      },
    ],
    links: [toDocs('Conditions', 'concepts.md', 'conditions')],
  });
}

function findingsOf(severity: string, title: string, colour: string): PanelBuilder {
  const found = latest('dualstack_findings', ['check', 'namespace'], OF_REPORT, IN_NAMESPACES, `severity="${severity}"`);
  return stat({
    ...TILE,
    title,
    description: `Findings of the severity ${severity} in the report, in the chosen namespaces. None is shown only while the report is up to date.`,
    unit: Short,
    steps: [COLOURS.good, [1, colour]],
    queries: [{ expr: orNone(sum(found)), legend: '{{cluster}}' }],
    links: [toDocs('Checks', 'checks.md')],
  });
}

const NODES = (...families: readonly string[]): string => latest('dualstack_nodes', ['families'], ...families);
const PODS = (...families: readonly string[]): string => latest('dualstack_pods', ['namespace', 'families'], IN_NAMESPACES, ...families);
const SERVICES = (...families: readonly string[]): string =>
  latest('dualstack_services', ['namespace', 'policy', 'families'], IN_NAMESPACES, ...families);

type Counts = typeof NODES;

/** Services have no dual-stack series where none of them is. */
function dualShare(counts: Counts): string {
  return share(`(${orZero(sum(counts('families="dual"')), sum(counts()))})`, sum(counts()));
}

function shareOf(title: string, description: string, counts: Counts, dashboard?: 'nodes'): PanelBuilder {
  return stat({
    ...TILE,
    title,
    description,
    unit: PercentUnit,
    steps: [COLOURS.warning, [1, COLOURS.good]],
    queries: [{ expr: dualShare(counts), legend: '{{cluster}}' }],
    ...(dashboard ? { links: [panelToDashboard(dashboard)] } : {}),
  });
}

/** In all namespaces: what explains a finding in one may be a node, or in another. */
const ROOT_CAUSES = latest('dualstack_root_causes', ['check', 'severity', 'namespace'], OF_REPORT);
const SEVERITY_COLOURS = { Critical: COLOURS.critical, Warning: COLOURS.warning, Info: COLOURS.info } as const;

function rootCauseCount(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Root causes',
    description: 'Critical findings and warnings that no other of these explains, in the whole report: as many things are to be mended.',
    unit: Short,
    steps: [COLOURS.good, [1, COLOURS.critical]],
    queries: [{ expr: orNone(sum(ROOT_CAUSES)), legend: '{{cluster}}' }],
    links: [toDocs('Causes', 'concepts.md', 'causes')],
  });
}

const STAGE = {
  unit: NoUnit,
  mappings: [numbersAsText(STAGES)],
  queries: [
    {
      expr: coded('stage', STAGES, (present) => latest('dualstack_report_migration_stage', [], OF_REPORT, present)),
      legend: 'stage {{cluster}}',
    },
  ],
} as const;

function stage(): PanelBuilder {
  return stat({
    ...TILE,
    ...STAGE,
    title: 'Migration',
    description:
      'The first stage on the way to both families of which something is left to do. Nothing is shown where the cluster is not to have both.',
    empty: 'no migration',
    links: [toDocs('Stages of a migration', 'concepts.md', 'which-families-there-are')],
  });
}

function evaluated(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Evaluated',
    description:
      'How long ago the cluster was last evaluated for the report, which is written every five minutes at least. Nothing is shown of a suspended report.',
    empty: 'not evaluated',
    unit: Seconds,
    steps: [COLOURS.good, [600, COLOURS.warning], [900, COLOURS.critical]],
    queries: [{ expr: `time() - ${latest('dualstack_report_last_evaluation_timestamp_seconds', [], OF_REPORT)}`, legend: '{{cluster}}' }],
    links: [panelToDashboard('operator')],
  });
}

function findings(): Row {
  return {
    title: 'What is wrong, and why',
    panels: [
      bars({
        title: 'Root causes, by check',
        description:
          'Critical findings and warnings that no other of these explains. Mend these first: what follows from them goes with them.',
        unit: Short,
        width: 8,
        height: 10,
        colours: SEVERITY_COLOURS,
        empty: 'no root causes',
        queries: [{ expr: sum(ROOT_CAUSES, 'check', 'severity'), legend: '{{severity}} {{check}} {{cluster}}' }],
        dataLinks: [toCheck('${__field.labels.check}')],
      }),
      table({
        title: 'Findings',
        description:
          'Findings of the report in the chosen namespaces, the worst first; those on nodes and on the cluster have no namespace. ' +
          'kubectl describe dsr names the objects, what broke them, and the command that mends each.',
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
        colours: SEVERITY_COLOURS,
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
        queries: [{ expr: latest('dualstack_family_imbalance_ratio', ['layer']), legend: '{{layer}} {{cluster}}' }],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Services short of endpoints of a family, by namespace',
        description:
          'Services whose ready endpoints differ by family, or lack one: clients of that family share fewer pods, or get none. The ten worst namespaces.',
        unit: Short,
        queries: [
          {
            expr: `topk by (cluster) (10, ${latest('dualstack_service_endpoints_unbalanced', ['namespace'], IN_NAMESPACES)} > 0)`,
            legend: '{{namespace}} {{cluster}}',
          },
        ],
      }),
    ],
  };
}

function migration(): Row {
  return {
    title: 'Migration to both families',
    panels: [
      stateTimeline({
        ...STAGE,
        title: 'Stage',
        description:
          'Node addresses, then the pod network, then what Services can have, then the Services themselves: the first of which something is left to do.',
        width: 24,
        height: 5,
        empty: 'no migration',
      }),
      progress(),
      byFamilies('Nodes, by families', 'Judged nodes by the families of both their addresses and, where in use, their podCIDRs.', NODES),
      byFamilies(
        'Pods, by families',
        'Running pods of the pod network in the chosen namespaces, by the families of their addresses.',
        PODS,
      ),
      byFamilies('Services, by families', 'Judged Services in the chosen namespaces, by their families.', SERVICES),
    ],
  };
}

function progress(): PanelBuilder {
  return timeSeries({
    ...GRAPH,
    title: 'Share that is dual-stack, by layer',
    description:
      'Which part of the judged nodes, pods and Services has both families. A migration is done where nothing is left that should have both, which may be earlier.',
    unit: PercentUnit,
    max: 1,
    queries: [
      { expr: dualShare(NODES), legend: 'nodes {{cluster}}' },
      { expr: dualShare(PODS), legend: 'pods {{cluster}}' },
      { expr: dualShare(SERVICES), legend: 'Services {{cluster}}' },
    ],
  });
}

function byFamilies(title: string, description: string, counts: Counts): PanelBuilder {
  const { dual, ipv4, ipv6, none } = COLOURS;
  return timeSeries({
    ...GRAPH,
    title,
    description,
    unit: Short,
    stacked: true,
    colours: { dual, ipv4, ipv6, none },
    queries: [{ expr: sum(counts(), 'families'), legend: '{{families}} {{cluster}}' }],
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
          'Pods and Services of each namespace, how many of them are dual-stack, the Services that are short of endpoints of a family, and the findings.',
        unit: Short,
        width: 24,
        height: 12,
        empty: '–',
        queries: [
          { expr: byNamespace(PODS) },
          { expr: byNamespace(PODS, 'families="dual"') },
          { expr: byNamespace(SERVICES) },
          { expr: byNamespace(SERVICES, 'families="dual"') },
          { expr: latest('dualstack_service_endpoints_unbalanced', ['namespace'], IN_NAMESPACES) },
          {
            expr: sum(
              latest('dualstack_findings', ['severity', 'check', 'namespace'], OF_REPORT, `${IN_NAMESPACES}, namespace!=""`),
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
          { field: 'Value #E', title: 'Short of endpoints', steps: [COLOURS.good, [1, COLOURS.warning]] },
          { field: 'Value #F', title: 'Findings', steps: [COLOURS.good, [1, COLOURS.warning]] },
        ],
        sortBy: { title: 'Findings', descending: true },
      }),
    ],
  };
}
