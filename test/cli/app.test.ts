import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Clock } from '../../src/core/clock.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { ListenError } from '../../src/server/listen.ts';
import type { Purpose } from '../../src/server/purposes.ts';
import { App, type AppOptions } from '../../src/cli/app.ts';
import { listeningOn } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import { ApiServer } from '../controller/support/api-server.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { quickClock } from '../controller/support/quick-clock.ts';

const FREE = { host: '127.0.0.1', port: 0 };
const PURPOSES: Readonly<Record<string, Purpose>> = { '/healthz': 'health', '/readyz': 'health', '/': 'page' };
const SOON = { deadlineMs: 5_000, everyMs: 5 };

describe('the app', () => {
  let server: ApiServer;
  let connection: Connection;
  let log: FieldsLog;
  let stop: AbortController;

  beforeEach(async () => {
    server = new ApiServer();
    connection = await server.connect();
    log = new FieldsLog();
    stop = new AbortController();
  });

  afterEach(async () => {
    await connection.close();
    await server.close();
  });

  function appWith(options: Partial<AppOptions> = {}): App {
    return new App({
      connection,
      log,
      clock: quickClock,
      version: '1.2.3',
      addresses: { metrics: FREE, health: FREE, page: FREE },
      tls: undefined,
      metricsAuth: 'none',
      clusterName: 'blue',
      defaultReport: 'cluster',
      graceScale: 1,
      staleAfterMs: 120_000,
      metricsPerService: false,
      metricsPerNode: false,
      election: undefined,
      ...options,
    });
  }

  /** The URL of each path, at the server that has it. */
  async function urls(): Promise<(path: string) => string> {
    const { fields } = await waitFor('the servers', () => log.lines.find(({ message }) => message === 'listening'), SOON);
    return (path) => `http://${String(listeningOn(fields, PURPOSES[path] ?? 'metrics')[0])}${path}`;
  }

  it('makes the default report, answers it where it may see nothing else, and serves metrics until it is stopped', async () => {
    const running = appWith().run(stop.signal);
    const url = await urls();
    const get = async (path: string): Promise<string> => (await fetch(url(path))).text();
    await waitFor('readiness', async () => (await fetch(url('/readyz'))).status === 200, SOON);
    const conditions = await waitFor(
      'a verdict',
      () => server.store.all[0]?.status?.lastEvaluationTime && server.store.all[0].status.conditions,
      SOON,
    );
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).to.deep.equal([
      'Ready True Evaluated',
      'Healthy Unknown Forbidden',
      'NodesHealthy Unknown Forbidden',
      'PodsHealthy Unknown Forbidden',
      'ServicesHealthy Unknown Forbidden',
      'SpecValid True Valid',
    ]);
    expect(await get('/healthz')).to.equal('ok\n');
    expect(await get('/'))
      .to.contain('dualstack-operator 1.2.3')
      .and.to.contain('<h1>Report cluster</h1>');
    const metrics = await get('/metrics');
    expect(metrics).to.match(/^dualstack_report_writes_total\{result="written"\} \d+$/m);
    expect(metrics).to.contain('dualstack_report_condition{report="cluster",type="Ready",status="True"} 1');
    expect(metrics).not.to.match(/^dualstack_(nodes|pods|services)\{/m);
    stop.abort();
    await running;
    for (const path of ['/healthz', '/metrics', '/']) expect(await get(path).catch(() => 'closed')).to.equal('closed');
    expect(server.requestsOf('POST').map(({ body }) => JSON.parse(body) as unknown)).to.deep.equal([
      { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name: 'cluster' } },
    ]);
  });

  it('that may not have the lease writes nothing, says what it takes and is not ready; its metrics are there', async () => {
    const timings = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 };
    const election = { lease: { namespace: 'ns', name: 'it' }, identity: 'me', timings, clock: quickClock };
    server.create('cluster');
    const running = appWith({ election }).run(stop.signal);
    const url = await urls();
    const get = async (path: string): Promise<string> => (await fetch(url(path))).text();
    await waitFor(
      'the lease to matter',
      async () => (await get('/readyz')) === 'could not read or write the lease yet; see the log\n',
      SOON,
    );
    const metrics = await get('/metrics');
    expect(metrics)
      .to.match(/^dualstack_leader 0$/m)
      .and.to.contain('dualstack_queue_depth 0');
    expect(log.from('warn')).to.contain(
      'warn cannot read or write the lease, so this replica writes no reports: grant a Role in the namespace ns with the rule {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"]}',
    );
    expect([...server.requestsOf('POST'), ...server.requestsOf('PATCH')]).to.deep.equal([]);
    stop.abort();
    await running;
  });

  it('is alive and not ready before the cluster has been evaluated', async () => {
    server.before = () => new Promise<void>(() => undefined);
    const running = appWith().run(stop.signal);
    const url = await urls();
    const statuses = await Promise.all(['/healthz', '/readyz', '/metrics'].map(async (path) => (await fetch(url(path))).status));
    expect(statuses).to.deep.equal([200, 503, 200]);
    stop.abort();
    await running;
  });

  for (const when of ['before it starts', 'while it starts'] as const) {
    it(`ends where it is stopped ${when}`, async () => {
      if (when === 'before it starts') stop.abort();
      const running = appWith().run(stop.signal);
      stop.abort();
      await running;
      expect(server.watches).to.equal(0);
    });
  }

  it('ends as a whole with the fault of a part', async () => {
    const fault = new Error('a fault of this program');
    const clock: Clock = { ...quickClock, sleep: (ms, signal) => (ms === 200 ? Promise.reject(fault) : quickClock.sleep(ms, signal)) };
    const running = appWith({ clock }).run(stop.signal);
    expect(await running.catch((error: unknown) => error)).to.equal(fault);
    const url = await urls();
    for (const path of ['/healthz', '/metrics', '/']) expect(await fetch(url(path)).catch(() => 'closed')).to.equal('closed');
    await waitFor('the end of all watches', () => server.watches === 0, SOON);
  });

  it('does not start where one of its ports is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const error = await appWith({ addresses: { metrics: FREE, health: FREE, page: { host: '127.0.0.1', port } } })
      .run(stop.signal)
      .catch((thrown: unknown) => thrown);
    taken.close();
    expect(error)
      .to.be.instanceOf(ListenError)
      .with.property('message', `cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --page-bind-address`);
    expect(server.requests).to.deep.equal([]);
  });
});
