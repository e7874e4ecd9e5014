import { expect } from 'chai';
import { causeTrees, type CauseNode } from '../../../src/server/page/cause-tree.ts';
import { durationWords } from '../../../src/server/page/duration-words.ts';
import { pageModel, type PageInput, type PageModel, type NotKnown } from '../../../src/server/page/model.ts';
import type { NamespaceRows } from '../../../src/server/page/namespace-rows.ts';
import type { NodeRows } from '../../../src/server/page/node-rows.ts';
import { addressOf, readQuery } from '../../../src/server/page/page-address.ts';
import { inOneStep } from '../../../src/core/engine/in-short-steps.ts';
import type { ListedFinding } from '../../../src/core/report/types.ts';
import { dualNodes, evaluateAll, FORBIDDEN, ipv4Node, MINUTE, NOW, runEvaluation, SECOND, type Asked } from '../../core/build.ts';
import { report, statusOf } from '../../core/report/report.ts';
import { keyOf, type Facts } from '../../../src/core/kinds/facts.ts';
import type { DualStackReportSpec } from '../../../src/core/report/types.ts';
import { brokenFacts, healthyFacts, manyNodes } from './scenes.ts';

interface Recorded extends Asked {
  readonly spec?: DualStackReportSpec;
  readonly evaluatedAt?: number;
  readonly input?: Partial<PageInput>;
}

function modelOf(facts: readonly Facts[], { spec = {}, evaluatedAt = NOW - SECOND, input = {}, ...asked }: Recorded = {}): PageModel {
  const { evaluation, store } = evaluateAll(facts, { ...asked, expected: asked.expected ?? [] });
  const status = statusOf(facts, { ...asked, spec, now: evaluatedAt });
  const steps = pageModel({
    version: '1.2.3',
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
    ...input,
  });
  return inOneStep(steps);
}

function nodesOf({ nodes }: PageModel): NodeRows {
  if ('notKnown' in nodes) throw new Error(nodes.notKnown);
  return nodes;
}

function namespacesOf({ namespaces }: PageModel): NamespaceRows {
  if ('notKnown' in namespaces) throw new Error(namespaces.notKnown);
  return namespaces;
}

/** `check name [its effects]`. */
function inShort({ finding: { check, object }, effects }: CauseNode): string {
  return `${check} ${object.name}${effects.length > 0 ? ` [${effects.map(inShort).join(', ')}]` : ''}`;
}

