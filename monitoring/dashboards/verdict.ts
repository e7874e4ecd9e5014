import { NoUnit, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { evaluationStale } from '../rules/alerts/evaluation-stale.ts';
import { lost } from '../rules/alerts/lost.ts';
import { nodeDrift } from '../rules/alerts/node-drift.ts';
import { podDrift } from '../rules/alerts/pod-drift.ts';
import { reportNotReady } from '../rules/alerts/report-not-ready.ts';
import { serviceDrift } from '../rules/alerts/service-drift.ts';
import { serviceWithoutEndpoints } from '../rules/alerts/service-without-endpoints.ts';
import type { Alert } from '../rules/rule.ts';
import { COLORS, EVALUATION_AGE, numbersAsText, STACKS, HEADLINES } from './codes.ts';
import { dualShare, countNodes, countPods, ROOT_CAUSES, countServices, type Counts } from './counts.ts';
import type { Row } from './dashboard.ts';
import { panelToDashboard, toDocs, toRunbook, type Link } from './links.ts';
import { STAGE } from './migration.ts';
import { stat, type PanelBuilder } from './panels.ts';
import { coded, IN_NAMESPACES, latest, OF_REPORT, orNone, sum, type Code } from './queries.ts';

const TILE = { width: 4, height: 4 } as const;

/** The verdict in tiles. */
export function violation(): Row {
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
      findingsOf('Critical', 'Critical findings', COLORS.critical, serviceWithoutEndpoints),
      findingsOf('Warning', 'Warnings', COLORS.warning, serviceDrift),
      shareOf('Dual-stack nodes', 'Nodes whose addresses and, where in use, podCIDRs are of both families.', countNodes, [
        toRunbook(nodeDrift),
        panelToDashboard('nodes'),
      ]),
      shareOf('Dual-stack pods', 'Running pods of the pod network with addresses of both families, in the chosen namespaces.', countPods, [
        toRunbook(podDrift),
      ]),
      shareOf(
        'Dual-stack Services',
        'Evaluated Services of both families, in the chosen namespaces. Single-stack ones may be wanted.',
        countServices,
        [toRunbook(serviceDrift)],
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
    description: `${description} Unknown where it cannot be determined: the report says why.`,
    unit: NoUnit,
    mappings: [numbersAsText(STACKS)],
    queries: [
      {
        expr: coded('stack', STACKS, (stack) => latest('dualstack_layer_stack', [], `layer="${layer}"`, stack)),
        legend: '{{cluster}}',
      },
    ],
    links: [toDocs('How the families of a layer are detected', 'concepts.md', 'how-the-families-of-a-layer-are-detected'), toRunbook(lost)],
  });
}

function healthy(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Healthy',
    description:
      'The condition Healthy of the report: No with any critical finding or warning, Unknown where it cannot be determined. Out of date where the report is not Ready: ' +
      'then all of this dashboard is as it was before.',
    unit: NoUnit,
    mappings: [numbersAsText([...HEADLINES, OUT_OF_DATE])],
    queries: [
      {
        expr: `${coded('status', [OUT_OF_DATE], condition('Ready'))} or ${coded('status', HEADLINES, condition('Healthy'))}`,
        legend: '{{cluster}}',
      },
    ],
    links: [toDocs('Conditions', 'concepts.md', 'conditions'), toRunbook(reportNotReady), panelToDashboard('operator')],
  });
}

/** What was healthy, or was not, may have changed since. */
const OUT_OF_DATE: Code = { value: 'False', number: 3, text: 'Out of date', color: COLORS.unknown };

function condition(type: string): (status: string) => string {
  return (status) => latest('dualstack_report_condition', [], OF_REPORT, `type="${type}"`, status);
}

function findingsOf(severity: string, title: string, color: string, alert: Alert): PanelBuilder {
  const found = latest('dualstack_findings', ['check', 'namespace'], OF_REPORT, IN_NAMESPACES, `severity="${severity}"`);
  return stat({
    ...TILE,
    title,
    description: `Findings of the severity ${severity} in the report, in the chosen namespaces. None is shown only while the report is up to date.`,
    unit: Short,
    steps: [COLORS.good, [1, color]],
    queries: [{ expr: orNone(sum(found)), legend: '{{cluster}}' }],
    links: [toDocs('Checks', 'checks.md'), toRunbook(alert)],
  });
}

function shareOf(title: string, description: string, counts: Counts, links: readonly Link[]): PanelBuilder {
  return stat({
    ...TILE,
    title,
    description,
    unit: PercentUnit,
    steps: [COLORS.warning, [1, COLORS.good]],
    queries: [{ expr: dualShare(counts), legend: '{{cluster}}' }],
    links,
  });
}

function rootCauseCount(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Root causes',
    description: 'Critical findings and warnings that no other of these explains, in the whole report: as many things are to be fixed.',
    unit: Short,
    steps: [COLORS.good, [1, COLORS.critical]],
    queries: [{ expr: orNone(sum(ROOT_CAUSES)), legend: '{{cluster}}' }],
    links: [toDocs('Causes', 'concepts.md', 'causes')],
  });
}

function stage(): PanelBuilder {
  return stat({
    ...TILE,
    ...STAGE,
    title: 'Migration',
    description:
      'The first stage on the way to both families of which something is left to do. Nothing is shown where the cluster is not to have both.',
    empty: 'no migration',
    links: [toDocs('Stages of a migration', 'concepts.md', 'stages-of-a-migration')],
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
    steps: EVALUATION_AGE,
    queries: [{ expr: `time() - ${latest('dualstack_report_last_evaluation_timestamp_seconds', [], OF_REPORT)}`, legend: '{{cluster}}' }],
    links: [panelToDashboard('operator'), toRunbook(evaluationStale)],
  });
}
