import { readFileSync } from 'node:fs';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';
import { anchorsIn } from '../support/markdown.ts';
import { dashboards, panelsOf, type Dashboard, type Panel } from './dashboard-json.ts';
import { exposedMetrics, type ExposedMetric } from './exposed-metrics.ts';
import { selectorsOf } from './promql.ts';

/** Labels that Prometheus, and not the operator, gives a series. */
const OF_TARGETS = ['cluster', 'job', 'pod'];
/** What Grafana itself fills in. */
const BUILT_IN = /^__/;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;
const UNITS: readonly unknown[] = Object.values({ ...units });

describe('the dashboards', () => {
  const all = dashboards();
  let metrics: ReadonlyMap<string, ExposedMetric>;

  before(async () => {
    metrics = await exposedMetrics();
  });

  it('have uids that stay, since links and bookmarks hold them', () => {
    expect(all.map(([file, { uid, title }]) => [file, uid, title])).to.deep.equal([
      ['dualstack-overview.json', 'dualstack-overview', 'Dual-stack / Overview'],
      ['dualstack-nodes.json', 'dualstack-nodes', 'Dual-stack / Nodes'],
      ['dualstack-operator.json', 'dualstack-operator', 'Dual-stack / Operator'],
    ]);
  });

  for (const [file, dashboard] of all) {
    describe(file, () => {
      const panels = panelsOf(dashboard);
      const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ refId, expr }) => ({ of: `${title} ${refId}`, expr })));

      it('asks for metrics that the operator exposes, and for labels and values that they have', () => {
        expect(queries.flatMap(({ of, expr }) => wrongIn(expr, metrics).map((fault) => `${of}: ${fault}`))).to.deep.equal([]);
      });

      it('counts once what two replicas, or two addresses of one, measure alike', () => {
        const loose = queries.filter(({ expr }) => selectorsOf(expr).some(({ maxBy }) => maxBy?.[0] !== 'cluster'));
        expect(loose).to.deep.equal([]);
      });

      it('asks in every query for the chosen cluster, and for all clusters where they have no such label', () => {
        const loose = queries.filter(({ expr }) =>
          selectorsOf(expr).some(({ matchers }) => !matchers.some(({ label, value }) => label === 'cluster' && value === '$cluster')),
        );
        expect(loose).to.deep.equal([]);
        expect(variable(dashboard, 'cluster')).to.include({ includeAll: true, allValue: '.*', multi: false });
      });

      it('says of every panel what it shows, in which unit and in which colors, and its text without a value', () => {
        for (const { title, description = '', fieldConfig } of panels) {
          const { unit = '', noValue = '', thresholds, mappings = [] } = fieldConfig!.defaults;
          expect(description, title).to.match(/^[A-Z].{20,}\.$/);
          expect(UNITS, title).to.include(unit);
          expect(noValue, title).not.to.equal('');
          expect(thresholds?.steps[0]?.value, title).to.equal(null);
          const above = thresholds?.steps.slice(1).map(({ value }) => value) ?? [];
          expect(above, title).to.deep.equal([...above].sort((a, b) => Number(a) - Number(b)));
          expect(
            mappings.flatMap(({ options }) => Object.values(options)).every(({ text, color }) => text && color),
            title,
          ).to.equal(true);
        }
      });

      it('has no two panels of one title', () => {
        expect(new Set(panels.map(({ title }) => title))).to.have.property('size', panels.length);
      });

      it('colors what is good or bad: every tile has steps, or texts with colors', () => {
        const tiles = panels.filter(({ type }) => type === 'stat');
        const plain = tiles.filter(
          ({ fieldConfig }) => !fieldConfig?.defaults.mappings?.length && !fieldConfig?.defaults.thresholds?.steps[1],
        );
        expect(plain.map(({ title }) => title)).to.have.members(dashboard.uid === 'dualstack-nodes' ? ['Evaluated nodes'] : []);
      });

      it('has a text for every number that represents one', () => {
        for (const { title, targets = [], fieldConfig } of panels.filter(({ fieldConfig }) => fieldConfig?.defaults.mappings?.length)) {
          const numbers = targets.flatMap(({ expr }) => [...expr.matchAll(/(\d+) \* \(/g)].map(([, number]) => number ?? ''));
          const texts = fieldConfig!.defaults.mappings!.flatMap(({ options }) => Object.keys(options));
          expect(texts, title).to.include.members(numbers);
        }
      });

      it('uses every variable that it has, and no other', () => {
        const { templating, ...rest } = dashboard;
        const names = templating.list.map(({ name }) => name);
        const used = variablesIn(JSON.stringify(rest));
        const chained = variablesIn(JSON.stringify(templating)).filter((name) => !BUILT_IN.test(name));
        expect(names).to.have.members([...new Set([...used.filter((name) => !BUILT_IN.test(name)), ...chained])]);
        expect(new Set(used.filter((name) => BUILT_IN.test(name)))).to.satisfy(areKnown);
        const visible = templating.list.filter(({ hide }) => hide === undefined);
        expect(visible.every(({ label }) => label)).to.equal(true);
      });

      it('takes all data from the chosen data source', () => {
        const asking = templatingQueries(dashboard);
        expect([...asking, ...panels, ...panels.flatMap(({ targets = [] }) => targets)].map(({ datasource }) => datasource)).to.satisfy(
          (sources: readonly unknown[]) =>
            sources.length > 0 && sources.every((source) => JSON.stringify(source) === JSON.stringify(DATASOURCE)),
        );
      });

      it('has panels with ids of their own, side by side, that fill the width', () => {
        const ids = dashboard.panels.map(({ id }) => id);
        expect(new Set(ids)).to.have.property('size', ids.length);
        expect(cellsTakenTwice(dashboard.panels)).to.deep.equal([]);
        const [right, bottom] = [COLUMNS, Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h))];
        expect(dashboard.panels.reduce((sum, { gridPos: { w, h } }) => sum + w * h, 0)).to.equal(right * bottom);
      });

      it('has columns that its queries give', () => {
        for (const panel of panels.filter(({ type }) => type === 'table')) {
          const given = new Set(fieldsOf(panel));
          expect(
            columnsOf(panel).filter((column) => !given.has(column)),
            panel.title,
          ).to.deep.equal([]);
          const { overrides } = panel.fieldConfig!;
          expect(Object.values(organized(panel)), panel.title).to.deep.equal(overrides.map(({ matcher }) => matcher.options));
          const without = overrides.map(({ properties }) => properties.find(({ id }) => id === 'noValue')?.value);
          expect(new Set(without), 'an empty cell is not an empty table').to.deep.equal(new Set(['–']));
        }
      });

      it('links to dashboards that there are, and to headings of the docs', () => {
        const uids = all.map(([, { uid }]) => uid);
        const urls = linksIn(dashboard);
        expect(urls.filter((url) => url.startsWith('/d/')).map((url) => url.split(/[/?]/)[2])).to.satisfy((linked: readonly string[]) =>
          linked.every((uid) => uids.includes(uid)),
        );
        expect(new Set(dashboard.links.map(({ url }) => url))).to.include.all.keys(
          uids.filter((uid) => uid !== dashboard.uid).map((uid) => `/d/${uid}`),
        );
        const elsewhere = urls.filter((url) => !url.startsWith('/d/'));
        expect(elsewhere.filter((url) => !leadsSomewhere(url))).to.deep.equal([]);
      });
    });
  }

  it('can link to each check by its name', () => {
    expect(CHECKS.filter(({ name }) => !leadsSomewhere(`\${docs}/checks.md#${name}`))).to.deep.equal([]);
  });
});

