import { HttpMethod } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { startOperator, type OperatorProcess } from '../support/operator-process.ts';
import { ReportHistory } from '../support/report-history.ts';
import { waitFor } from '../support/waiting.ts';
import type { Exchange } from './exchange.ts';
import { useGround } from './ground.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { FaultProxy } from './proxy.ts';
import { watchesAll } from './watched.ts';

/** As in a pod of the operator's namespace, with the timings that it has by default: 15 s, 10 s and 2 s. */
const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];
/** Longer than any lease lasts. */
const SLEEP_MS = 30_000;
const PATIENCE = { deadlineMs: 45_000, everyMs: 50 } as const;

describe('a leader that sleeps through the end of its lease while a write of its own is under way', function () {
  this.timeout(150_000);
  const ground = useGround({ users: [OPERATOR] });
  let proxy: FaultProxy;
  let history: ReportHistory;
  let sleeper: OperatorProcess;
  let successor: OperatorProcess;

  before('start it behind a proxy, and another beside it', async () => {
    const { controlPlane } = ground;
    await installOperatorManifests(controlPlane);
    await ground.reset();
    proxy = await FaultProxy.start(controlPlane);
    history = await ReportHistory.start(controlPlane);
    sleeper = await start(kubeconfigVia(controlPlane, proxy, OPERATOR.name));
    await sleeper.logged('acquired leader lease');
    successor = await start(controlPlane.kubeconfigFor(OPERATOR.name));
    await Promise.all([sleeper.ready(), successor.ready()]);
    await ground.untilTrue();
  });

  after(async () => {
    history.close();
    await Promise.all([sleeper.kill(), successor.kill()]);
    await proxy.close();
  });

  afterEach('show the logs where the test failed', function () {
    if (this.currentTest?.state === 'failed') console.error(sleeper.tail, successor.tail);
  });

  it('is refused by the API server, by the version of the report and by its epoch, and writes nothing when it wakes', async () => {
    const epoch = epochOf(await ground.untilTrue());
    const before = await writesOf(sleeper);
    const held: Exchange[] = [];
    const rule = proxy.on(
      ({ method, resource }) => method === 'PATCH' && resource === 'dualstackreports',
      (exchange) => {
        held.push(exchange);
      },
    );
    await ground.change();
    const late = await waitFor('a write', () => held[0], PATIENCE);
    const patch = await late.read();
    sleeper.signal('SIGSTOP');
    const asleepFrom = performance.now();

    const now = await eventually(async () => {
      const report = await ground.untilTrue();
      expect(epochOf(report)).to.equal(epoch + 1);
      return report;
    }, PATIENCE);
    const answers: number[] = [];
    late.pass({ onAnswer: (status) => answers.push(status) });
    expect(await waitFor('its answer', () => answers[0])).to.equal(409);
    // Had its watch brought the newer version before it looked at its clock, it would have written onto that.
    expect(await unavailabilityOf(onto(now, patch))).to.match(/^422 .*writerEpoch/);
    expect(await ground.untilTrue()).to.deep.equal(now);

    await waitFor('the end of its sleep', () => performance.now() - asleepFrom > SLEEP_MS, PATIENCE);
    // Something that it finds to be written.
    await ground.objects.put('Node', 3, 0);
    await ground.untilTrue();
    sleeper.signal('SIGCONT');
    await sleeper.logged('lost leader lease');
    await waitFor('it to know the cluster as it is', async () => {
      const [its, others] = [await sleeper.metrics(), await successor.metrics()];
      return watchesAll(its) && dualNodesIn(its) === dualNodesIn(others);
    });
    await ground.objects.put('Node', 3, 1);
    await ground.untilTrue();
    rule.lift();

    expect([await leads(sleeper), await leads(successor)]).to.deep.equal([0, 1]);
    expect(rule.met).to.have.length(1);
    expect(await writesOf(sleeper)).to.equal(before);
    expect(history.writers).to.deep.equal([epoch, epoch + 1]);
  });

  async function start(kubeconfig: string): Promise<OperatorProcess> {
    return startOperator({ kubeconfig, home: ground.controlPlane.dir, flags: ['--grace-scale=0', ...ELECTION] });
  }

  /** The status and words with which the API server refuses what is applied to the status of the default report. */
  async function unavailabilityOf(body: string): Promise<string> {
    try {
      await ground.connection.request(`${REPORTS_PATH}/cluster/status`, {
        method: HttpMethod.PATCH,
        query: { fieldManager: 'dualstack-operator', force: true },
        headers: { 'Content-Type': 'application/apply-patch+yaml', Accept: 'application/json' },
        body,
      });
      return 'it was taken';
    } catch (error) {
      if (error instanceof ApiError) return `${error.status} ${error.message}`;
      throw error;
    }
  }
});

/** What is applied, as of another version of the report. */
function onto({ metadata: { resourceVersion } }: DualStackReport, patch: string): string {
  const applied = JSON.parse(patch) as DualStackReport;
  return JSON.stringify({ ...applied, metadata: { ...applied.metadata, resourceVersion } });
}

function epochOf({ status }: DualStackReport): number {
  return status?.writerEpoch ?? 0;
}

function dualNodesIn(exposition: string): number | undefined {
  return seriesOf(exposition, 'dualstack_nodes')['{families="dual"}'];
}

async function leads(operator: OperatorProcess): Promise<number | undefined> {
  return seriesOf(await operator.metrics(), 'dualstack_leader')[''];
}

/** How many of its writes the API server took. */
async function writesOf(operator: OperatorProcess): Promise<number | undefined> {
  return seriesOf(await operator.metrics(), 'dualstack_report_writes_total')['{result="written"}'];
}
