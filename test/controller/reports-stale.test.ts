import { expect } from 'chai';
import { MINUTE, NOW, pod, SECOND } from '../core/build.ts';
import { LAGGING, quietWorld, SOUND, World } from './support/world.ts';

describe('reports of which nothing is heard', () => {
  it('say so when that begins, keep their findings and their time, and are not written again', async () => {
    const world = await quietWorld();
    world.staleFrom = NOW + MINUTE;
    // Something else changes, so that the new time is known.
    world.push(pod({ name: 'another' }));
    await world.clock.pass(SECOND);
    const { lastEvaluationTime, findings } = world.status();
    await world.clock.pass(MINUTE);
    expect(world.readiness()).to.equal('False Stale');
    expect([world.status().lastEvaluationTime, world.status().findings]).to.deep.equal([lastEvaluationTime, findings]);
    const writes = world.writes.length;
    await world.clock.pass(60 * MINUTE);
    expect(world.writes.length).to.equal(writes);
    await world.stop();
  });

  it('show no change that comes meanwhile as a verdict of now', async () => {
    const world = await quietWorld();
    world.staleFrom = NOW;
    world.push(LAGGING);
    await world.clock.pass(10 * SECOND);
    expect([world.readiness(), world.findings()]).to.deep.equal(['False Stale', []]);
    await world.stop();
  });

  it('are evaluated again at once when it is heard of again', async () => {
    const world = await quietWorld();
    world.staleFrom = NOW;
    world.push(LAGGING);
    await world.clock.pass(10 * SECOND);
    world.staleFrom = Infinity;
    world.reports.contacted();
    await world.clock.pass(500);
    expect([world.readiness(), world.findings()]).to.deep.equal(['True Evaluated', ['PodFamilyMissing lagging']]);
    await world.stop();
  });

  it('say at once that a kind is forbidden and kept, and go on with the verdict', async () => {
    const world = await quietWorld();
    const stale = (): unknown =>
      world
        .status()
        .sources?.filter(({ state }) => state !== 'Synced')
        .map(({ id, state }) => [id, state]);
    world.forbidden = [{ kind: 'services', since: NOW }];
    world.reports.contacted();
    await world.clock.pass(500);
    expect([world.readiness(), stale()]).to.deep.equal(['True Evaluated', [['services', 'Stale']]]);
    world.push(LAGGING);
    world.forbidden = [];
    world.reports.contacted();
    await world.clock.pass(6 * SECOND);
    expect([world.readiness(), stale(), world.findings()]).to.deep.equal(['True Evaluated', [], ['PodFamilyMissing lagging']]);
    await world.stop();
  });

  it('say that they wait for their first lists, where they do', async () => {
    const world = new World({ facts: SOUND, listed: false });
    world.staleFrom = NOW;
    await world.start();
    await world.clock.pass(10 * SECOND);
    expect(world.readiness()).to.equal('False Syncing');
    await world.stop();
  });
});
