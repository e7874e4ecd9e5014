import {
  ConstantVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DOCS } from '../settings.ts';

/** Where a panel or a variable gets its data: what is chosen in the variable `datasource`. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** What Grafana’s editor of variables calls a query for the values of a label. */
const LABEL_VALUES = 1;
const ALL = { text: 'All', value: '$__all' };

/** A variable as the SDK takes it. */
export interface Variable {
  build(): VariableModel;
}

/** The data source, the cluster and where the documents are: in every dashboard, and first. */
export function commonVariables(): readonly Variable[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    // The label is set by who collects from several clusters; .* takes the series that are without it too.
    choice('cluster', 'Cluster', 'dualstack_build_info', 'The label cluster, where Prometheus sets it.').current(ALL).allValue('.*'),
    new ConstantVariableBuilder('docs').description('Where the documents are that links lead to.').value(DOCS),
  ];
}

/** Which report to show: one at a time, since two may show the same things. */
export function reportVariable(): Variable {
  return query('report', 'Report', 'dualstack_report_condition{cluster=~"$cluster"}', 'Which DualStackReport to show.').current({
    text: 'cluster',
    value: 'cluster',
  });
}

/** Which namespaces to count; All takes what belongs to none too. */
export function namespaceVariable(): Variable {
  const description = 'Whose pods, Services and findings to count; All counts what nodes and the cluster have too.';
  const series = '{__name__=~"dualstack_(pods|services)", cluster=~"$cluster"}';
  return choices('namespace', 'Namespace', series, description).allValue('.*');
}

/** Which nodes to list. */
export function nodeVariable(): Variable {
  const description = 'Nodes that lack something; all evaluated nodes where the operator runs with --metrics-per-node=true.';
  return choices('node', 'Node', 'dualstack_node_families{cluster=~"$cluster"}', description).allValue('.*');
}

/** Which scrape jobs are the operator’s: All are those that expose it, and never .*, since any Node.js program has process metrics. */
export function jobVariable(): Variable {
  return choices('job', 'Job', 'dualstack_build_info{cluster=~"$cluster"}', 'The scrape jobs of the operator.');
}

/** Which replicas to show, by the label that the Prometheus Operator gives targets. */
export function podVariable(): Variable {
  const description = 'The replicas, by the label pod of their targets; without it they are shown as one.';
  return choices('pod', 'Replica', 'dualstack_build_info{cluster=~"$cluster", job=~"$job"}', description).allValue('.*');
}

/** One of several values, or all of them. */
function choice(name: string, label: string, series: string, description: string): QueryVariableBuilder {
  return query(name, label, series, description).includeAll(true);
}

/** Some of several values, or all of them. */
function choices(name: string, label: string, series: string, description: string): QueryVariableBuilder {
  return choice(name, label, series, description)
    .multi(true)
    .current({ text: ['All'], value: ['$__all'] });
}

/** The values of the label of the same name in some series. */
function query(name: string, label: string, series: string, description: string): QueryVariableBuilder {
  const values = `label_values(${series}, ${name})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query({ qryType: LABEL_VALUES, query: values, refId: name })
    .definition(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}