function variable({ templating }: Dashboard, name: string): object {
  return templating.list.find((each) => each.name === name) ?? expect.fail(`it has no variable ${name}`);
}

function templatingQueries({ templating }: Dashboard): readonly { readonly datasource?: object }[] {
  return templating.list.filter(({ type }) => type === 'query').map(({ datasource }) => (datasource ? { datasource } : {}));
}

/** What an expression asks for that no metric has. */
function wrongIn(expr: string, metrics: ReadonlyMap<string, ExposedMetric>): readonly string[] {
  return selectorsOf(expr).flatMap(({ metric, matchers, maxBy = [] }) => {
    const exposed = metrics.get(metric);
    if (!exposed) return [`there is no metric ${metric}`];
    const known = [...exposed.labels, ...OF_TARGETS];
    const labels = [...matchers.map(({ label }) => label), ...maxBy].filter((label) => !known.includes(label));
    const literal = matchers.filter(({ operator, value }) => operator.startsWith('=') && !value.startsWith('$'));
    const values = literal.filter(
      ({ label, value }) => ![...exposed.values(label)].some((each) => new RegExp(`^(?:${value})$`).test(each)),
    );
    return [
      ...labels.map((label) => `${metric} has no label ${label}`),
      ...values.map(({ label, value }) => `${metric} never has ${label}="${value}"`),
    ];
  });
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)|(\w+))/g)].map(([, braced, bare]) => braced ?? bare ?? '');
}

