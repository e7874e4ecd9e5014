import { NoUnit, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { COLORS, numbersAsText, STAGES } from './codes.ts';
import { dualShare, countNodes, countPods, countServices, type Counts } from './counts.ts';
import type { Row } from './dashboard.ts';
import { stateTimeline, timeSeries, type PanelBuilder } from './panels.ts';
import { coded, latest, OF_REPORT, sum } from './queries.ts';

const GRAPH = { width: 12, height: 8 } as const;

/** The stage of the migration that a report shows. */
export const STAGE = {
  unit: NoUnit,
  mappings: [numbersAsText(STAGES)],
  queries: [
    {
      expr: coded('stage', STAGES, (present) => latest('dualstack_report_migration_stage', [], OF_REPORT, present)),
      legend: 'stage {{cluster}}',
    },
  ],
} as const;

/** How far the cluster is on its way to both families, and how it came there. */
export function migration(): Row {
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
      byFamilies(
        'Nodes, by families',
        'Evaluated nodes by the families of both their addresses and, where in use, their podCIDRs.',
        countNodes,
      ),
      byFamilies(
        'Pods, by families',
        'Running pods of the pod network in the chosen namespaces, by the families of their addresses.',
        countPods,
      ),
      byFamilies('Services, by families', 'Evaluated Services in the chosen namespaces, by their families.', countServices),
    ],
  };
}

function progress(): PanelBuilder {
  return timeSeries({
    ...GRAPH,
    title: 'Share that is dual-stack, by layer',
    description:
      'Which part of the evaluated nodes, pods and Services has both families. A migration is done where nothing is left that should have both, which may be earlier.',
    unit: PercentUnit,
    max: 1,
    queries: [
      { expr: dualShare(countNodes), legend: 'nodes {{cluster}}' },
      { expr: dualShare(countPods), legend: 'pods {{cluster}}' },
      { expr: dualShare(countServices), legend: 'Services {{cluster}}' },
    ],
  });
}

function byFamilies(title: string, description: string, counts: Counts): PanelBuilder {
  const { dual, ipv4, ipv6, none } = COLORS;
  return timeSeries({
    ...GRAPH,
    title,
    description,
    unit: Short,
    stacked: true,
    colors: { dual, ipv4, ipv6, none },
    queries: [{ expr: sum(counts(), 'families'), legend: '{{families}} {{cluster}}' }],
  });
}
