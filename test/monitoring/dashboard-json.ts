import { DASHBOARD_FILES } from '../../monitoring/dashboards/dashboards.ts';

/** What tests read of a dashboard. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly Variable[] };
  readonly links: readonly Link[];
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly hide?: number;
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue?: string;
  readonly query: string | { readonly query: string };
  readonly datasource?: DataSource;
  readonly current?: { readonly value: string | readonly string[] };
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: DataSource;
  readonly targets?: readonly Target[];
  readonly links?: readonly Link[];
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly mappings?: readonly Mapping[];
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
      readonly links?: readonly Link[];
    };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

export interface Mapping {
  readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: DataSource;
  readonly instant?: boolean;
  readonly format?: string;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

/** The dashboards by the names of their files, as Grafana reads them. */
export function dashboards(): readonly (readonly [file: string, dashboard: Dashboard])[] {
  return Object.entries(DASHBOARD_FILES).map(([file, make]) => [file, JSON.parse(JSON.stringify(make())) as Dashboard]);
}

/** The panels that show something, and not the headings of rows. */
export function panelsOf({ panels }: Dashboard): readonly Panel[] {
  return panels.filter(({ type }) => type !== 'row');
}
