import { expect } from 'chai';
import type { DualStackReport, DualStackReportSpec } from '../../src/core/report/types.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { namespace, node, pod, report as reportObject, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionOf, conditionsOf, findingsOf, messageOf, ratiosOf } from '../support/report-words.ts';

/** Less than the five seconds between two writes of an unchanged spec. */
const AT_ONCE = { deadlineMs: 4_000 } as const;

const NARROW = 'NodePodCIDRMissing Node narrow IPv6';
const WEB = 'EndpointsUnbalanced Service shop/web IPv6';
const LEDGER = 'ServiceSingleStack Service billing/ledger IPv6';
const LEDGER_IPV6 = 'ServiceSingleStack Service billing/ledger-ipv6 IPv4';
const PLAIN = 'ServiceSingleStack Service shop/plain IPv6';
const BY_NARROW = ' < NodePodCIDRMissing Node narrow';

interface Question {
  readonly name: string;
  readonly what: string;
  readonly spec: DualStackReportSpec;
  readonly findings: readonly string[];
  /** Of nodes, pods and Services. */
  readonly ratios: readonly string[];
  readonly healthy: string;
  readonly summary: object;
}

const ALL = ['2/3', '2/3', '1/4'] as const;

const QUESTIONS: readonly Question[] = [
  {
    name: 'everything',
    what: 'an empty spec: the whole cluster',
    spec: {},
    findings: [`Critical ${NARROW}`, `Warning ${WEB}${BY_NARROW}`, `Info ${LEDGER}`, `Info ${LEDGER_IPV6}`, `Info ${PLAIN}`],
    ratios: ALL,
    healthy: 'False FindingsPresent',
    summary: { critical: 1, warning: 1, info: 3, rootCauses: 1, excluded: 0, ignored: 0 },
  },
  {
    name: 'shop',
    what: 'a namespaceSelector by labels: the pods and Services of these namespaces, and all nodes',
    spec: { namespaceSelector: { matchLabels: { team: 'shop' } } },
    findings: [`Critical ${NARROW}`, `Warning ${WEB}${BY_NARROW}`, `Info ${PLAIN}`],
    ratios: ['2/3', '1/2', '1/2'],
    healthy: 'False FindingsPresent',
    summary: { critical: 1, warning: 1, info: 1, rootCauses: 1, excluded: 0, ignored: 0 },
  },
  {
    name: 'not-shop',
    what: 'a namespaceSelector by expressions',
    spec: {
      namespaceSelector: {
        matchExpressions: [
          { key: 'team', operator: 'NotIn', values: ['shop'] },
          { key: 'team', operator: 'Exists' },
        ],
      },
    },
    findings: [`Critical ${NARROW}`, `Info ${LEDGER}`, `Info ${LEDGER_IPV6}`],
    ratios: ['2/3', '1/1', '0/2'],
    healthy: 'False FindingsPresent',
    summary: { critical: 1, warning: 0, info: 2, rootCauses: 1, excluded: 0, ignored: 0 },
  },
  {
    name: 'severities',
    what: 'other severities, of which Ignore leaves findings out and counts them; an effect still names a cause that is skipped',
    spec: {
      checks: [
        { name: 'NodePodCIDRMissing', severity: 'Ignore' },
        { name: 'EndpointsUnbalanced', severity: 'Info' },
        { name: 'ServiceSingleStack', severity: 'Warning' },
      ],
    },
    findings: [`Warning ${LEDGER}`, `Warning ${LEDGER_IPV6}`, `Warning ${PLAIN}`, `Info ${WEB}${BY_NARROW}`],
    ratios: ALL,
    healthy: 'False FindingsPresent',
    summary: { critical: 0, warning: 3, info: 1, rootCauses: 3, excluded: 0, ignored: 1 },
  },
  {
    name: 'tolerant',
    what: 'parameters of a check, beside reports without them',
    spec: { checks: [{ name: 'EndpointsUnbalanced', parameters: { tolerancePercent: 50 } }] },
    findings: [`Critical ${NARROW}`, `Info ${LEDGER}`, `Info ${LEDGER_IPV6}`, `Info ${PLAIN}`],
    ratios: ALL,
    healthy: 'False FindingsPresent',
    summary: { critical: 1, warning: 0, info: 3, rootCauses: 1, excluded: 0, ignored: 0 },
  },
  {
    name: 'accepted',
    what: 'exclusions: what is accepted is counted, and does no harm',
    spec: {
      exclusions: [
        { kind: 'Node', name: 'narr*', reason: 'is replaced next week' },
        { check: 'EndpointsUnbalanced', namespace: 'shop', reason: 'comes of narrow' },
        { namespace: 'billing', name: '*-ipv6', reason: 'IPv6 only by choice' },
      ],
    },
    findings: [`Info ${LEDGER}`, `Info ${PLAIN}`],
    ratios: ALL,
    healthy: 'True NoProblemFound',
    summary: { critical: 0, warning: 0, info: 2, rootCauses: 0, excluded: 3, ignored: 0 },
  },
  {
    name: 'short',
    what: 'maxFindings: the worst are listed, all are counted',
    spec: { maxFindings: 2 },
    findings: [`Critical ${NARROW}`, `Warning ${WEB}${BY_NARROW}`],
    ratios: ALL,
    healthy: 'False FindingsPresent',
    summary: { critical: 1, warning: 1, info: 3, rootCauses: 1, excluded: 0, ignored: 0 },
  },
];

