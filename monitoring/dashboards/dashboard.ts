// The SDK would rather have Grafana's new schema (v2), which only the newest versions know. What a sidecar provisions from ConfigMaps, and
// what every version from 10 on takes, is this one.
/* eslint-disable @typescript-eslint/no-deprecated */
import { DashboardBuilder, DashboardCursorSync, RowBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARDS, toDashboard, toDocs, type DashboardName } from './links.ts';
import type { PanelBuilder } from './panels.ts';
import type { Variable } from './variables.ts';

/** What Grafana reads. */
export type DashboardJson = Dashboard;

/** A dashboard in the words of this folder. */
export interface DashboardParts {
  readonly name: DashboardName;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** Panels below a heading. They flow from left to right; the widths of a line sum to 24. */
export interface Row {
  readonly title: string;
  readonly panels: readonly PanelBuilder[];
}

/** Grafana's JSON of a dashboard, with links to the others and to the documents. */
export function dashboardOf({ name, description, variables, rows }: DashboardParts): DashboardJson {
  const { uid, title } = DASHBOARDS[name];
  const others = (Object.keys(DASHBOARDS) as DashboardName[]).filter((other) => other !== name);
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['dualstack-operator', 'kubernetes'])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .variables([...variables])
    .links([...others.map(toDashboard), toDocs('Checks', 'checks.md'), toDocs('Runbooks', 'runbooks.md')]);
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(++id));
    for (const panel of row.panels) builder.withPanel(panel.id(++id));
  }
  return builder.build();
}