describe('the model of the page', () => {
  it('shows a healthy cluster', () => {
    const model = modelOf(healthyFacts());
    expect(model.mood).to.equal('healthy');
    expect(model.layers.map(({ title, stack, counts, health }) => [title, stack.families, counts?.ratio, health?.status])).to.deep.equal([
      ['Nodes', 'DualStack', '3/3', 'True'],
      ['Pods', 'DualStack', '3/3', 'True'],
      ['Services', 'DualStack', '1/1', 'True'],
    ]);
    expect(model.trees.causes).to.deep.equal([]);
    expect(nodesOf(model)).to.include({ total: 3, withFindings: 0, page: 1, pages: 1 });
    expect(namespacesOf(model)).to.include({ drifting: 0, total: 1 });
  });

  it('says that a cluster was healthy, and not that it is, where that is no longer looked at', () => {
    const staleSources = [{ kind: 'Pod', since: NOW - MINUTE }];
    const given: readonly Recorded[] = [{ input: { staleSources } }, { evaluatedAt: NOW - 11 * MINUTE }, { spec: { suspend: true } }];
    for (const one of given) expect(modelOf(healthyFacts(), one).mood).to.equal('outdated');
    expect(modelOf(brokenFacts(), { input: { staleSources } }).mood).to.equal('broken');
  });

  it('shows causes with their effects, and what is only info apart', () => {
    const { mood, trees } = modelOf(brokenFacts());
    expect(mood).to.equal('broken');
    expect(trees.causes.map(inShort)).to.deep.equal(['NodePodCIDRMissing d [EndpointFamilyMissing cart]', 'NodeAddressMissing f']);
    expect(trees.notes.map(inShort)).to.deep.equal(['ServiceSingleStack legacy']);
  });

  it('shows nodes with the worst findings first, each with its families', () => {
    const { rows, withFindings } = nodesOf(modelOf(brokenFacts()));
    expect(rows.map(({ name }) => name)).to.deep.equal(['d', 'f', 'a', 'b', 'c', 'virtual-1']);
    expect(withFindings).to.equal(2);
    expect(rows[0]).to.deep.equal({
      name: 'd',
      addresses: ['IPv4', 'IPv6'],
      podCIDRs: ['10.244.4.0/24'],
      podCIDRFamilies: ['IPv4'],
      pods: { total: 2, ipv4: 2, ipv6: 0, families: ['IPv4'] },
      found: [{ check: 'NodePodCIDRMissing', severity: 'Critical', families: ['IPv6'] }],
      skipped: undefined,
    });
    expect(rows[5]).to.deep.include({ skipped: 'virtual', found: [] });
  });

  it('sees nodes as the spec does: with its severities, and without what it ignores or excludes', () => {
    const ofNode = (spec: DualStackReportSpec): readonly string[] =>
      nodesOf(modelOf(brokenFacts(), { spec })).rows.flatMap(({ name, found }) => found.map(({ severity }) => `${name} ${severity}`));
    expect(ofNode({ checks: [{ name: 'NodePodCIDRMissing', severity: 'Info' }] })).to.deep.equal(['f Warning', 'd Info']);
    expect(ofNode({ checks: [{ name: 'NodePodCIDRMissing', severity: 'Ignore' }] })).to.deep.equal(['f Warning']);
    expect(ofNode({ exclusions: [{ name: 'f', reason: 'so it is' }] })).to.deep.equal(['d Critical']);
  });

  it('shows the findings of nodes that one finding on the cluster represents', () => {
    const facts = [...dualNodes('a'), ipv4Node('b'), ipv4Node('c')];
    const { rows } = nodesOf(modelOf(facts, { expected: ['IPv4', 'IPv6'], spec: { expectedFamilies: ['IPv4', 'IPv6'] } }));
    expect(rows.map(({ name, found }) => `${name} ${found.length}`)).to.deep.equal(['b 1', 'c 1', 'a 0']);
  });

  it('shows 5,000 nodes by pages of 200, and the last page where there are fewer', () => {
    const facts = manyNodes(5_000);
    const { evaluation, store } = evaluateAll(facts);
    const pageOf = (nodesPage: number): NodeRows =>
      nodesOf(
        inOneStep(
          pageModel({
            version: '',
            now: NOW,
            reportsKnown: 'Synced',
            reports: [],
            report: undefined,
            evaluation,
            store,
            ready: true,
            staleSources: [],
            leads: true,
            nodesPage,
          }),
        ),
      );
    const first = pageOf(1);
    expect(first).to.include({ total: 5_000, withFindings: 50, pages: 25, page: 1, first: 1 });
    expect(first.rows.map(({ found }) => found.length).join('')).to.equal(`${'1'.repeat(50)}${'0'.repeat(150)}`);
    expect(pageOf(999)).to.include({ page: 25, first: 4_801 });
    const names = new Set(Array.from({ length: 25 }, (_, index) => pageOf(index + 1).rows.map(({ name }) => name)).flat());
    expect(names.size).to.equal(5_000);
  });

  it('shows namespaces by their drift, only where the layer has both families, and those only that the report takes in', () => {
    const drifts = (model: PageModel): readonly string[] => namespacesOf(model).rows.map(({ name, drift }) => `${name} ${drift}`);
    expect(drifts(modelOf(brokenFacts()))).to.deep.equal(['shop 2', 'billing 1']);
    expect(drifts(modelOf(brokenFacts().filter(({ kind }) => kind !== 'ServiceCIDR')))).to.include('shop 2');
    expect(drifts(modelOf(brokenFacts(), { spec: { namespaceSelector: { matchLabels: { team: 'x' } } } }))).to.deep.equal([]);
  });

  it('bounds the namespaces and the trees, and says how many there are', () => {
    const rows = namespacesOf(modelOf(manyNodes(500)));
    expect([rows.rows.length, rows.total]).to.deep.equal([50, 81]);
    const findings = Array.from({ length: 60 }, (_, index) => finding(`n${index}`));
    const effects = Array.from({ length: 15 }, (_, index) => finding(`e${index}`, 'n0'));
    const { causes } = causeTrees([...findings, ...effects]);
    expect([causes.length, causes[0]?.effects.length, causes[0]?.effectsOmitted]).to.deep.equal([50, 12, 3]);
  });

  it('begins a tree with what is explained by something that is not listed, and ends where a list goes in circles', () => {
    expect(causeTrees([finding('a', 'gone')]).causes.map(inShort)).to.deep.equal(['NodeAddressMissing a']);
    expect(causeTrees([finding('a', 'b'), finding('b', 'a')]).causes).to.deep.equal([]);
    expect(causeTrees([finding('a'), finding('a', 'a')]).causes.map(inShort)).to.deep.equal(['NodeAddressMissing a']);
  });

  it('says why it does not show what is not known, and never a zero', () => {
    const notKnown = (given: NodeRows | NamespaceRows | NotKnown): string | undefined => ('notKnown' in given ? given.notKnown : undefined);
    const forbidden = modelOf([], { refused: ['Node', 'Pod'] });
    expect([forbidden.mood, notKnown(forbidden.nodes), notKnown(forbidden.namespaces)]).to.deep.equal([
      'unknown',
      FORBIDDEN.message,
      FORBIDDEN.message,
    ]);
    expect(nodesOf(modelOf(healthyFacts(), { refused: ['Pod'] })).rows[0]?.pods).to.equal(undefined);
    const early = modelOf(healthyFacts(), { input: { ready: false, report: undefined } });
    expect([early.mood, early.layers, notKnown(early.nodes)]).to.deep.equal([
      'unknown',
      [],
      'This replica has not evaluated the cluster yet.',
    ]);
  });

  it('says that it is still reading the cluster, and which kinds it has no list of', () => {
    const notKnown = 'This replica is still reading the cluster: it has no list of DualStackReport, Pod, Service yet.';
    const input = { ready: false, report: undefined, reportsKnown: 'Pending' } as const;
    const { nodes, namespaces, freshness, mood } = modelOf(dualNodes('a'), { pending: ['Pod', 'Service'], input });
    expect({ nodes, namespaces, mood }).to.deep.equal({ nodes: { notKnown }, namespaces: { notKnown }, mood: 'unknown' });
    expect(freshness.pending).to.deep.equal(['DualStackReport', 'Pod', 'Service']);
    expect(modelOf(healthyFacts()).freshness.pending).to.deep.equal([]);
  });

  it('is of one moment, whatever happens between its steps', () => {
    const { evaluation, store } = evaluateAll(brokenFacts());
    const input = { version: '', now: NOW, reportsKnown: 'Synced', reports: [], report: undefined, evaluation, store } as const;
    const page = (): Generator<void, PageModel> => pageModel({ ...input, ready: true, staleSources: [], leads: true, nodesPage: 1 });
    const [before, meanwhile] = [inOneStep(page()), page()];
    meanwhile.next();
    for (const facts of brokenFacts().filter(({ kind }) => kind !== 'ServiceCIDR'))
      store.apply({ type: 'delete', kind: facts.kind, key: keyOf(facts) });
    runEvaluation(evaluation, store, NOW);
    expect(inOneStep(meanwhile)).to.deep.equal(before);
    expect(nodesOf(inOneStep(page())).total).to.equal(0);
  });

  it('shows how fresh it is', () => {
    const freshness = (given: Recorded): unknown => {
      const { overdue, suspended, leads } = modelOf(healthyFacts(), given).freshness;
      return { overdue, suspended, leads };
    };
    expect(freshness({})).to.deep.equal({ overdue: false, suspended: false, leads: true });
    expect(freshness({ evaluatedAt: NOW - 11 * MINUTE, input: { leads: false } })).to.deep.equal({
      overdue: true,
      suspended: false,
      leads: false,
    });
    expect(freshness({ evaluatedAt: NOW - 11 * MINUTE, spec: { suspend: true } })).to.deep.equal({
      overdue: false,
      suspended: true,
      leads: true,
    });
    const { ready } = modelOf(healthyFacts(), { input: { staleSources: [{ kind: 'Pod', since: NOW - MINUTE }] } });
    expect([ready?.status, ready?.reason]).to.deep.equal(['False', 'Stale']);
  });

  for (const [ms, words] of [
    [-5, '0 s'],
    [8_900, '8 s'],
    [60_000, '1 min'],
    [7_199_000, '1 h'],
    [172_800_000, '2 d'],
  ] as const) {
    it(`shows ${ms} ms as ${words}`, () => {
      expect(durationWords(ms)).to.equal(words);
    });
  }

  for (const [query, report, nodesPage] of [
    ['', undefined, 1],
    ['report=a&nodes=3', 'a', 3],
    ['nodes=0', undefined, 1],
    ['nodes=-1', undefined, 1],
    ['nodes=1e3', undefined, 1],
    ['nodes=99999999999999999999', undefined, 1],
    ['report=%22%3E%3Cscript%3E', '"><script>', 1],
    ['report=%', '%', 1],
  ] as const) {
    it(`reads the query "${query}", and finds the same in an address of its own`, () => {
      expect(readQuery(query)).to.deep.equal({ report, nodesPage });
      const address = addressOf(report, nodesPage);
      expect(address).to.match(/^\?[\w=&%.+*-]*$/);
      expect(readQuery(address.slice(1))).to.deep.equal({ report, nodesPage });
    });
  }
});

function finding(name: string, causedBy?: string): ListedFinding {
  const check = 'NodeAddressMissing';
  return {
    id: name,
    check,
    severity: 'Warning',
    object: { kind: 'Node', name },
    families: ['IPv6'],
    message: '',
    remediation: { summary: '', steps: [] },
    since: '',
    ...(causedBy === undefined ? {} : { causedBy: { id: causedBy, check, object: { kind: 'Node', name: causedBy } } }),
  };
}