function areKnown(names: ReadonlySet<string>): boolean {
  return [...names].every((name) => ['__rate_interval', '__value', '__field', '__url_time_range'].includes(name));
}

function cellsTakenTwice(panels: readonly Panel[]): readonly string[] {
  const taken = new Set<string>();
  const twice: string[] = [];
  for (const { title, gridPos } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        if (taken.has(`${x}/${y}`) || x >= COLUMNS) twice.push(`${title}: ${x}/${y}`);
        taken.add(`${x}/${y}`);
      }
    }
  }
  return twice;
}

/** The fields that a table gets: the labels of its queries, and their values. */
function fieldsOf({ targets = [] }: Panel): readonly string[] {
  const values = targets.length === 1 ? ['Value'] : targets.map(({ refId }) => `Value #${refId}`);
  const labels = targets.flatMap(({ expr }) => [
    ...selectorsOf(expr).flatMap(({ maxBy = [] }) => maxBy),
    ...[...expr.matchAll(/, "(\w+)", "\d+", "severity"/g)].map(([, label]) => label ?? ''),
  ]);
  return [...values, ...labels];
}

function columnsOf(panel: Panel): readonly string[] {
  return Object.keys(organized(panel));
}

/** The fields of a table by their titles; all transformations speak of the same. */
function organized({ transformations = [] }: Panel): Readonly<Record<string, string>> {
  const options = (id: string): unknown => transformations.find((each) => each.id === id)?.options;
  const { renameByName, indexByName } = options('organize') as Readonly<Record<string, Record<string, string>>>;
  const { include } = options('filterFieldsByName') as { readonly include: { readonly names: readonly string[] } };
  expect(Object.keys(renameByName!)).to.deep.equal(Object.keys(indexByName!));
  expect(include.names).to.deep.equal(Object.keys(renameByName!));
  return renameByName!;
}

/** The addresses of all links of a dashboard, its panels and their cells. */
function linksIn(dashboard: Dashboard): readonly string[] {
  return [...JSON.stringify(dashboard).matchAll(/"url":"([^"]*)"/g)].map(([, url]) => url ?? '');
}

/** Whether a link into the docs leads to a heading, or to an anchor; what Grafana fills in is looked at elsewhere. */
function leadsSomewhere(url: string): boolean {
  const [, file = '', anchor] = /^\$\{docs\}\/([\w-]+\.md)(?:#(.+))?$/.exec(url) ?? [];
  const text = readFileSync(fromRoot('docs', file), 'utf8');
  if (anchor === undefined || /^\$\{__(?:value\.raw|field\.labels\.check)\}$/.test(anchor)) return true;
  return anchorsIn(text).has(anchor);
}
