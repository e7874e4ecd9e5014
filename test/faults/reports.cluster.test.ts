import { expect } from 'chai';
import type { DualStackReport, DualStackReportSpec } from '../../src/core/report/types.ts';
import { installDefinition, installOperatorManifests, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { namespace, report as reportObject, service } from '../support/objects.ts';
import { startOperator, type LogLine, type OperatorProcess } from '../support/operator-process.ts';
import { AFTER_OUTAGE, waitFor } from '../support/waiting.ts';
import { useGround } from './ground.ts';

const DEFINITION = 'crd/dualstackreports.dualstack.dev';
const REPORTS = 50;
const SERVICES = 2_000;
const AT_ONCE = 20;
/** What a status stays below, and what etcd takes by default. */
const LARGEST_STATUS = 256 * 1024;
const LARGEST_OBJECT = 1.5 * 1024 * 1024;
/** Names as long as they can be. */
const LONG = 'n'.repeat(63);

interface Managed {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: object }[] };
}

// Each test takes the operator as the one before left it: it is never restarted.
describe('reports to which something happens', function () {
  this.timeout(120_000);
  const ground = useGround({ users: [OPERATOR] });
  let operator: OperatorProcess;

  before('start the operator', async () => {
    const { controlPlane } = ground;
    await installOperatorManifests(controlPlane);
    await ground.reset();
    const kubeconfig = controlPlane.kubeconfigFor(OPERATOR.name);
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0'] });
    await operator.ready();
    await ground.untilTrue();
  });

  after(() => operator.kill());

  afterEach('show the log where the test failed', function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
  });

  describe('because their definition', () => {
    it('is removed: the cluster is measured on, and it is said what is missing; installed again, the default report is back', async () => {
      const before = operator.log.length;
      await kubectl('delete', DEFINITION);
      const { msg } = await operator.logged('cannot read or write DualStackReports');
      expect(msg).to.contain('kubectl apply -k crds');
      expect(Object.keys(await series('dualstack_report_condition'))).to.deep.equal([]);
      await ground.change();
      await waitFor('the cluster to be measured', async () => (await series('dualstack_nodes'))['{families="dual"}'] === 2);
      expect((await operator.get('/readyz')).status).to.equal(200);
      await installDefinition(ground.controlPlane);
      await waitFor('the report to be back', () => ground.untilTrue(), AFTER_OUTAGE);
      // That it was refused, and nothing for each try to make the report.
      expect(errorsSince(before).map((line) => line.msg)).to.deep.equal([msg]);
    });

    it('is removed and installed again before anybody has noticed: the report is back none the less', async () => {
      const before = operator.log.length;
      const { metadata } = await ground.untilTrue();
      await kubectl('delete', DEFINITION);
      await installDefinition(ground.controlPlane);
      const after = await waitFor('the report to be back', () => ground.untilTrue(), AFTER_OUTAGE);
      expect(after.metadata.uid).to.not.equal(metadata.uid);
      expect(after.status?.writerEpoch).to.equal(1);
      expect(errorsSince(before).filter(({ report }) => report !== undefined)).to.deep.equal([]);
    });
  });

  describe('because others manage them', () => {
    it('keep the spec that another manager applies, be there a status beside it, and never are in conflict with it', async () => {
      const { status } = await ground.untilTrue();
      for (const maxFindings of [2, 3]) {
        // What somebody has exported and keeps in git; without --force-conflicts.
        await apply({ spec: { maxFindings }, status: { ...status, findingsOmitted: 99 } }, '--field-manager=gitops');
        const report = await waitFor('the spec to be answered', async () => {
          const latest = await ground.untilTrue();
          return latest.status?.observedGeneration === latest.metadata.generation && latest;
        });
        expect(report.status?.findings?.length).to.be.at.most(maxFindings);
        expect(await managers()).to.deep.equal({
          'dualstack-operator': { 'f:status': {} },
          gitops: { 'f:spec': { 'f:maxFindings': {} } },
        });
      }
    });

    it('have a status that is not taken from the operator without force, and is taken back where there was some', async () => {
      const { status } = await ground.untilTrue();
      const forged = { status: { ...status, summary: { ...status?.summary, critical: 99 } } };
      const unavailability = await apply(forged, '--subresource=status', '--field-manager=rival').catch(String);
      expect(unavailability).to.contain('conflict with "dualstack-operator"');
      await apply(forged, '--subresource=status', '--field-manager=rival', '--force-conflicts');
      expect(Object.keys(await managers())).to.have.members(['rival', 'gitops']);
      await ground.untilTrue();
      expect(Object.keys(await managers())).to.have.members(['dualstack-operator', 'gitops']);
    });

    it('cannot have their status, or its epoch, taken away', async () => {
      for (const patch of ['{"status":null}', '{"status":{"writerEpoch":null}}']) {
        const unavailability = await kubectl('patch', 'dsr', 'cluster', '--subresource=status', '--type=merge', `--patch=${patch}`).catch(
          String,
        );
        expect(unavailability).to.contain('cannot be taken away');
      }
      await ground.untilTrue();
    });

    it('are left to another operator where their epoch is raised by hand, until they are deleted', async () => {
      await kubectl('patch', 'dsr', 'cluster', '--subresource=status', '--type=merge', '--patch={"status":{"writerEpoch":1000}}');
      await operator.logged('another operator took this report over, no longer writing it');
      await kubectl('delete', 'dsr', 'cluster');
      const report = await waitFor('the report to be made again', () => ground.untilTrue());
      expect(report.status?.writerEpoch).to.equal(1);
    });
  });

  describe('because there are many', () => {
    after(() => kubectl('delete', 'dsr', '--all'));

    it(`are all answered, ${REPORTS} different ones at once, each written a few times and no more`, async () => {
      await writes();
      const before = await writes();
      await ground.controlPlane.create(Array.from({ length: REPORTS }, (_, index) => reportObject(`question-${index}`, questionOf(index))));
      const created = performance.now();
      await untilAllTrue();
      console.log(`        ${REPORTS} reports were answered ${Math.round(performance.now() - created)} ms after they were there`);
      const answered = await writes();
      expect(answered).to.include({ failed: before.failed, superseded: before.superseded });
      expect(answered.written - before.written).to.be.within(REPORTS, 2 * REPORTS);
      await ground.objects.put('Service', 1, 0);
      await ground.objects.put('Service', 4, 0);
      await untilAllTrue();
      expect((await writes()).written - answered.written).to.be.at.most(3 * REPORTS);
      expect((await writes()).failed).to.equal(before.failed);
    });
  });

  describe('because there is much to say', () => {
    it('list as much as a status can hold, count all, and say how much is skipped', async () => {
      await ground.admin.create('/api/v1/namespaces', namespace(LONG));
      for (let made = 0; made < SERVICES; made += AT_ONCE) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, (_, index) => ground.admin.create(`/api/v1/namespaces/${LONG}/services`, wordy(made + index))),
        );
      }
      await ground.admin.create(REPORTS_PATH, reportObject('everything', { maxFindings: 1000 }));
      const { status } = await waitFor(
        'all to be counted',
        async () => {
          const report = await ground.untilTrue({ name: 'everything' });
          return (report.status?.summary?.info ?? 0) >= SERVICES && report;
        },
        AFTER_OUTAGE,
      );
      const listed = status?.findings?.length ?? 0;
      expect(listed).to.be.within(100, 999);
      expect(listed + (status?.findingsOmitted ?? 0)).to.equal(
        Object.values(status?.summary?.checks ?? {}).reduce((sum, count) => sum + count, 0),
      );
      const size = Buffer.byteLength(JSON.stringify(status));
      const whole = Buffer.byteLength(await kubectl('get', 'dsr', 'everything', '--output=json', '--show-managed-fields'));
      console.log(`        ${listed} of ${SERVICES} findings in ${size} bytes, ${whole} with everything else`);
      expect(size).to.be.within(LARGEST_STATUS / 2, LARGEST_STATUS);
      expect(whole).to.be.below(LARGEST_OBJECT);
    });
  });

  async function kubectl(...args: readonly string[]): Promise<string> {
    return ground.controlPlane.kubectl(args);
  }

  /** Applies something of the default report, by server-side apply. */
  async function apply(part: object, ...flags: readonly string[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name: 'cluster' }, ...part });
    await ground.controlPlane.kubectl(['apply', '--server-side', '--filename=-', ...flags], { input });
  }

  /** What each manager of the default report owns. */
  async function managers(): Promise<Readonly<Record<string, object>>> {
    const { metadata } = JSON.parse(await kubectl('get', 'dsr', 'cluster', '--output=json', '--show-managed-fields')) as Managed;
    return Object.fromEntries(metadata.managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
  }

  async function untilAllTrue(): Promise<void> {
    await eventually(async () => {
      const { items } = await ground.admin.get<{ readonly items: readonly DualStackReport[] }>(REPORTS_PATH);
      await ground.expectTrue(items);
    }, AFTER_OUTAGE);
  }

  async function series(name: string): Promise<Readonly<Record<string, number>>> {
    return seriesOf(await operator.metrics(), name);
  }

  async function writes(): Promise<Readonly<Record<'written' | 'failed' | 'superseded', number>>> {
    const counts = await series('dualstack_report_writes_total');
    const of = (result: string): number => counts[`{result="${result}"}`] ?? 0;
    return { written: of('written'), failed: of('failed'), superseded: of('superseded') };
  }

  function errorsSince(before: number): readonly LogLine[] {
    return operator.log.slice(before).filter(({ level }) => level >= 50);
  }
});

/** A spec like no other's. */
function questionOf(index: number): DualStackReportSpec {
  const expected = [undefined, ['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']] as const;
  const expectedFamilies = expected[index % expected.length];
  return {
    maxFindings: 1 + index,
    ...(expectedFamilies ? { expectedFamilies: [...expectedFamilies] } : {}),
    ...(index % 2 === 0 ? { checks: [{ name: 'ServiceSingleStack', severity: 'Warning' }] } : {}),
    ...(index % 3 === 0 ? { namespaceSelector: { matchLabels: { look: String(index % 2) } } } : {}),
    ...(index % 4 === 0 ? { exclusions: [{ kind: 'Node', name: `node-${index % 3}`, reason: 'is replaced' }] } : {}),
  };
}

function wordy(index: number): object {
  return service(`${LONG.slice(0, 58)}-${String(index).padStart(4, '0')}`, { ipFamilyPolicy: 'SingleStack' }, LONG);
}
