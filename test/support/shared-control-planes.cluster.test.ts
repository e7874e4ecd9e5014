import { existsSync } from 'node:fs';
import { expect } from 'chai';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { objectsOf } from './clean-cluster.ts';
import { installOperatorManifests, OPERATOR } from './cluster.ts';
import { deployment, namespace, node } from './objects.ts';
import { giveBack, takeControlPlane } from './shared-control-planes.ts';
import { waitFor } from './waiting.ts';

const OPTIONS = { users: [OPERATOR, { name: 'nobody-else', groups: [] }] } as const;

describe('a control plane that suites share', function () {
  this.timeout(120_000);
  let controlPlane: ControlPlane;

  beforeEach(async () => {
    controlPlane = await takeControlPlane(OPTIONS);
  });

  after(() => controlPlane.stop());

  async function fill(): Promise<void> {
    await installOperatorManifests(controlPlane);
    await controlPlane.create([namespace('shop'), node('worker-1', 1)]);
    await controlPlane.create([deployment('web', { namespace: 'shop', on: 'worker-1' })]);
    await waitFor('pods', async () => [...(await objectsOf(controlPlane)).keys()].some((path) => path.includes('/shop/pods/')));
  }

  it('is given to the next suite as it was at its start', async () => {
    const before = await objectsOf(controlPlane);
    await fill();
    expect((await objectsOf(controlPlane)).size).to.be.above(before.size + 5);
    await giveBack(controlPlane);
    const next = await takeControlPlane(OPTIONS);
    expect(next).to.equal(controlPlane);
    expect([...(await objectsOf(next)).keys()].sort()).to.deep.equal([...before.keys()].sort());
    await fill();
    await giveBack(next);
  });

  it('is another one where the options differ, or where it is in use', async () => {
    const bare = { ...OPTIONS, controllerManager: false, scheduler: false, kwok: false };
    const others = await Promise.all([takeControlPlane(bare), takeControlPlane(OPTIONS)]);
    for (const other of others) {
      expect(other).to.not.equal(controlPlane);
      await other.stop();
    }
    await giveBack(controlPlane);
  });

  it('is stopped where a suite changed what was there at its start', async () => {
    await controlPlane.kubectl(['label', 'namespace', 'default', 'team=shop']);
    await giveBack(controlPlane);
    expect(existsSync(controlPlane.dir)).to.equal(false);
  });

  it('is stopped where a suite restarted its API server', async () => {
    await controlPlane.restartApiServer();
    await giveBack(controlPlane);
    expect(existsSync(controlPlane.dir)).to.equal(false);
  });
});