describe('DualStackReports with questions of their own', function () {
  this.timeout(60_000);
  const cluster = useCluster();
  let operator: OperatorProcess;

  before('create a cluster with a broken node, and the reports', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2), node('narrow', 3, { podCIDRs: ['10.244.200.0/24'] }));
    await cluster.controlPlane.create([namespace('shop', { team: 'shop' }), namespace('billing', { team: 'billing' })]);
    await cluster.addWorkloads(
      3,
      pod('web-1', 'worker-1', { namespace: 'shop', app: 'web' }),
      pod('web-2', 'narrow', { namespace: 'shop', app: 'web' }),
      pod('ledger', 'worker-2', { namespace: 'billing' }),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }, 'shop'),
      service('plain', {}, 'shop'),
      service('ledger', {}, 'billing'),
      service('ledger-ipv6', { ipFamilies: ['IPv6'], selector: { app: 'ledger' } }, 'billing'),
    );
    await cluster.controlPlane.create(QUESTIONS.map(({ name, spec }) => reportObject(name, spec)));
    await cluster.controlPlane.create([
      reportObject('ipv4-expected', { expectedFamilies: ['IPv4'] }),
      reportObject('paused', { suspend: true }),
    ]);
    operator = await cluster.operator();
  });

  for (const { name, what, spec, findings, ratios, healthy, summary } of QUESTIONS) {
    it(`answers ${what}`, async () => {
      await eventually(async () => {
        const report = await cluster.report(name);
        expect(findingsOf(report)).to.deep.equal(findings);
        expect(ratiosOf(report)).to.deep.equal(ratios);
        expect(report.status?.summary).to.include(summary);
        expect(conditionOf(report, 'Healthy')).to.equal(healthy);
        expect(conditionOf(report, 'Ready')).to.equal('True Evaluated');
      });
      const report = await cluster.report(name);
      expect(report.spec).to.deep.include(spec);
      expect((report.status?.findings?.length ?? 0) + (report.status?.findingsOmitted ?? 0)).to.equal(total(report));
    });
  }

  it('answers expectedFamilies: nothing is wrong with what lacks the other family', async () => {
    await eventually(async () => {
      const report = await cluster.report('ipv4-expected');
      expect(conditionsOf(report)['NodesHealthy']).to.equal('True');
      expect(findingsOf(report)).to.include(`Info ${LEDGER_IPV6}`);
      expect(findingsOf(report).filter((finding) => /NodePodCIDRMissing|ServiceSingleStack.* IPv6$/.test(finding))).to.deep.equal([]);
    });
  });

  it('does not evaluate a suspended one, which is Ready all the same', async () => {
    const report = await cluster.reportThat('has a status', ({ status }) => status?.conditions !== undefined, 'paused');
    expect(conditionOf(report, 'Ready')).to.equal('True Suspended');
    expect(report.status).to.not.have.any.keys('lastEvaluationTime', 'findings', 'summary', 'nodes');
  });

  it('has metrics of each report', async () => {
    const metrics = await operator.metrics();
    expect(seriesOf(metrics, 'dualstack_root_causes')).to.deep.equal({
      ...Object.fromEntries(
        ['everything', 'shop', 'not-shop', 'tolerant', 'short', 'paused'].map((report) => [
          `{report="${report}",check="NodePodCIDRMissing",severity="Critical",namespace=""}`,
          1,
        ]),
      ),
      '{report="severities",check="ServiceSingleStack",severity="Warning",namespace="shop"}': 1,
      '{report="severities",check="ServiceSingleStack",severity="Warning",namespace="billing"}': 2,
    });
    expect(seriesOf(metrics, 'dualstack_findings')).to.include({
      '{report="everything",check="NodePodCIDRMissing",severity="Critical",namespace=""}': 1,
      '{report="everything",check="ServiceSingleStack",severity="Info",namespace="billing"}': 2,
      '{report="severities",check="ServiceSingleStack",severity="Warning",namespace="billing"}': 2,
    });
  });

  describe('when a spec is edited', () => {
    it('answers at once, with the generation that it answers', async () => {
      await eventually(async () => {
        expect(conditionOf(await cluster.report('short'), 'Ready')).to.equal('True Evaluated');
      });
      const before = await cluster.report('short');
      await patchSpec('short', { maxFindings: 4 });
      await eventually(async () => {
        const report = await cluster.report('short');
        expect(report.status?.findings).to.have.length(4);
        expect(report.status?.findingsOmitted).to.equal(1);
        expect(report.status?.observedGeneration).to.equal((before.metadata.generation ?? 0) + 1);
      }, AT_ONCE);
    });

    it('answers a selector that selects nothing with nothing but the nodes', async () => {
      await patchSpec('shop', { namespaceSelector: { matchLabels: { team: 'nobody' } } });
      await eventually(async () => {
        const report = await cluster.report('shop');
        expect(findingsOf(report)).to.deep.equal([`Critical ${NARROW}`]);
        expect(ratiosOf(report)).to.deep.equal(['2/3', '0/0', '0/0']);
      }, AT_ONCE);
    });

    it('follows a namespace whose labels change', async () => {
      await cluster.kubectl('label', 'namespace', 'billing', 'team=nobody', '--overwrite');
      await eventually(async () => {
        expect(ratiosOf(await cluster.report('shop'))).to.deep.equal(['2/3', '1/1', '0/2']);
      });
      await cluster.kubectl('label', 'namespace', 'billing', 'team=billing', '--overwrite');
    });

    it('answers a suspended one once it is no longer suspended', async () => {
      await patchSpec('paused', { suspend: false });
      await eventually(async () => {
        const report = await cluster.report('paused');
        expect(conditionOf(report, 'Ready')).to.equal('True Evaluated');
        expect(report.status?.lastEvaluationTime).to.be.a('string');
        expect(total(report)).to.equal(5);
      }, AT_ONCE);
    });

    it('leaves what a report says as it is once it is suspended, whatever happens to the cluster', async () => {
      await patchSpec('paused', { suspend: true });
      const before = await cluster.reportThat('is suspended', (it) => conditionOf(it, 'Ready') === 'True Suspended', 'paused');
      await cluster.controlPlane.create([service('late', {}, 'shop')]);
      await eventually(async () => {
        expect(total(await cluster.report('everything'))).to.equal(6);
      });
      const after = await cluster.report('paused');
      expect(after.metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
      expect(total(after)).to.equal(5);
    });

    it('answers expected families in another order than the cluster has them', async () => {
      await patchSpec('paused', { suspend: false, expectedFamilies: ['IPv6', 'IPv4'] });
      await eventually(async () => {
        const report = await cluster.report('paused');
        expect(conditionOf(report, 'Ready')).to.equal('True Evaluated');
        expect(conditionsOf(report)).to.not.have.any.keys('Stalled');
        expect(messageOf(report, 'NodesHealthy')).to.contain('Node narrow has no IPv6 podCIDR');
      }, AT_ONCE);
    });
  });

  async function patchSpec(name: string, spec: DualStackReportSpec): Promise<void> {
    await cluster.kubectl('patch', 'dsr', name, '--type=merge', `--patch=${JSON.stringify({ spec })}`);
  }
});

function total({ status }: DualStackReport): number {
  const { critical = 0, warning = 0, info = 0 } = status?.summary ?? {};
  return critical + warning + info;
}
