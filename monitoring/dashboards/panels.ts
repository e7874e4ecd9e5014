import { PanelBuilder as BarGaugePanel } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DataTransformerConfig,
  type DynamicConfigValue,
  type Panel,
  type Threshold,
  type ThresholdsConfig,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { String as StringUnit } from '@grafana/grafana-foundation-sdk/units';
import type { Link } from './links.ts';
import type { Query } from './queries.ts';
import { DATASOURCE } from './variables.ts';

/** What every panel has. */
interface Recorded {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  readonly unit: string;
  /** In columns, of which there are 24. */
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly Link[];
  /** The text where there is no value. */
  readonly empty?: string;
}

/** Something that Grafana’s SDK builds. */
interface Builder<T> {
  build(): T;
}

/** A panel without its place. */
export type PanelBuilder = Builder<Panel> & { id(id: number): PanelBuilder };

/** From which value on which color counts. */
export type Steps = readonly [base: string, ...above: (readonly [value: number, color: string])[]];

/** What the builders of all kinds of panels have in common. */
interface AnyPanelBuilder extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: typeof DATASOURCE): this;
  unit(unit: string): this;
  span(width: number): this;
  height(height: number): this;
  noValue(text: string): this;
  mappings(mappings: ValueMapping[]): this;
  links(links: Link[]): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
  overrideByRegexp(regexp: string, properties: DynamicConfigValue[]): this;
  withTarget(target: DataqueryBuilder): this;
}

interface StatParts extends Recorded {
  readonly steps?: Steps;
}

/** The present value, large, on a ground that says whether it is good. */
export function stat(parts: StatParts): PanelBuilder {
  return described(new StatPanel(), parts, (query) => query.instant())
    .thresholds(thresholds(parts.steps ?? [PLAIN]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

/** The colors of series whose names begin so. */
type Colors = Readonly<Record<string, string>>;

interface BarsParts extends Recorded {
  readonly colors: Colors;
  readonly dataLinks: readonly Link[];
}

/** The present values as bars, one below the other. */
export function bars(parts: BarsParts): PanelBuilder {
  const panel = described(new BarGaugePanel(), parts, (query) => query.instant())
    .dataLinks([...parts.dataLinks])
    .thresholds(thresholds([PLAIN]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .min(0)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
  color(panel, parts.colors);
  return panel;
}

interface TimeSeriesParts extends Recorded {
  /** Shown as a dashed line where they are given. */
  readonly steps?: Steps;
  readonly stacked?: boolean;
  readonly max?: number;
  readonly colors?: Colors;
}

/** Values over time, from 0 up. */
export function timeSeries(parts: TimeSeriesParts): PanelBuilder {
  const panel = described(new TimeSeriesPanel(), parts, (query) => query.range())
    .thresholds(thresholds(parts.steps ?? [PLAIN]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(parts.steps ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off),
    )
    .stacking(new StackingConfigBuilder().mode(parts.stacked ? StackingMode.Normal : StackingMode.None))
    .fillOpacity(parts.stacked ? 40 : 10)
    .showPoints(VisibilityMode.Never)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  color(panel, parts.colors);
  return parts.max === undefined ? panel : panel.max(parts.max);
}

/** Which of several states something was in, over time. */
export function stateTimeline(parts: Recorded): PanelBuilder {
  return described(new StateTimelinePanel(), parts, (query) => query.range())
    .thresholds(thresholds([PLAIN]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.85)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true));
}

/** A column of a table. */
export interface Column {
  /** A label, or `Value` for what the query gives; with several queries `Value #A` and so on. */
  readonly field: string;
  readonly title: string;
  readonly width?: number;
  readonly unit?: string;
  readonly mapping?: ValueMapping;
  /** Gives the cell the color of its value. */
  readonly steps?: Steps;
  readonly dataLinks?: readonly Link[];
}

interface TableParts extends Recorded {
  /** From left to right; other fields are skipped. */
  readonly columns: readonly Column[];
  readonly sortBy: { readonly title: string; readonly descending: boolean };
}

/** Present values in rows; those of several queries are joined where all their labels are alike. */
export function table(parts: TableParts): PanelBuilder {
  const panel = described(new TablePanel(), parts, (query) => query.instant().format(PromQueryFormat.Table))
    .thresholds(thresholds([PLAIN]))
    .filterable(true)
    .transformations([fieldsOf(parts.columns), ...(parts.queries.length > 1 ? [MERGED] : []), inOrder(parts.columns)])
    .sortBy([new TableSortByFieldStateBuilder().displayName(parts.sortBy.title).desc(parts.sortBy.descending)]);
  for (const column of parts.columns) panel.overrideByName(column.title, propertiesOf(column));
  return panel;
}

/** The color of what is neither good nor bad. */
const PLAIN = 'blue';
const MERGED: DataTransformerConfig = { id: 'merge', options: {} };

function described<B extends AnyPanelBuilder>(builder: B, parts: Recorded, as: (query: DataqueryBuilder) => DataqueryBuilder): B {
  builder
    .title(parts.title)
    .description(parts.description)
    .datasource(DATASOURCE)
    .unit(parts.unit)
    .span(parts.width)
    .height(parts.height)
    .noValue(parts.empty ?? 'not measured')
    .mappings([...(parts.mappings ?? [])])
    .links([...(parts.links ?? [])]);
  for (const [index, { expr, legend }] of parts.queries.entries()) {
    const query = new DataqueryBuilder()
      .expr(expr)
      .refId(String.fromCodePoint(A + index))
      .datasource(DATASOURCE);
    builder.withTarget(as(legend === undefined ? query : query.legendFormat(legend)));
  }
  return builder;
}

const A = 65;

function color(panel: AnyPanelBuilder, colors: Colors = {}): void {
  for (const [name, fixedColor] of Object.entries(colors)) {
    panel.overrideByRegexp(`/^${name}/`, [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor } }]);
  }
}

function thresholds([base, ...above]: Steps): ThresholdsConfigBuilder {
  const steps: Threshold[] = [{ value: null, color: base }, ...above.map(([value, color]) => ({ value, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/** Leaves all other fields out: rows would not be joined where these differ, as times do. */
function fieldsOf(columns: readonly Column[]): DataTransformerConfig {
  return { id: 'filterFieldsByName', options: { include: { names: columns.map(({ field }) => field) } } };
}

function inOrder(columns: readonly Column[]): DataTransformerConfig {
  return {
    id: 'organize',
    options: {
      excludeByName: {},
      indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
      renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
    },
  };
}

/** An empty cell has no value of its own, and would have the text of an empty table; a label is no number, whatever it looks like. */
function propertiesOf({ field, width, unit, mapping, steps, dataLinks }: Column): DynamicConfigValue[] {
  const colored = mapping !== undefined || steps !== undefined;
  const unitOfField = field.startsWith('Value') ? unit : StringUnit;
  return [
    { id: 'noValue', value: '–' },
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(unitOfField === undefined ? [] : [{ id: 'unit', value: unitOfField }]),
    ...(mapping === undefined ? [] : [{ id: 'mappings', value: [mapping] }]),
    ...(steps === undefined ? [] : [{ id: 'thresholds', value: thresholds(steps).build() }]),
    ...(colored ? [{ id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }] : []),
    ...(dataLinks === undefined ? [] : [{ id: 'links', value: dataLinks.map(cellLink) }]),
  ];
}

/** A link from a cell has nothing of what a link of a dashboard has beside these. */
function cellLink(link: Link): object {
  const { title, url, targetBlank } = link.build();
  return { title, url, targetBlank };
}
