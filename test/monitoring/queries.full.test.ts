import { expect } from 'chai';
import { DEMO_OPTIONS, fillDemoCluster } from '../../demo/cluster.ts';
import { expectedFindings, withoutNode } from '../../demo/expected.ts';
import { waitForFindings } from '../../demo/report.ts';
import { fromRoot } from '../../scripts/root.ts';
import { startPrometheus, type Prometheus } from '../prometheus/prometheus.ts';
import { installPermissions, installPermissionsWithout, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { dashboards } from './dashboard-json.ts';
import { Grafana, type AskedQuery, type Chosen } from './grafana.ts';

const NAMESPACE = 'dualstack-system';
/** Leaders lose their lease soon, and reports are soon stale. */
const QUICK = [
  '--leader-elect=true',
  `--leader-elect-resource-namespace=${NAMESPACE}`,
  '--leader-elect-lease-duration=4s',
  '--leader-elect-renew-deadline=2500ms',
  '--leader-elect-retry-period=500ms',
  '--stale-after=3s',
];
/** After an outage a kind is heard of again with the next bookmark, of which there is one a minute. */
const PATIENCE = { deadlineMs: 120_000, everyMs: 500 } as const;
const BROKEN_NODE = 'worker-3';

/** As all dashboards are at first, and with a value in each variable. */
const ALL: Chosen = {};
const ONE: Chosen = {
  cluster: ['demo'],
  namespace: ['shop'],
  node: [BROKEN_NODE],
  job: ['dualstack-operator'],
  pod: ['dualstack-operator-0'],
};
const TWO: Chosen = {
  ...ONE,
  namespace: ['billing', 'shop'],
  node: [BROKEN_NODE, 'worker-5'],
  pod: ['dualstack-operator-0', 'dualstack-operator-1'],
};

/** Queries that find something only where the operator has had errors. */
const OF_ERRORS = ['dualstack-operator: Errors, by source and reason A'];

/** What tiles show, by dashboard and title, in the cluster without the label and in that with it. */
type Tiles = Readonly<Record<string, number>>;

// Each state of the cluster is what the one before has left.
describe('the queries of the dashboards, on a real Prometheus', function () {
  this.timeout(300_000);
  const cluster = useCluster(DEMO_OPTIONS);
  const replicas: OperatorProcess[] = [];
  let proxy: TcpProxy;
  let prometheus: Prometheus;
  let grafana: Grafana;

  before('fill the cluster of the demo, start two replicas, and scrape each by IPv4 and by IPv6', async () => {
    await fillDemoCluster(cluster.controlPlane, () => undefined);
    proxy = await TcpProxy.start(Number(new URL(cluster.controlPlane.server).port));
    for (let index = 0; index < 2; index++) {
      const listen = ['--metrics-bind-address=[::]:0'];
      replicas.push(await cluster.operator(QUICK, { listen, kubeconfig: cluster.kubeconfigVia(proxy.port) }));
    }
    prometheus = await startPrometheus({ config: configuration(replicas) });
    grafana = new Grafana(prometheus);
    await waitForFindings(cluster.controlPlane, await expectedFindings());
  });

  after(async () => {
    await prometheus.stop();
    await proxy.close();
  });

  describe('before faults are fixed', () => {
    for (const [what, chosen] of Object.entries({ 'with all': ALL, 'with one value': ONE, 'with two values': TWO })) {
      it(`find something ${what} in each variable`, async () => {
        await eventually(async () => {
          await touchSomething();
          expect((await unanswered(chosen)).filter((query) => !OF_ERRORS.includes(query))).to.deep.equal([]);
        }, PATIENCE);
      });
    }

    it('count each thing once', async () => {
      await showTiles({
        'Overview: Nodes': 3,
        'Overview: Pods': 3,
        'Overview: Services': 3,
        'Overview: Healthy': 0,
        'Overview: Critical findings': 1,
        'Overview: Warnings': 6,
        'Overview: Dual-stack nodes': 4 / 6,
        'Overview: Dual-stack pods': 34 / 40,
        'Overview: Dual-stack Services': 11 / 16,
        'Overview: Root causes': 3,
        'Overview: Migration': 1,
        'Nodes: Evaluated nodes': 6,
        'Nodes: Dual-stack': 4,
        'Nodes: IPv4 only': 2,
        'Nodes: IPv6 only': 0,
        'Nodes: Neither': 0,
        'Nodes: Lack a podCIDR': 1,
        'Operator: Replicas': 2,
        'Operator: Leaders': 1,
        'Operator: Reports not Ready': 0,
        'Operator: Sources not watched': 0,
      });
    });

    it('count the chosen namespaces', async () => {
      const shop = { 'Overview: Critical findings': 0, 'Overview: Warnings': 3, 'Overview: Root causes': 3, 'Overview: Nodes': 3 };
      await showTiles(shop, { namespace: ['shop'] });
      await showTiles({ 'Overview: Critical findings': 0, 'Overview: Warnings': 1 }, { namespace: ['billing'] });
    });

    it('have one row for each node that lacks a family', async () => {
      const rows = await answerTo('dualstack-nodes', 'Nodes that lack a family A', { cluster: ['demo'] });
      expect(rows.map(({ labels }) => labels)).to.have.deep.members([
        { cluster: 'demo', node: BROKEN_NODE, addresses: 'dual', pod_cidrs: 'ipv4', pods: 'ipv4' },
        { cluster: 'demo', node: 'worker-5', addresses: 'ipv4', pod_cidrs: 'dual', pods: 'dual' },
      ]);
    });

    it('rank findings, and group them by check and namespace', async () => {
      const rows = await answerTo('dualstack-overview', 'Findings A', { cluster: ['demo'] });
      expect(
        rows.map(({ labels: { rank, check, namespace = '' }, value }) => `${rank ?? ''} ${check ?? ''} ${namespace}: ${value}`),
      ).to.have.members([
        '1 NodePodCIDRMissing : 1',
        '2 EndpointFamilyMissing shop: 1',
        '2 EndpointsUnbalanced shop: 2',
        '2 NodeAddressMissing : 1',
        '2 EndpointsUnbalanced observability: 1',
        '2 ServiceNotUpgraded billing: 1',
        '3 PodHostNetworkStale kube-system: 1',
        '3 ServiceSingleStack kube-system: 1',
        '3 ServiceSingleStack billing: 1',
        '3 ServiceSingleStack default: 2',
      ]);
    });
  });

  describe('while the API server cannot be reached', () => {
    before(() => {
      proxy.set('refuse');
      proxy.cut();
    });

    it('show it', async () => {
      await showTiles({
        'Operator: Replicas': 2,
        'Operator: Leaders': 0,
        'Operator: Reports not Ready': 1,
        'Operator: Sources not watched': 7,
        'Overview: Healthy': 3,
        'Overview: Critical findings': 1,
      });
      for (const chosen of [ALL, ONE]) {
        await eventually(async () => {
          expect(await unanswered(chosen)).not.to.include.members(OF_ERRORS);
        }, PATIENCE);
      }
    });

    it('do not call nothing found what has not been looked at', async () => {
      expect(await answerTo('dualstack-overview', 'Critical findings A', { namespace: ['billing'] })).to.deep.equal([]);
    });
  });

  describe('once it can be reached, and pods may not be read', () => {
    before(async () => {
      await installPermissionsWithout(cluster.controlPlane, 'pods');
      proxy.set('pass');
    });

    after(() => installPermissions(cluster.controlPlane));

    it('show which kind is unavailable; the report is Ready without it', async () => {
      await showTiles({
        'Overview: Nodes': 3,
        'Operator: Sources not watched': 1,
        'Operator: Leaders': 1,
        'Operator: Reports not Ready': 0,
      });
      await eventually(async () => {
        const states = await answerTo('dualstack-operator', 'Reflectors, by source A', { cluster: ['demo'] });
        expect(states.filter(({ value }) => value !== 0)).to.deep.equal([{ labels: { cluster: 'demo', source: 'pods' }, value: 3 }]);
      }, PATIENCE);
    });
  });

  describe('after a node was fixed', () => {
    before('replace it, and let its pods start again', async () => {
      await eventually(async () => {
        expect(await tiles(ALL)).to.include({ 'Operator: Sources not watched': 0 });
      }, PATIENCE);
      await cluster.shell(`kubectl drain ${BROKEN_NODE} --ignore-daemonsets --delete-emptydir-data && kubectl delete node ${BROKEN_NODE}`);
      await cluster.shell(`kubectl delete pods --all-namespaces --field-selector spec.nodeName=${BROKEN_NODE} --force --grace-period=0`);
      await cluster.kubectl('create', `--filename=${fromRoot('demo', 'manifests', 'single-stack', 'nodes.yaml')}`);
      await waitForFindings(cluster.controlPlane, withoutNode(await expectedFindings(), BROKEN_NODE));
    });

    it('show it', async () => {
      await showTiles({
        'Overview: Healthy': 0,
        'Overview: Critical findings': 0,
        'Overview: Warnings': 3,
        'Overview: Dual-stack nodes': 5 / 6,
        'Overview: Dual-stack pods': 1,
        'Overview: Root causes': 2,
        'Overview: Migration': 1,
        'Nodes: Lack a podCIDR': 0,
        'Operator: Replicas': 2,
        'Operator: Leaders': 1,
        'Operator: Reports not Ready': 0,
        'Operator: Sources not watched': 0,
      });
    });
  });

  /** Waits until tiles show these values, each once for the cluster without the label and once for that with it. */
  async function showTiles(expected: Tiles, chosen: Chosen = ALL): Promise<void> {
    await eventually(async () => {
      const shown = await tiles(chosen);
      expect(Object.fromEntries(Object.keys(expected).map((title) => [title, shown[title]]))).to.deep.equal(expected);
    }, PATIENCE);
  }

  /** What tiles show: a number where both clusters have the same one and no other, else all that they have. */
  async function tiles(chosen: Chosen): Promise<Readonly<Record<string, unknown>>> {
    const shown: Record<string, unknown> = {};
    for (const { uid, of, expr } of await queries(chosen)) {
      const samples = await grafana.answer({ of, expr });
      const [one, other] = samples;
      const same = samples.length === 2 && one?.value === other?.value && one?.labels['cluster'] !== other?.labels['cluster'];
      shown[`${{ 'dualstack-overview': 'Overview', 'dualstack-nodes': 'Nodes' }[uid] ?? 'Operator'}: ${of.slice(0, -2)}`] = same
        ? one?.value
        : samples;
    }
    return shown;
  }

  /** The queries that find nothing, by their dashboards. */
  async function unanswered(chosen: Chosen): Promise<readonly string[]> {
    const without: string[] = [];
    for (const { uid, of, expr } of await queries(chosen)) {
      if ((await grafana.answer({ of, expr })).length === 0) without.push(`${uid}: ${of}`);
    }
    return without;
  }

  async function queries(chosen: Chosen): Promise<readonly (AskedQuery & { readonly uid: string })[]> {
    const asked = await Promise.all(
      dashboards().map(async ([, dashboard]) =>
        (await grafana.queriesOf(dashboard, chosen)).map((query) => ({ uid: dashboard.uid, ...query })),
      ),
    );
    return asked.flat();
  }

  async function answerTo(uid: string, of: string, chosen: Chosen): ReturnType<Grafana['answer']> {
    const query = (await queries(chosen)).find((each) => each.uid === uid && each.of === of);
    return grafana.answer(query ?? expect.fail(`there is no query ${of}`));
  }

  /** Lets both replicas evaluate: how long that takes is measured of what happens between scrapes. */
  async function touchSomething(): Promise<void> {
    await cluster.kubectl('label', 'pods', '--namespace=default', '--selector=app=nginx', '--overwrite', `touched=${Date.now()}`);
  }
});

/**
 * Scrapes as Prometheus Operator has it done: every address of each replica, with the labels that it gives a target. All of it twice: as one
 * cluster that is alone and has no label, and as one of many.
 */
function configuration(replicas: readonly OperatorProcess[]): object {
  const jobs = [undefined, 'demo'].map((cluster) => ({
    job_name: cluster ?? 'alone',
    honor_labels: true,
    static_configs: replicas.map(({ port }, index) => ({
      targets: [`127.0.0.1:${port}`, `[::1]:${port}`],
      labels: { ...targetLabels(`dualstack-operator-${index}`), ...(cluster ? { cluster } : {}) },
    })),
  }));
  return { global: { scrape_interval: '500ms' }, scrape_configs: jobs };
}

function targetLabels(pod: string): Readonly<Record<string, string>> {
  const service = 'dualstack-operator';
  return { namespace: NAMESPACE, service, pod, job: service, endpoint: 'metrics', container: 'operator' };
}
