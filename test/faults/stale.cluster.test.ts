import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { installOperatorManifests, OPERATOR } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf, type Series } from '../support/exposition.ts';
import { startOperator, type OperatorProcess } from '../support/operator-process.ts';
import { conditionOf, messageOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';
import { stall, status } from './faults.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { KINDS } from './objects.ts';
import { FaultProxy, type Fault } from './proxy.ts';
import { useGround } from './ground.ts';
import { Stand } from './stand.ts';
import { byKind } from './watched.ts';

/** How much faster than the machine's the operator's clock runs where minutes have to pass. */
const SCALE = 25;
/** The same where it matters how soon something happens. */
const SLOWER = 20;
const MINUTE = 60_000;
const FAULTS: Readonly<Record<string, Fault>> = { 'are answered 503': status(503, 'ServiceUnavailable'), 'are never answered': stall };
const PATIENCE = { deadlineMs: 45_000, everyMs: 25 } as const;

describe('a verdict that may be wrong by now', function () {
  this.timeout(90_000);
  const ground = useGround({ users: [OPERATOR] });

  before(() => installOperatorManifests(ground.controlPlane));

  describe('with --stale-after=3s', () => {
    let proxy: FaultProxy;
    let operator: OperatorProcess;
    let startedAt: number;

    // Another each time: who has tried often waits for long.
    beforeEach('start the operator behind a proxy', async () => {
      await ground.reset();
      startedAt = Date.now();
      const { controlPlane } = ground;
      proxy = await FaultProxy.start(controlPlane);
      const kubeconfig = kubeconfigVia(controlPlane, proxy, OPERATOR.name);
      operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0', '--stale-after=3s'] });
      await operator.ready();
    });

    afterEach('end the operator, and show its log where the test failed', async function () {
      if (this.currentTest?.state === 'failed') console.error(operator.tail);
      await operator.stop();
      await proxy.close();
    });

    for (const [what, fault] of Object.entries(FAULTS)) {
      it(`is said to be so where the watches of one kind ${what}, and is as of then; it is one of now when they are again`, async () => {
        const before = await ground.untilTrue();
        const rule = proxy.on(({ resource, purpose }) => resource === 'pods' && purpose !== 'write', fault);
        const brokeOffAt = Date.now();
        for (const watch of proxy.watches('pods')) watch.reset();
        const stale = await reportThat('is stale', (report) => conditionOf(report, 'Ready') === 'False Stale');
        const [, since = ''] =
          /^The API server cannot be watched for pods since (\S+): the verdict is as of then\.$/.exec(readyOf(stale)) ?? [];
        // It is reported in whole seconds.
        expect(Date.parse(since)).to.be.within(startedAt - 1000, brokeOffAt + 1000);
        expect(verdictOf(stale)).to.deep.equal(verdictOf(before));
        expect(await ready()).to.deep.equal({ True: 0, False: 1, Unknown: 0 });

        // Of the other kinds the operator knows more by now, and says so in the metrics, but makes no verdict of it.
        const services = sum(await series('dualstack_services'));
        await ground.objects.put('Service', 3, 0);
        await waitFor('the Service to be known', async () => sum(await series('dualstack_services')) === services + 1);
        expect(await report()).to.deep.equal(stale);

        rule.lift();
        // No client learns that it waits in vain.
        proxy.cut();
        const after = await reportThat('is ready', (one) => conditionOf(one, 'Ready') === 'True Evaluated');
        expect(after.status?.services?.total).to.equal((before.status?.services?.total ?? 0) + 1);
        await ground.untilTrue();
        expect(await ready()).to.deep.equal({ True: 1, False: 0, Unknown: 0 });
      });
    }

    function reportThat(what: string, condition: (report: DualStackReport) => boolean): Promise<DualStackReport> {
      return waitFor(`a report that ${what}`, async () => {
        const latest = await report();
        return condition(latest) && latest;
      });
    }

    async function series(name: string): Promise<Series> {
      return seriesOf(await operator.metrics(), name);
    }

    async function ready(): Promise<Series> {
      return readyIn(await series('dualstack_report_condition'));
    }
  });

  describe('by default', () => {
    let stand: Stand;

    afterEach('end the operator, and show its log where the test failed', async function () {
      if (this.currentTest?.state === 'failed') console.error(stand.log.lines.filter(({ message }) => message !== 'request').slice(-30));
      await stand.end();
    });

    it('is said to be so where the watches of one kind say nothing for five minutes, however often they are restarted', async () => {
      await begin(SCALE);
      const start = stand.clock.now();
      stand.proxy.on(({ resource, purpose }) => resource === 'nodes' && purpose === 'watch', stall);
      for (const watch of stand.proxy.watches('nodes')) watch.lose();
      let changes = 0;
      await eventually(async () => {
        // Of the other kinds something is heard.
        for (const kind of KINDS.filter((each) => each !== 'Node')) await ground.objects.put(kind, 2, changes % 2 === 0 ? 1 : 0);
        changes += 1;
        expect(conditionOf(await report(), 'Ready')).to.equal('False Stale');
      }, PATIENCE);
      expect((stand.clock.now() - start) / MINUTE).to.be.within(3, 15);
      expect(messageOf(await report(), 'Ready')).to.match(/ for nodes since /);
      stand.proxy.clear();
      stand.proxy.cut();
      await stand.untilTrue();
    });

    it('is true again after an API server could not be reached for two: each kind is asked for within half a minute', async () => {
      await begin(SLOWER);
      stand.proxy.door = 'closing';
      stand.proxy.cut();
      const start = stand.clock.now();
      await waitFor('two minutes', () => stand.clock.now() - start > 2 * MINUTE, PATIENCE);
      await eventually(async () => {
        expect(readyIn(await stand.series('dualstack_report_condition'))).to.include({ True: 0, False: 1 });
      }, PATIENCE);
      await ground.change();
      // In 0.4, 1.2, 2.8, 6, 12.4 and 24.8 seconds, and then every 15; and the writes of a report that it is stale.
      expect(stand.proxy.connections).to.be.below(17 * KINDS.length);
      const [before, opened] = [stand.proxy.requests.length, performance.now()];
      stand.proxy.door = 'open';
      await stand.untilTrue();
      for (const [kind, [first]] of byKind(stand.proxy.requests.slice(before))) {
        expect((first!.at - opened) * SLOWER, kind).to.be.below(MINUTE / 2);
      }
    });

    async function begin(scale: number): Promise<void> {
      stand = await Stand.on(ground, scale);
      stand.start();
      await stand.untilTrue();
    }
  });

  function report(): Promise<DualStackReport> {
    return ground.admin.get<DualStackReport>('/apis/dualstack.dev/v1alpha1/dualstackreports/cluster');
  }
});

function readyOf(report: DualStackReport): string {
  return messageOf(report, 'Ready');
}

/** What a report says of the cluster, and as of when. */
function verdictOf({
  status: { lastEvaluationTime, findings, summary, nodes, pods, services, stack, conditions = [] } = {},
}: DualStackReport): object {
  return { lastEvaluationTime, findings, summary, nodes, pods, services, stack, health: conditions.filter(({ type }) => type !== 'Ready') };
}

/** The statuses of the condition Ready in its metric. */
function readyIn(conditions: Series): Series {
  return Object.fromEntries(
    Object.entries(conditions).flatMap(([labels, value]) => {
      const [, is] = /type="Ready",status="(\w+)"/.exec(labels) ?? [];
      return is === undefined ? [] : [[is, value]];
    }),
  );
}

function sum(series: Series): number {
  return Object.values(series).reduce((total, value) => total + value, 0);
}
