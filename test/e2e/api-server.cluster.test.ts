import { expect } from 'chai';
import { KINDS } from '../../src/core/kinds/registry.ts';
import { installDefinition, installPermissions, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, seriesOf } from '../support/exposition.ts';
import { node, pod, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionsOf, findingsOf } from '../support/report-words.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { AFTER_OUTAGE } from '../support/waiting.ts';

/** The first tries after a refused request come after 2.5 to 5 and 5 to 10 seconds. */
const AFTER_UNAVAILABLE = { deadlineMs: 45_000 } as const;
const PLAIN = 'Info ServiceSingleStack Service default/plain IPv6';

// Each test takes the cluster and the operator as the one before left them.
describe('an operator whose API server is not as it should be', function () {
  this.timeout(180_000);
  const cluster = useCluster({ manifests: false });
  let operator: OperatorProcess;
  let proxy: TcpProxy;

  before('create a healthy cluster, and the permissions of the operator', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2));
    await cluster.addWorkloads(1, pod('web', 'worker-1'), service('web', { ipFamilyPolicy: 'PreferDualStack' }), service('plain'));
    await installPermissions(cluster.controlPlane);
    proxy = await TcpProxy.start(Number(new URL(cluster.controlPlane.server).port), 'refuse');
  });

  after(() => proxy.close());

  describe('at the start', () => {
    it('waits for an API server that cannot be reached, and is ready once it can', async () => {
      operator = await cluster.operator([], { kubeconfig: cluster.kubeconfigVia(proxy.port) });
      await operator.logged('watching pods');
      expect(await operator.get('/readyz')).to.deep.equal({ status: 503, body: 'the cluster is not evaluated yet\n' });
      expect(namesIn(await operator.metrics())).to.not.include('dualstack_nodes');
      proxy.set('pass');
      await operator.ready();
      expect(seriesOf(await operator.metrics(), 'dualstack_nodes')).to.include({ '{families="dual"}': 2 });
    });

    it('measures the cluster without the definition of DualStackReport, and says what is missing', async () => {
      const { msg } = await operator.logged('cannot read or write DualStackReports');
      expect(msg).to.contain('It is served once the CRD is installed: kubectl apply -k crds.');
      expect((await operator.get('/readyz')).status).to.equal(200);
    });

    it('makes its report once the definition is installed', async () => {
      await installDefinition(cluster.controlPlane);
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([PLAIN]);
      }, AFTER_UNAVAILABLE);
      await operator.logged('listed dualstackreports');
    });
  });

  describe('when it breaks', () => {
    it('goes on after every watch was cut', async () => {
      await watchesRun();
      expect(proxy.cut()).to.be.at.least(7);
      await cluster.controlPlane.create([service('after-the-cut')]);
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.have.length(2);
      });
      expect(operator.running).to.be.true;
      const errors = Object.entries(seriesOf(await operator.metrics(), 'dualstack_reflector_errors_total'));
      expect(errors.filter(([labels]) => labels.includes('reason="network"'))).to.have.length(7);
    });

    it('stays ready with what it knows while nothing can be reached, and catches up', async () => {
      proxy.set('refuse');
      proxy.cut();
      await cluster.kubectl('delete', 'service', 'after-the-cut');
      expect((await operator.get('/readyz')).status).to.equal(200);
      expect(seriesOf(await operator.metrics(), 'dualstack_services')).to.include({
        '{namespace="default",policy="SingleStack",families="ipv4"}': 2,
      });
      proxy.set('pass');
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([PLAIN]);
      });
    });

    it('lives through a restart of the API server, and sees what happens after it', async () => {
      await cluster.controlPlane.restartApiServer();
      await cluster.controlPlane.create([service('after-the-restart')]);
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.have.length(2);
        expect(conditionsOf(report)).to.include({ Ready: 'True', Healthy: 'True' });
      }, AFTER_OUTAGE);
      expect(operator.running).to.be.true;
      await watchesRun();
    });

    it('ends with 0 in less than two seconds all the same', async () => {
      proxy.set('hang');
      const { code, ms } = await operator.stop();
      expect(code).to.equal(0);
      expect(ms).to.be.below(2000);
    });
  });

  describe('that has no streaming list', () => {
    it('lists in pages', async () => {
      await cluster.controlPlane.restartApiServer({ featureGates: { WatchList: false } });
      operator = await cluster.operator();
      await operator.ready();
      const lists = seriesOf(await operator.metrics(), 'dualstack_reflector_lists_total');
      for (const { source } of KINDS) {
        expect(lists).to.include({ [`{source="${source}",method="pages"}`]: 1 });
      }
      await cluster.kubectl('delete', 'service', 'after-the-restart');
      await eventually(async () => {
        expect(findingsOf(await cluster.report())).to.deep.equal([PLAIN]);
      });
      await operator.stop();
      await cluster.controlPlane.restartApiServer({ featureGates: {} });
    });
  });

  async function watchesRun(): Promise<void> {
    await eventually(async () => {
      const states = Object.entries(seriesOf(await operator.metrics(), 'dualstack_reflector_state'));
      const watching = states.filter(([labels, value]) => labels.includes('state="watching"') && value === 1);
      expect(watching).to.have.length(7);
    }, AFTER_OUTAGE);
  }
});
