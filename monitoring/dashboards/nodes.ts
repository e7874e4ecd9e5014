import { NoUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { nodeDrift } from '../rules/alerts/node-drift.ts';
import { nodePodCIDRMissing } from '../rules/alerts/node-pod-cidr-missing.ts';
import { COLORS, FAMILIES, FAMILIES_IF_ANY, valuesAsText } from './codes.ts';
import { dashboardOf, type DashboardJson, type Row } from './dashboard.ts';
import { toCheck, toDocs, toRunbook } from './links.ts';
import { stat, table, timeSeries, type PanelBuilder } from './panels.ts';
import { latest, OF_REPORT, orZero, sum } from './queries.ts';
import { commonVariables, nodeVariable, reportVariable } from './variables.ts';

/** Which nodes lack a family, and in what. */
export function nodes(): DashboardJson {
  return dashboardOf({
    name: 'nodes',
    description: 'Which nodes lack a family: in their addresses, in their podCIDRs, or in what their pods get.',
    variables: [...commonVariables(), reportVariable(), nodeVariable()],
    rows: [counts(), rows(), history()],
  });
}

const TILE = { width: 4, height: 4, unit: Short } as const;
const EVALUATED = sum(latest('dualstack_nodes', ['families']));
const ON_NODES = 'node=~"$node"';

function counts(): Row {
  const violation = latest('dualstack_node_pod_cidr_missing', ['node'], ON_NODES);
  return {
    title: 'How many',
    panels: [
      stat({
        ...TILE,
        title: 'Evaluated nodes',
        description: 'All nodes but virtual ones and those that are being deleted.',
        queries: [{ expr: EVALUATED, legend: '{{cluster}}' }],
        links: [toDocs('What is evaluated', 'concepts.md', 'what-is-evaluated')],
      }),
      ofFamilies('dual', 'Dual-stack', 'Nodes whose addresses and, where in use, podCIDRs are of both families.', COLORS.good),
      ofFamilies(
        'ipv4',
        'IPv4 only',
        'Nodes whose addresses and, where in use, podCIDRs have IPv4 in common, and not IPv6.',
        COLORS.warning,
      ),
      ofFamilies(
        'ipv6',
        'IPv6 only',
        'Nodes whose addresses and, where in use, podCIDRs have IPv6 in common, and not IPv4.',
        COLORS.warning,
      ),
      ofFamilies('none', 'Neither', 'Nodes whose addresses and, where in use, podCIDRs have no family in common.', COLORS.critical),
      stat({
        ...TILE,
        title: 'Lack a podCIDR',
        description: 'Nodes without the podCIDR of a family that they should have: their pods cannot have it.',
        steps: [COLORS.good, [1, COLORS.critical]],
        queries: [{ expr: orZero(sum(violation), EVALUATED), legend: '{{cluster}}' }],
        links: [toCheck('NodePodCIDRMissing'), toRunbook(nodePodCIDRMissing)],
      }),
    ],
  };
}

function ofFamilies(families: string, title: string, description: string, color: string): PanelBuilder {
  return stat({
    ...TILE,
    title,
    description,
    steps: [families === 'dual' ? COLORS.none : COLORS.good, [1, color]],
    queries: [{ expr: latest('dualstack_nodes', [], `families="${families}"`), legend: '{{cluster}}' }],
  });
}

function rows(): Row {
  const [mapping, ifAny] = [valuesAsText(FAMILIES), valuesAsText(FAMILIES_IF_ANY)];
  return {
    title: 'Which',
    panels: [
      table({
        title: 'Nodes that lack a family',
        description:
          'The families of the addresses, the podCIDRs and the pods of each node that a check finds to lack one; of every evaluated node where the operator ' +
          'runs with --metrics-per-node=true. Pods: running ones of the pod network; none where there is none.',
        unit: NoUnit,
        width: 24,
        height: 14,
        empty: 'no node lacks a family',
        links: [toRunbook(nodeDrift)],
        queries: [{ expr: latest('dualstack_node_families', ['node', 'addresses', 'pod_cidrs', 'pods'], ON_NODES) }],
        columns: [
          { field: 'node', title: 'Node' },
          { field: 'cluster', title: 'Cluster' },
          { field: 'addresses', title: 'Addresses', mapping, dataLinks: [toCheck('NodeAddressMissing')] },
          {
            field: 'pod_cidrs',
            title: 'podCIDRs',
            mapping: ifAny,
            dataLinks: [toCheck('NodePodCIDRMissing'), toCheck('NodePodCIDRConflict')],
          },
          { field: 'pods', title: 'Pods', mapping: ifAny, dataLinks: [toCheck('NodePodNetworkFamilyMissing')] },
        ],
        sortBy: { title: 'Node', descending: false },
      }),
    ],
  };
}

const GRAPH = { width: 8, height: 9, unit: Short } as const;

function history(): Row {
  const { dual, ipv4, ipv6, none } = COLORS;
  return {
    title: 'Over time',
    panels: [
      timeSeries({
        ...GRAPH,
        title: 'Nodes, by families',
        description: 'Evaluated nodes by the families of both their addresses and, where in use, their podCIDRs.',
        stacked: true,
        colors: { dual, ipv4, ipv6, none },
        queries: [{ expr: latest('dualstack_nodes', ['families']), legend: '{{families}} {{cluster}}' }],
      }),
      timeSeries({
        ...GRAPH,
        title: 'podCIDRs that are missing, by family',
        description: 'Nodes that lack the podCIDR of a family which they should have.',
        queries: [
          {
            expr: sum(latest('dualstack_node_pod_cidr_missing', ['node', 'family'], ON_NODES), 'family'),
            legend: '{{family}} {{cluster}}',
          },
        ],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Findings on nodes, by check',
        description:
          'Findings of the report that are about nodes. Where most nodes have the same fault, one finding on the cluster represents them.',
        queries: [
          {
            expr: sum(latest('dualstack_findings', ['check', 'severity'], OF_REPORT, 'check=~"Node.*"'), 'check'),
            legend: '{{check}} {{cluster}}',
          },
        ],
      }),
    ],
  };
}
