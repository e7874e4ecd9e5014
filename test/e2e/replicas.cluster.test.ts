import { expect } from 'chai';
import type { V1Lease } from '@kubernetes/client-node';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { installPermissions, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, seriesOf } from '../support/exposition.ts';
import { node, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { ReportHistory } from '../support/report-history.ts';
import { waitFor } from '../support/waiting.ts';

const NAMESPACE = 'dualstack-system';
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/dualstack-operator`;
/** As in a pod of the operator's namespace. */
const ELECTION = ['--leader-elect=true', `--leader-elect-resource-namespace=${NAMESPACE}`];
/** For what is not about how long it takes. */
const QUICK = ['--leader-elect-lease-duration=4s', '--leader-elect-renew-deadline=2500ms', '--leader-elect-retry-period=500ms'];

/** What the issue of replicas asks for, in milliseconds. */
const LONGEST_AFTER_KILL = 20_000;
const LONGEST_AFTER_TERM = 3_000;

interface Pair {
  readonly leader: OperatorProcess;
  readonly follower: OperatorProcess;
}

describe('two replicas', function () {
  this.timeout(120_000);
  const cluster = useCluster();
  let history: ReportHistory;
  let nodes = 0;

  before('create two nodes, and watch the reports', async () => {
    // Where a Service promises both families, each node without a podCIDR is a finding of its own.
    await cluster.controlPlane.create([service('promise', { ipFamilyPolicy: 'RequireDualStack', selector: undefined })]);
    await addNodes(2);
    history = await ReportHistory.start(cluster.controlPlane);
  });

  after(() => {
    history.close();
  });

  describe('that run', () => {
    let pair: Pair;

    before('start them', async () => {
      pair = await start();
    });

    after(() => stop(pair));

    it('are both ready and both measure the cluster, and one of them leads', async () => {
      for (const [replica, leads] of [
        [pair.leader, 1],
        [pair.follower, 0],
      ] as const) {
        expect((await replica.get('/readyz')).status).to.equal(200);
        const metrics = await replica.metrics();
        expect(seriesOf(metrics, 'dualstack_leader')).to.deep.equal({ '': leads });
        expect(seriesOf(metrics, 'dualstack_nodes')).to.include({ '{families="dual"}': nodes });
        expect(seriesOf(metrics, 'dualstack_report_condition')).to.include({ '{report="cluster",type="Ready",status="True"}': 1 });
      }
      const { spec } = await cluster.get<V1Lease>(LEASE);
      expect(spec).to.include({ leaseDurationSeconds: 15, leaseTransitions: 0 });
      expect(spec?.holderIdentity).to.match(/^.+_[\da-f-]{36}$/);
    });

    it('write through the leader alone', async () => {
      await addNodes(1);
      await nodesReported(nodes);
      await cluster.kubectl('patch', 'dsr', 'cluster', '--type=merge', '--patch={"spec":{"maxFindings":50}}');
      await cluster.reportThat('answers its new spec', ({ metadata, status }) => status?.observedGeneration === metadata.generation);
      expect(await writesOf(pair.leader)).to.include({ superseded: 0, failed: 0 });
      expect((await writesOf(pair.leader)).written).to.be.at.least(3);
      expect(await writesOf(pair.follower)).to.deep.equal({ written: 0, conflict: 0, superseded: 0, failed: 0 });
      expect(history.writers).to.deep.equal([1]);
    });
  });

  describe('of which the leader is killed', () => {
    let pair: Pair;

    before('start them, and let one finding be recorded', async () => {
      pair = await start();
      await cluster.addNodes(node('narrow-1', 101, { podCIDRs: ['10.244.201.0/24'] }));
      nodes += 1;
      await eventually(async () => {
        expect(await eventsOn('narrow-1')).to.have.length(1);
      });
      // The follower has to have seen that it was recorded.
      await nodesReported(nodes);
      await eventually(async () => {
        expect(seriesOf(await pair.follower.metrics(), 'dualstack_report_last_evaluation_timestamp_seconds')).to.deep.equal(
          seriesOf(await pair.leader.metrics(), 'dualstack_report_last_evaluation_timestamp_seconds'),
        );
      });
    });

    after(() => pair.follower.stop());

    it('write again within 20 seconds, and record what happened meanwhile once, and nothing twice', async () => {
      const { writerEpoch = 0 } = (await cluster.report()).status ?? {};
      const killedAt = performance.now();
      await pair.leader.kill();
      await cluster.addNodes(node('narrow-2', 102, { podCIDRs: ['10.244.202.0/24'] }));
      nodes += 1;
      const at = await firstSeen('another replica to write', (report) => (report.status?.writerEpoch ?? 0) > writerEpoch);
      const took = at - killedAt;
      console.log(`        another replica wrote ${(took / 1000).toFixed(1)} s after the leader was killed`);
      expect(took).to.be.below(LONGEST_AFTER_KILL);
      expect(await leadsNow(pair.follower)).to.equal(true);
      await nodesReported(nodes);
      await eventually(async () => {
        expect(await eventsOn('narrow-2')).to.have.length(1);
      });
      expect(await eventsOn('narrow-1')).to.have.length(1);
      expectInOrder();
    });
  });

  describe('of which the leader is stopped', () => {
    let pair: Pair;

    before('start them', async () => {
      pair = await start();
    });

    after(() => pair.follower.stop());

    it('write again within 3 seconds', async () => {
      const { writerEpoch = 0 } = (await cluster.report()).status ?? {};
      const stoppedAt = performance.now();
      const { code } = await pair.leader.stop('SIGTERM');
      expect(code).to.equal(0);
      const at = await firstSeen('another replica to write', (report) => (report.status?.writerEpoch ?? 0) > writerEpoch);
      const took = at - stoppedAt;
      console.log(`        another replica wrote ${(took / 1000).toFixed(1)} s after the leader got SIGTERM`);
      expect(took).to.be.below(LONGEST_AFTER_TERM);
      expect(await leadsNow(pair.follower)).to.equal(true);
      expectInOrder();
    });
  });

  describe('of which the leader sleeps through the end of its lease', () => {
    let pair: Pair;

    before('start them', async () => {
      pair = await start(QUICK);
    });

    after(async () => {
      pair.leader.signal('SIGCONT');
      await stop(pair);
    });

    it('are not overwritten when it wakes: it is on standby, and the other goes on', async () => {
      const { leader: sleeper, follower: successor } = pair;
      const before = await writesOf(sleeper);
      const { writerEpoch = 0 } = (await cluster.report()).status ?? {};
      sleeper.signal('SIGSTOP');
      const at = await firstSeen('another replica to write', (report) => (report.status?.writerEpoch ?? 0) > writerEpoch);
      // Something that the sleeper will find to be written when it wakes.
      await addNodes(1);
      await nodesReported(nodes);
      sleeper.signal('SIGCONT');
      await sleeper.logged('lost leader lease');
      await waitFor('the sleeper to have seen the cluster as it is', async () => {
        return seriesOf(await sleeper.metrics(), 'dualstack_nodes')['{families="dual"}'] === dualNodes();
      });
      expect(await leadsNow(sleeper)).to.equal(false);
      expect(await leadsNow(successor)).to.equal(true);
      await addNodes(1);
      await nodesReported(nodes);
      expect((await writesOf(sleeper)).written).to.equal(before.written);
      expect(new Set(history.moments.filter((moment) => moment.at >= at).map(({ report }) => report.status?.writerEpoch))).to.deep.equal(
        new Set([writerEpoch + 1]),
      );
      expectInOrder();
    });

    it('change places again when the successor stops: the one that slept leads in a new term', async () => {
      const { writerEpoch = 0 } = (await cluster.report()).status ?? {};
      await pair.follower.stop('SIGTERM');
      await firstSeen('the sleeper to write', (report) => (report.status?.writerEpoch ?? 0) > writerEpoch);
      expect(await leadsNow(pair.leader)).to.equal(true);
      expectInOrder();
    });
  });

  describe('that may not have the lease', () => {
    it('measure the cluster, name the rule and are not ready; once it is granted one of them writes', async () => {
      await cluster.kubectl('delete', 'rolebinding', 'dualstack-operator', `--namespace=${NAMESPACE}`);
      await cluster.kubectl('delete', 'lease', 'dualstack-operator', `--namespace=${NAMESPACE}`);
      const before = await cluster.report();
      const operator = await cluster.operator([...ELECTION, ...QUICK]);
      const { msg, reason } = await operator.logged('cannot read or write the lease');
      expect(msg).to.contain(
        `grant a Role in the namespace ${NAMESPACE} with the rule {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"]}`,
      );
      expect(reason).to.contain('forbidden');
      await eventually(async () => {
        expect(namesIn(await operator.metrics())).to.include('dualstack_nodes');
      });
      expect(await operator.get('/readyz')).to.deep.equal({
        status: 503,
        body: 'could not read or write the lease yet; see the log\n',
      });
      expect((await cluster.report()).metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
      await installPermissions(cluster.controlPlane);
      await operator.ready();
      await cluster.reportThat('is written', ({ status }) => (status?.writerEpoch ?? 0) > (before.status?.writerEpoch ?? Infinity));
      await operator.stop();
    });

    it('say where there is no namespace for it', async () => {
      const operator = await cluster.operator(['--leader-elect=true', '--leader-elect-resource-namespace=nowhere']);
      const { msg } = await operator.logged('cannot read or write the lease');
      // Who may not look at leases there does not learn that the namespace is missing.
      expect(msg).to.contain('grant a Role in the namespace nowhere');
      await operator.stop();
    });
  });

  /** Two replicas of which one leads and the other knows as much. */
  async function start(flags: readonly string[] = []): Promise<Pair> {
    const leader = await cluster.operator([...ELECTION, ...flags]);
    await waitFor('the first replica to lead', () => leader.orFail(() => leadsNow(leader)), { deadlineMs: 45_000, everyMs: 50 });
    const follower = await cluster.operator([...ELECTION, ...flags]);
    await Promise.all([leader.ready(), follower.ready()]);
    await cluster.reportThat(
      'is ready',
      ({ status }) => status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false,
    );
    return { leader, follower };
  }

  /** Releases the lease, so that the next ones need not wait for its end. */
  async function stop({ leader, follower }: Pair): Promise<void> {
    await follower.stop();
    await leader.stop();
  }

  async function leadsNow(operator: OperatorProcess): Promise<boolean> {
    return seriesOf(await operator.metrics(), 'dualstack_leader')[''] === 1;
  }

  async function writesOf(operator: OperatorProcess): Promise<Readonly<Record<string, number>>> {
    const series = seriesOf(await operator.metrics(), 'dualstack_report_writes_total');
    return Object.fromEntries(Object.entries(series).map(([labels, count]) => [/result="(\w+)"/.exec(labels)?.[1] ?? '', count]));
  }

  async function addNodes(count: number): Promise<void> {
    const added = Array.from({ length: count }, (_, index) => node(`worker-${nodes + index + 1}`, nodes + index + 1));
    await cluster.addNodes(...added);
    nodes += count;
  }

  function dualNodes(): number {
    return nodes - 2;
  }

  async function nodesReported(count: number): Promise<void> {
    await cluster.reportThat(`has ${count} nodes`, ({ status }) => status?.nodes?.total === count);
  }

  /** When the history first has a report of which a condition is true, by the monotonic clock. */
  async function firstSeen(what: string, condition: (report: DualStackReport) => boolean): Promise<number> {
    return waitFor(what, () => history.whenFirst(condition), { deadlineMs: 45_000, everyMs: 20 });
  }

  /** The notes of the Events about a node that the operator made. */
  async function eventsOn(name: string): Promise<readonly string[]> {
    const { items } = await cluster.get<{
      readonly items: readonly {
        readonly reportingController?: string;
        readonly regarding?: { readonly name?: string };
        readonly note?: string;
      }[];
    }>('/apis/events.k8s.io/v1/events');
    return items
      .filter(({ reportingController, regarding }) => reportingController?.startsWith('dualstack.dev/') && regarding?.name === name)
      .map(({ note = '' }) => note);
  }

  /** No writer has come back after a later one. */
  function expectInOrder(): void {
    expect(history.writers).to.deep.equal([...history.writers].sort((a, b) => a - b));
  }
});
