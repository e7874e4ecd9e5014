import { expect } from 'chai';
import fc from 'fast-check';
import { inOneStep } from '../../../src/core/engine/in-short-steps.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { rootCauses } from '../../../src/core/report/root-causes.ts';
import { selectionFor } from '../../../src/core/report/selection.ts';
import { buildStatus } from '../../../src/core/report/status.ts';
import type { DualStackReportSpec, DualStackReportStatus, FamilyCounts, FindingSummary } from '../../../src/core/report/types.ts';
import { headlineWords } from '../../../src/core/report/words.ts';
import { scanText } from '../../../src/outputs/text.ts';
import { pageDocument } from '../../../src/server/page/document.ts';
import { pageModel } from '../../../src/server/page/model.ts';
import { evaluateAll, NOW, service } from '../../core/build.ts';
import { conditionOf, report } from '../../core/report/report.ts';
import { anyCluster } from '../../core/universe.ts';
import { propertyRuns } from '../../support/property-runs.ts';

/** As many root causes are printed. */
const CAUSES_PRINTED = 3;

const anySpec: fc.Arbitrary<DualStackReportSpec> = fc.record({
  expectedFamilies: fc.constantFrom<NonNullable<DualStackReportSpec['expectedFamilies']>>([], ['IPv4', 'IPv6']),
  maxFindings: fc.constantFrom(1, 5, 100),
});

/** Services of one family in several namespaces, so that many findings say the same. */
const manyServices = fc
  .array(fc.constantFrom('shop', 'blog', 'bank', 'mail', 'wiki', 'chat'), { maxLength: 12 })
  .map((namespaces) => namespaces.map((namespace, index) => service({ name: `single-${index}`, namespace, selector: {} })));

/** One evaluation on all screens. */
interface Screens {
  readonly status: DualStackReportStatus;
  readonly text: string;
  readonly page: string;
}

function screensOf(facts: readonly Facts[], spec: DualStackReportSpec): Screens {
  const { evaluation, store } = evaluateAll(facts, { expected: spec.expectedFamilies ?? [] });
  const before = report({ spec });
  const selection = selectionFor(before, evaluation, store, NOW);
  const status = buildStatus({ report: before, evaluation, store, now: NOW, writerEpoch: 1 }, selection);
  const causes = [...rootCauses(selection, evaluation, store).byId.values()].slice(0, CAUSES_PRINTED).map(({ message }) => message);
  const model = inOneStep(
    pageModel({
      version: '1',
      now: NOW,
      reportsKnown: 'Synced',
      reports: ['cluster'],
      report: report({ spec, status }),
      evaluation,
      store,
      ready: true,
      staleSources: [],
      leads: true,
      nodesPage: 1,
    }),
  );
  return {
    status,
    text: scanText(status, causes, { width: Infinity, paint: (_style, words) => words }),
    page: inOneStep(pageDocument(model)),
  };
}

/** The sum of the numbers before these words. */
function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0);
}

const COUNTED = { nodes: 'Nodes', pods: 'Pods', services: 'Services', endpoints: 'Endpoints' } as const;
const PARTS = / (\d+) (?:of \d+ dual-stack|IPv4 only|IPv6 only|without |in no )/g;

function expectParts(words: string, { total, skipped = {} }: FamilyCounts): void {
  expect(sumOf(` ${words}`, PARTS), words).to.equal(total);
  const others = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const [, all = '0', reasons = ''] = / (\d+) not evaluated \(([^)]*)\)/.exec(words) ?? [];
  expect([Number(all), sumOf(`, ${reasons}`, /, (\d+) /g)], words).to.deep.equal([others, others]);
}

