import { expect } from 'chai';
import { startOperator, type OperatorProcess } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import { stall } from './faults.ts';
import { useGround } from './ground.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { FaultProxy, type Rule } from './proxy.ts';

const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=default'];
/** So long the lease is tried to be given back. */
const RELEASE_MS = 1_500;

describe('a leader that is stopped while its API server does not answer', function () {
  this.timeout(60_000);
  const ground = useGround();
  let proxy: FaultProxy;
  let operator: OperatorProcess;

  beforeEach('let it lead', async () => {
    proxy = await FaultProxy.start(ground.controlPlane);
    const { dir } = ground.controlPlane;
    operator = await startOperator({ kubeconfig: kubeconfigVia(ground.controlPlane, proxy), home: dir, flags: ELECTION });
    await operator.logged('acquired leader lease');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
    await operator.kill();
    await proxy.close();
    await ground.admin.delete('/apis/coordination.k8s.io/v1/namespaces/default/leases/dualstack-operator');
  });

  it('ends with 0 all the same, and says that the lease has to run out', async () => {
    silenceLease();
    const { code, ms } = await operator.stop();
    expect(code).to.equal(0);
    expect(ms).to.be.within(RELEASE_MS, 2 * RELEASE_MS);
    expect(operator.log.map(({ msg }) => msg)).to.include('could not release the leader lease: another replica leads when it expires');
  });

  for (const [first, second] of [
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
  ] as const) {
    it(`ends with 1 at once at ${second} after ${first}`, async () => {
      const rule = silenceLease();
      operator.signal(first);
      await operator.logged('stopping');
      await waitFor('it to release the lease', () => rule.met.length > 0, { everyMs: 5 });
      const { code, ms } = await operator.stop(second);
      expect(code).to.equal(1);
      expect(ms).to.be.below(RELEASE_MS / 2);
      expect(operator.log.at(-1)).to.include({ msg: 'second signal received, exiting immediately', signal: second });
    });
  }

  function silenceLease(): Rule {
    return proxy.on(({ resource }) => resource === 'leases', stall);
  }
});
