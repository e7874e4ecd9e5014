import { expect } from 'chai';
import { KINDS } from '../../src/core/kinds/registry.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { connect, type Connection } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import {
  installPermissions,
  installPermissionsWith,
  installPermissionsWithout,
  OPERATOR,
  REPORTS_PATH,
  useCluster,
} from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, seriesOf } from '../support/exposition.ts';
import { node, pod, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionOf, findingsOf, messageOf, ratiosOf } from '../support/report-words.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/waiting.ts';
import { allOf } from '../client/support/bodies.ts';

/** What is refused is tried again after 2.5 to 5 seconds, then 5 to 10, and at most after a minute. */
const AFTER_UNAVAILABLE = { deadlineMs: 45_000 } as const;
/** How long what is known of a kind is kept: longer than three attempts, and than a write waits for its turn. */
const KEPT_S = 15;
const PLAIN = 'Info ServiceSingleStack Service default/plain IPv6';
const LAYERS = ['NodesHealthy', 'PodsHealthy', 'ServicesHealthy'] as const;
const READ = KINDS.map(({ resource }) => resource.plural);

// Each test takes the cluster as the one before left it.
describe('an operator that may not do everything', function () {
  this.timeout(90_000);
  const cluster = useCluster();
  let operator: OperatorProcess;
  let proxy: TcpProxy;
  /** With the operator's own permissions. */
  let own: Connection;

  before('create a healthy cluster', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2));
    await cluster.addWorkloads(1, pod('web', 'worker-1'), service('web', { ipFamilyPolicy: 'PreferDualStack' }), service('plain'));
    proxy = await TcpProxy.start(Number(new URL(cluster.controlPlane.server).port));
    own = connect({ kubeconfig: cluster.controlPlane.kubeconfigFor(OPERATOR.name), version: '0.0.0' });
  });

  after(async () => {
    await own.close();
    await proxy.close();
  });

  describe('from the start', () => {
    it('knows nothing where it may read nothing, names the rules, and is ready', async () => {
      await installPermissionsWithout(cluster.controlPlane, ...READ);
      await start();
      const report = await eventually(async () => {
        const latest = await cluster.report();
        expect(layersOf(latest)).to.deep.equal(Array(3).fill('Unknown Forbidden'));
        return latest;
      });
      expect(conditionOf(report, 'Healthy')).to.equal('Unknown Forbidden');
      expect(conditionOf(report, 'Ready')).to.equal('True Evaluated');
      expect(messageOf(report, 'NodesHealthy')).to.contain(ruleFor('nodes'));
      expect(messageOf(report, 'ServicesHealthy')).to.contain(ruleFor('services'));
      expect(report.status).to.not.have.any.keys('nodes', 'pods', 'services', 'endpoints');
      expect(findingsOf(report)).to.deep.equal([]);
      expect((await operator.get('/readyz')).status).to.equal(200);
      expect([...namesIn(await operator.metrics())].filter((name) => /^dualstack_(nodes|pods|services)$/.test(name))).to.deep.equal([]);
    });

    it('is whole once it may', async () => {
      await installPermissions(cluster.controlPlane);
      await untilWhole();
    });
  });

  describe('from which the permission to read pods is taken while it runs', () => {
    before('start another', async () => {
      await operator.stop();
      await start();
    });

    it('goes on as long as the API server lets its watch go on, keeps what it knows for a while, and then says which rule it takes, and answers the rest', async () => {
      await installPermissionsWithout(cluster.controlPlane, 'pods');
      await waitFor('the API server to refuse', () => isRefused('/api/v1/pods'));
      expect(layersOf(await cluster.report())).to.deep.equal(Array(3).fill('True NoProblemFound'));
      proxy.cut();
      const kept = await cluster.reportThat('calls pods stale', (latest) => sourceOf(latest, 'pods') === 'Stale');
      expect([layersOf(kept), ratiosOf(kept)]).to.deep.equal([Array(3).fill('True NoProblemFound'), ['2/2', '1/1', '1/2']]);
      const report = await eventually(async () => {
        const latest = await cluster.report();
        expect(sourceOf(latest, 'pods')).to.equal('Forbidden');
        expect(conditionOf(latest, 'PodsHealthy')).to.equal('Unknown Forbidden');
        return latest;
      }, AFTER_UNAVAILABLE);
      expect(messageOf(report, 'PodsHealthy')).to.contain(ruleFor('pods'));
      expect(report.status).to.not.have.any.keys('pods');
      expect([report.status?.nodes?.ratio, report.status?.services?.ratio]).to.deep.equal(['2/2', '1/2']);
      expect(findingsOf(report)).to.deep.equal([PLAIN]);
      const names = namesIn(await operator.metrics());
      expect(names).to.include('dualstack_services').and.not.include('dualstack_pods');
      expect(seriesOf(await operator.metrics(), 'dualstack_family_imbalance_ratio')).to.not.have.any.keys('{layer="pods"}');
    });

    it('is whole once it may again, and has warned once', async () => {
      await installPermissions(cluster.controlPlane);
      await untilWhole();
      const warnings = operator.log.filter(({ level, reason, resource }) => level >= 40 && resource === 'pods' && reason === 'api 403');
      expect(warnings).to.have.length(1);
    });
  });

  describe('that may no longer read reports', () => {
    it('says so and measures on, and answers what was asked meanwhile once it may', async () => {
      await installPermissionsWith(cluster.controlPlane, (rule) =>
        rule.resources.includes('dualstackreports') ? { ...rule, verbs: ['create'] } : rule,
      );
      await waitFor('the API server to refuse', () => isRefused(REPORTS_PATH));
      proxy.cut();
      const { msg } = await operator.logged('cannot read or write DualStackReports');
      expect(msg).to.contain(ruleFor('dualstackreports', 'dualstack.dev'));
      await cluster.kubectl(
        'patch',
        'dsr',
        'cluster',
        '--type=merge',
        '--patch={"spec":{"checks":[{"name":"ServiceSingleStack","severity":"Warning"}]}}',
      );
      await cluster.controlPlane.create([service('measured')]);
      await eventually(async () => {
        expect(seriesOf(await operator.metrics(), 'dualstack_services')).to.include({
          '{namespace="default",policy="SingleStack",families="ipv4"}': 2,
        });
      });
      await installPermissions(cluster.controlPlane);
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([
          'Warning ServiceSingleStack Service default/measured IPv6',
          'Warning ServiceSingleStack Service default/plain IPv6',
        ]);
      }, AFTER_UNAVAILABLE);
      await cluster.kubectl('delete', 'service', 'measured');
      await cluster.kubectl('patch', 'dsr', 'cluster', '--type=merge', '--patch={"spec":{"checks":null}}');
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([PLAIN]);
      });
    });
  });

  describe('that may not write', () => {
    it('says which verb it takes to write a report, and writes it once that is granted', async () => {
      await installPermissionsWithout(cluster.controlPlane, 'dualstackreports/status');
      const before = await cluster.report();
      await cluster.kubectl('delete', 'service', 'plain');
      const { reason } = await operator.logged('the operator needs the verb patch on dualstackreports/status');
      expect(reason).to.contain('forbidden');
      expect((await cluster.report()).metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
      await installPermissions(cluster.controlPlane);
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([]);
      }, AFTER_UNAVAILABLE);
    });

    it('writes reports without the permission for Events, says what it lacks, and counts what it could not record', async () => {
      await installPermissionsWithout(cluster.controlPlane, 'events');
      await cluster.addNodes(node('narrow', 3, { podCIDRs: ['10.244.200.0/24'] }));
      await cluster.reportThat('has the finding', (report) => findingsOf(report).length === 1);
      const { reason } = await operator.logged('could not write an Event');
      expect(reason).to.contain('cannot create resource "events" in API group "events.k8s.io"');
      expect(seriesOf(await operator.metrics(), 'dualstack_events_total')['{result="failed"}']).to.be.at.least(1);
      await installPermissions(cluster.controlPlane);
    });
  });

  async function start(): Promise<void> {
    operator = await cluster.operator([`--stale-after=${KEPT_S}s`], { kubeconfig: cluster.kubeconfigVia(proxy.port) });
    await operator.ready();
  }

  async function isRefused(path: string): Promise<boolean> {
    try {
      await allOf((await own.request(path, { query: { limit: 1 } })).body);
      return false;
    } catch (error) {
      return error instanceof ApiError && error.status === 403;
    }
  }

  async function untilWhole(): Promise<void> {
    await eventually(async () => {
      const report = await cluster.report();
      expect(layersOf(report)).to.deep.equal(Array(3).fill('True NoProblemFound'));
      expect(conditionOf(report, 'Healthy')).to.equal('True NoProblemFound');
      expect(ratiosOf(report)).to.deep.equal(['2/2', '1/1', '1/2']);
      expect(findingsOf(report)).to.deep.equal([PLAIN]);
    }, AFTER_UNAVAILABLE);
  }
});

function layersOf(report: DualStackReport): readonly (string | undefined)[] {
  return LAYERS.map((layer) => conditionOf(report, layer));
}

function sourceOf({ status }: DualStackReport, id: string): string | undefined {
  return status?.sources?.find((source) => source.id === id)?.state;
}

function ruleFor(resource: string, apiGroup = ''): string {
  return `{apiGroups: ["${apiGroup}"], resources: ["${resource}"], verbs: ["list", "watch"]}`;
}
