import { expect } from 'chai';
import type { V1Lease } from '@kubernetes/client-node';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { report } from '../support/objects.ts';
import { startOperator, type OperatorProcess } from '../support/operator-process.ts';
import { conditionOf } from '../support/report-words.ts';
import { ReportHistory } from '../support/report-history.ts';
import { AFTER_OUTAGE, waitFor } from '../support/waiting.ts';
import { useGround } from './ground.ts';
import { WATCHED } from './watched.ts';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/dualstack-system/leases/dualstack-operator';
/** As in a pod of the operator's namespace. */
const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];
const READY = { True: '{report="cluster",type="Ready",status="True"}', False: '{report="cluster",type="Ready",status="False"}' } as const;

describe('an API server that goes', function () {
  this.timeout(180_000);
  const ground = useGround({ users: [OPERATOR] });
  let operator: OperatorProcess;

  before(async () => {
    await installOperatorManifests(ground.controlPlane);
    await ground.reset();
  });

  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
    await operator.stop();
  });

  it('is gone for longer than --stale-after: the metrics say so, what is known stays, and the report is true again when it is back', async () => {
    operator = await start('--stale-after=4s');
    const before = await ground.untilTrue();
    const findings = seriesOf(await operator.metrics(), 'dualstack_findings');
    expect(Object.keys(findings)).to.not.deep.equal([]);
    const warnings = operator.log.length;
    await ground.controlPlane.restartApiServer({}, async () => {
      await eventually(async () => {
        expect(await ready()).to.deep.equal([0, 1]);
      });
      expect((await operator.get('/readyz')).status).to.equal(200);
      const metrics = await operator.metrics();
      expect(seriesOf(metrics, 'dualstack_findings')).to.deep.equal(findings);
      expect(seriesOf(metrics, 'dualstack_report_last_evaluation_timestamp_seconds')).to.deep.equal({
        '{report="cluster"}': Date.parse(before.status?.lastEvaluationTime ?? '') / 1000,
      });
      // Each error of each kind once.
      const warned = operator.log.slice(warnings).filter(({ level, resource }) => level >= 40 && resource !== undefined);
      expect(new Set(warned.map(({ resource }) => resource))).to.deep.equal(new Set(Object.values(WATCHED)));
      const errorLog = warned.map(({ resource, reason }) => `${String(resource)} ${String(reason)}`);
      expect(errorLog).to.deep.equal([...new Set(errorLog)]);
    });
    await ground.change();
    const after = await eventually(async () => {
      const latest = await ground.untilTrue();
      expect(await ready()).to.deep.equal([1, 0]);
      return latest;
    }, AFTER_OUTAGE);
    expect(Date.parse(after.status?.lastEvaluationTime ?? '')).to.be.greaterThan(Date.parse(before.status?.lastEvaluationTime ?? ''));
    expect(after.status?.writerEpoch).to.equal(before.status?.writerEpoch);
    expectNoFault();
  });

  it('comes back with an older state of etcd: all is listed again, and the lease and the report are written again', async () => {
    operator = await start(...ELECTION);
    const old = await ground.untilTrue();
    await operator.stop();
    const backup = await ground.controlPlane.backUpEtcd();

    operator = await start(...ELECTION);
    await waitFor('the new operator to write', async () => epochOf(await ground.untilTrue()) > epochOf(old), AFTER_OUTAGE);
    // What was made, changed and deleted since the backup.
    await ground.objects.put('Node', 3, 0);
    await ground.objects.put('Pod', 3, 0);
    await ground.objects.put('Service', 0, 0);
    await ground.objects.delete('Pod', 1);
    await ground.admin.create(REPORTS_PATH, report('later'));
    await eventually(async () => {
      expect(Object.keys(await evaluations())).to.have.length(2);
    });
    const lost = await ground.untilTrue();
    expect(lost.status?.findings).to.not.deep.equal(old.status?.findings);
    const { spec: lease } = await ground.admin.get<V1Lease>(LEASE);

    await ground.controlPlane.restoreEtcd(backup);
    const history = await ReportHistory.start(ground.controlPlane);
    // As far as its resourceVersions are concerned, nothing need have happened for whoever comes late.
    for (let count = 0; count < 100; count++) {
      await ground.admin.create('/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'filler-' } });
    }
    const again = await waitFor(
      'the report to be written again',
      () =>
        operator.orFail(async () => {
          const latest = await ground.untilTrue();
          return epochOf(latest) > epochOf(old) && latest;
        }),
      AFTER_OUTAGE,
    );
    expect(again.metadata.uid).to.equal(old.metadata.uid);
    expect(conditionOf(again, 'Ready')).to.equal('True Evaluated');
    expect(nodesOf(again)).to.equal(nodesOf(old));
    await eventually(async () => {
      expect(Object.keys(await evaluations())).to.deep.equal(['{report="cluster"}']);
    });
    expect(history.writers).to.deep.equal([...history.writers].sort((a, b) => a - b));
    // A leader that misses its lease before it has written takes another term, and with it another epoch.
    await eventually(async () => {
      expect(history.writers.at(-1)).to.equal(epochOf(await ground.untilTrue()));
    });
    history.close();
    // The lease of the backup was released; the leader renews its own every two seconds.
    await eventually(async () => {
      expect((await ground.admin.get<V1Lease>(LEASE)).spec?.holderIdentity).to.equal(lease?.holderIdentity);
    });
    expect(seriesOf(await operator.metrics(), 'dualstack_leader')).to.deep.equal({ '': 1 });

    // What happens from now on is seen: the watches do not wait for the resourceVersions that were lost.
    await ground.admin.merge('/api/v1/namespaces/default/services/service-0', { spec: { ipFamilyPolicy: 'SingleStack' } });
    await ground.admin.delete('/api/v1/nodes/node-1');
    expect(nodesOf(await ground.untilTrue())).to.equal(nodesOf(old) - 1);
    expectNoFault();
  });

  async function start(...flags: readonly string[]): Promise<OperatorProcess> {
    const { controlPlane } = ground;
    const kubeconfig = controlPlane.kubeconfigFor(OPERATOR.name);
    const started = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0', ...flags] });
    await started.ready();
    return started;
  }

  /** What the metrics say of Ready: whether it is True, and whether it is False. */
  async function ready(): Promise<readonly (number | undefined)[]> {
    const conditions = seriesOf(await operator.metrics(), 'dualstack_report_condition');
    return [conditions[READY.True], conditions[READY.False]];
  }

  async function evaluations(): Promise<Readonly<Record<string, number>>> {
    return seriesOf(await operator.metrics(), 'dualstack_report_last_evaluation_timestamp_seconds');
  }

  function expectNoFault(): void {
    expect(operator.running).to.be.true;
    const writes = operator.log.filter(({ level, report: name }) => level >= 50 && name === undefined);
    expect(writes).to.deep.equal([]);
  }
});

function nodesOf({ status }: DualStackReport): number {
  return status?.nodes?.total ?? 0;
}

function epochOf({ status }: DualStackReport): number {
  return status?.writerEpoch ?? 0;
}