function expectLayers({ status, text, page }: Screens): void {
  for (const [name, title] of Object.entries(COUNTED) as [keyof typeof COUNTED, string][]) {
    const counts = status[name];
    expect(counts, name).to.not.equal(undefined);
    if (!counts) continue;
    const { total, dualStack, ipv4Only, ipv6Only, none, ratio } = counts;
    expect([dualStack + ipv4Only + ipv6Only + none, `${dualStack}/${total}`]).to.deep.equal([total, ratio]);
    const line = new RegExp(`^  ${title} .*$`, 'm').exec(text)?.[0] ?? '';
    expectParts(line.slice(line.indexOf(';') + 1), counts);
    const key = new RegExp(`<h3>${title}</h3>(?:(?!</li>)[\\s\\S])*?<p class="key">([\\s\\S]*?)</p>`).exec(page)?.[1];
    if (key !== undefined) expectParts(key.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '), counts);
  }
  for (const { evidence } of [status.stack!.nodes, status.stack!.pods]) {
    const [, total = '0'] = /of (\d+) (?:node|pod-network pod)/.exec(evidence) ?? [];
    expect(sumOf(evidence, / (\d+) (?:have addresses|IPv4 only|IPv6 only|none of either)/g), evidence).to.equal(Number(total));
  }
}

function expectHeadline({ status, text }: Screens): void {
  const { critical, warning, info, rootCauses: causes } = status.summary as FindingSummary;
  const healthy = conditionOf(status, 'Healthy');
  const headline = headlineWords(healthy);
  expect(text.startsWith(`${headline}\n`)).to.equal(true);
  const counts = [/(\d+) critical/, /(\d+) warnings?[,;]/, /(\d+) info/, /(\d+) root cause/].map((words) =>
    Number(words.exec(headline)?.[1] ?? 0),
  );
  if (healthy.status === 'False') expect(counts, headline).to.deep.equal([critical, warning, info, causes]);
  if (healthy.status === 'True') expect(counts[2], headline).to.equal(info);
}

const TITLE = / {2}(?:Critical|Warning|Info) .*\n/.source;

function expectText({ status, text }: Screens): void {
  const { critical, warning, info, rootCauses: causes, checks = {} } = status.summary as FindingSummary;
  const all = critical + warning + info;
  expect((status.findings?.length ?? 0) + (status.findingsOmitted ?? 0)).to.equal(all);
  expect(Object.values(checks).reduce((sum, count) => sum + count, 0)).to.equal(all);
  const section = (title: string): string => new RegExp(`\\n\\n${title}\\n([\\s\\S]*?)(?:\\n\\n|$)`).exec(text)?.[1] ?? '';
  const printed = section('Root causes');
  expect(countOf(printed, /^ {2}- /gm) + sumOf(printed, /^ {4}and (\d+) more$/gm), text).to.equal(causes);
  const listed = section('Findings');
  const alone = countOf(listed, new RegExp(`^${TITLE}(?!.*\\n {12}for example: )`, 'gm'));
  const together = sumOf(listed, new RegExp(`^${TITLE} {12}(\\d+) .*\\n {12}for example: `, 'gm'));
  expect(alone + together + sumOf(listed, /^ {2}and (\d+) more,/gm), text).to.equal(all);
  for (const [, total, places = ''] of listed.matchAll(/^ {12}(\d+) \w+: (\d+ in .*)$/gm))
    expect(sumOf(`, ${places}`, /, (\d+) in /g)).to.equal(Number(total));
}

function expectPage({ status, page }: Screens): void {
  const { critical, warning, info, rootCauses: causes } = status.summary as FindingSummary;
  const facts = new Map([...page.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>(\d+)<\/dd>/g)].map(([, term = '', value]) => [term, Number(value)]));
  expect(['Critical', 'Warnings', 'Info', 'Root causes'].map((term) => facts.get(term))).to.deep.equal([critical, warning, info, causes]);
  const [, section = ''] = /<h2 id="causes">([\s\S]*?)(?:<summary>Info|<\/section>)/.exec(page) ?? [];
  expect(countOf(section, /<li class="card">/g) + sumOf(section, /and (\d+) root causes? more/g)).to.equal(causes);
}

function countOf(text: string, pattern: RegExp): number {
  return (text.match(pattern) ?? []).length;
}

describe('the counts of a report', () => {
  it('add up on every screen, whatever the cluster', () => {
    let grouped = 0;
    fc.assert(
      fc.property(anyCluster, manyServices, anySpec, (facts, services, spec) => {
        const screens = screensOf([...facts, ...services], spec);
        expectLayers(screens);
        expectHeadline(screens);
        expectText(screens);
        expectPage(screens);
        if (screens.text.includes('for example: ')) grouped += 1;
      }),
      { numRuns: propertyRuns(150) },
    );
    expect(grouped).to.be.above(0);
  });
});
