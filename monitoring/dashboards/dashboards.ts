import type { DashboardJson } from './dashboard.ts';
import { nodes } from './nodes.ts';
import { operator } from './operator.ts';
import { overview } from './overview.ts';

/** Where the dashboards go: kustomize reads no file from outside a component. */
export const DASHBOARDS_FOLDER = 'manifests/components/grafana-dashboards';

/** Makes each dashboard, by the name of its file. */
export const DASHBOARD_FILES: Readonly<Record<string, () => DashboardJson>> = {
  'dualstack-overview.json': overview,
  'dualstack-nodes.json': nodes,
  'dualstack-operator.json': operator,
};
