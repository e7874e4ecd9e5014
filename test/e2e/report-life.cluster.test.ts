import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { listWay, REPORTS_PATH, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { node, pod, report as reportObject, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionsOf, findingsOf, ratiosOf } from '../support/report-words.ts';

const PLAIN = 'Info ServiceSingleStack Service default/plain IPv6';

// Each test takes the cluster as the one before left it.
describe('the life of a DualStackReport', function () {
  this.timeout(90_000);
  const cluster = useCluster();
  let operator: OperatorProcess;

  before('create a healthy cluster with one SingleStack Service', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2));
    await cluster.addWorkloads(1, pod('web', 'worker-1'), service('web', { ipFamilyPolicy: 'PreferDualStack' }), service('plain'));
  });

  describe('with --default-report=false', () => {
    it('begins when somebody makes one: the operator makes none', async () => {
      operator = await cluster.operator(['--default-report=false']);
      await eventually(async () => {
        expect(seriesOf(await operator.metrics(), 'dualstack_reflector_lists_total')).to.include({
          [`{source="dualstackreports.dualstack.dev",method="${listWay()}"}`]: 1,
        });
      });
      await operator.ready();
      await cluster.controlPlane.create([reportObject('mine')]);
      await answered('mine');
      // What is created is created before anything is answered.
      expect(await names()).to.deep.equal(['mine']);
    });

    it('ends when it is deleted', async () => {
      await cluster.kubectl('delete', 'dsr', 'mine');
      await eventually(async () => {
        expect(seriesOf(await operator.metrics(), 'dualstack_report_condition')).to.deep.equal({});
      });
      expect(await names()).to.deep.equal([]);
      await operator.stop();
    });
  });

  describe('by default', () => {
    it('begins with one named cluster, of whose spec the operator owns nothing', async () => {
      operator = await cluster.operator();
      const report = await answered('cluster');
      expect(await names()).to.deep.equal(['cluster']);
      expect(report.spec).to.equal(undefined);
      const owned = JSON.parse(await cluster.kubectl('get', 'dsr', 'cluster', '--show-managed-fields', '--output=json')) as {
        metadata: { managedFields: readonly { manager: string; operation: string; fieldsV1: object }[] };
      };
      const byOperator = owned.metadata.managedFields.filter(({ manager }) => manager === 'dualstack-operator');
      expect(byOperator.map(({ operation, fieldsV1 }) => [operation, fieldsV1])).to.deep.equal([['Apply', { 'f:status': {} }]]);
    });

    it('has all conditions, each of the generation of the spec', async () => {
      const report = await answered('cluster');
      const types = ['Ready', 'Healthy', 'NodesHealthy', 'PodsHealthy', 'ServicesHealthy', 'SpecValid'];
      expect(conditionsOf(report)).to.have.all.keys(types);
      for (const { observedGeneration } of report.status?.conditions ?? []) expect(observedGeneration).to.equal(report.metadata.generation);
      expect(report.status?.observedGeneration).to.equal(report.metadata.generation);
    });

    it('says when it was evaluated', async () => {
      const { status, metadata } = await answered('cluster');
      const lastEvaluationTime = Date.parse(status?.lastEvaluationTime ?? '');
      expect(lastEvaluationTime).to.be.within(Date.parse(metadata.creationTimestamp ?? ''), Date.now());
      const series = seriesOf(await operator.metrics(), 'dualstack_report_last_evaluation_timestamp_seconds');
      expect(series).to.deep.equal({ '{report="cluster"}': lastEvaluationTime / 1000 });
    });

    it('shows in the columns of kubectl get dualstackreports', async () => {
      const [head, row, ...rest] = (await cluster.kubectl('get', 'dualstackreports')).trimEnd().split('\n');
      expect(head?.split(/\s+/)).to.deep.equal('NAME STACK READY HEALTHY NODES PODS SERVICES CRITICAL WARNING EVALUATED AGE'.split(' '));
      expect(row).to.match(/^cluster +DualStack +True +True +2\/2 +1\/1 +1\/2 +0 +0 +\d+s +\d+s *$/);
      expect(rest).to.deep.equal([]);
    });

    it('ends kubectl wait --for=condition=Healthy', async () => {
      expect(await cluster.kubectl('wait', '--for=condition=Healthy', 'dsr/cluster', '--timeout=10s')).to.contain('condition met');
    });
  });

  describe('when the operator starts again', () => {
    it('keeps since when each finding is there, and has a higher epoch', async () => {
      const before = await answered('cluster');
      expect((await operator.stop()).code).to.equal(0);
      operator = await cluster.operator();
      const after = await cluster.reportThat(
        'is Ready with a higher epoch',
        (it) => epochOf(it) > epochOf(before) && conditionsOf(it)['Ready'] === 'True',
      );
      expect(epochOf(after)).to.equal(epochOf(before) + 1);
      expect(after.status?.findings).to.deep.equal(before.status?.findings);
      expect(healthOf(after)).to.deep.equal(healthOf(before));
    });

    it('is left to the newer one of two operators, and the older one says so', async () => {
      const older = operator;
      const before = await answered('cluster');
      operator = await cluster.operator();
      await cluster.reportThat('has a higher epoch', ({ status }) => status?.writerEpoch === epochOf(before) + 1);
      await older.logged('another operator took this report over, no longer writing it');
      expect(seriesOf(await older.metrics(), 'dualstack_report_writes_total')).to.include({ '{result="superseded"}': 1 });
      expect((await older.get('/healthz')).status).to.equal(200);
      expect((await older.stop()).code).to.equal(0);
      expect(epochOf(await cluster.report())).to.equal(epochOf(before) + 1);
    });
  });

  describe('when somebody meddles with it', () => {
    it('has its status repaired, and what it never said taken out', async () => {
      const before = await answered('cluster');
      const [finding] = before.status?.findings ?? [];
      const transition = { lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Forged', message: '' };
      await cluster.patchStatus('dsr', 'cluster', {
        conditions: [
          { type: 'Healthy', status: 'False', ...transition },
          { type: 'Mine', status: 'True', ...transition },
        ],
        summary: { ...before.status?.summary, critical: 99, checks: { Forged: 99 } },
        nodes: { ...before.status?.nodes, skipped: { forged: 1 } },
        findings: [{ ...finding, message: 'forged' }],
      });
      await eventually(async () => {
        const { status } = await cluster.report();
        expect(statusWords(status)).to.deep.equal(statusWords(before.status));
        expect(status?.conditions?.map(({ type, reason }) => [type, reason])).to.deep.equal(
          before.status?.conditions?.map(({ type, reason }) => [type, reason]),
        );
        expect(status?.findings).to.deep.equal(before.status?.findings);
      });
    });

    it('refuses a lower epoch', async () => {
      const unavailability = await cluster.patchStatus('dsr', 'cluster', { writerEpoch: 0 }).catch(String);
      expect(unavailability).to.contain('a newer operator has taken over this report');
    });

    it('is made again after it was deleted, with a history of its own', async () => {
      const before = await answered('cluster');
      await cluster.kubectl('delete', 'dsr', 'cluster');
      await operator.logged('created the default report');
      const after = await answered('cluster');
      expect(after.metadata.uid).to.not.equal(before.metadata.uid);
      expect(after.status?.writerEpoch).to.equal(1);
      expect(findingsOf(after)).to.deep.equal([PLAIN]);
    });

    it('is answered again when it is deleted and created again at once', async () => {
      const before = await answered('cluster');
      await cluster.controlPlane.kubectl(['replace', '--force', '--filename=-'], {
        input: JSON.stringify(reportObject('cluster', { maxFindings: 7 })),
      });
      const after = await cluster.reportThat(
        'is answered',
        ({ metadata, status }) => metadata.uid !== before.metadata.uid && status?.summary !== undefined,
      );
      expect(after.spec?.maxFindings).to.equal(7);
      expect(findingsOf(after)).to.deep.equal([PLAIN]);
    });
  });

  describe('when the cluster changes', () => {
    it('follows within seconds, and a new finding has a later since than an old one', async () => {
      await cluster.controlPlane.create([service('another')]);
      const report = await cluster.reportThat('has a second finding', (it) => findingsOf(it).length === 2);
      const [another, plain] = report.status?.findings ?? [];
      expect(another?.object.name).to.equal('another');
      expect(Date.parse(another?.since ?? '')).to.be.greaterThan(Date.parse(plain?.since ?? ''));
    });

    it('loses its last finding: a list and counts can become empty', async () => {
      await cluster.kubectl('delete', 'services', 'plain', 'another');
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal([]);
        expect(report.status?.summary?.info).to.equal(0);
        expect(ratiosOf(report)).to.deep.equal(['2/2', '1/1', '1/1']);
      });
      expect(operator.log.filter(({ level }) => level >= 40)).to.deep.equal([]);
    });
  });

  async function names(): Promise<readonly string[]> {
    const { items } = await cluster.get<{ items: readonly DualStackReport[] }>(REPORTS_PATH);
    return items.map(({ metadata }) => metadata.name);
  }

  async function answered(name: string): Promise<DualStackReport> {
    return cluster.reportThat('is answered', ({ status }) => status?.summary !== undefined, name);
  }
});

function epochOf({ status }: DualStackReport): number {
  return status?.writerEpoch ?? 0;
}

/** All conditions but Ready, which a restart sets again. */
function healthOf({ status }: DualStackReport): unknown {
  return status?.conditions?.filter(({ type }) => type !== 'Ready');
}

/** A status without the times that a repair sets again. */
function statusWords(status: DualStackReport['status']): object {
  return { ...status, lastEvaluationTime: undefined, conditions: undefined };
}
