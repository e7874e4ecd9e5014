import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { MINUTE, SECOND } from '../core/build.ts';
import { HIGHEST_EPOCH } from './support/report-store.ts';
import { LAGGING, quietWorld, SOUND, World } from './support/world.ts';

const WORDS =
  'error the writerEpoch of the report was raised to its maximum, so no operator can write it: delete the report and create it again';

describe('a report whose writerEpoch can no longer be raised', () => {
  it('is not written, which is logged once and counted each minute, until it is deleted', async () => {
    const world = new World({ facts: SOUND });
    await world.start({ cluster: { status: { writerEpoch: HIGHEST_EPOCH } } });
    await world.clock.pass(10 * SECOND);
    // The first verdict does not wait for its turn.
    world.results.length = 0;
    await world.clock.pass(5 * MINUTE);
    expect([world.writes, world.results]).to.deep.equal([[], Array(5).fill('failed')]);
    expect(world.log.from('warn')).to.deep.equal([WORDS]);
    world.delete('cluster');
    world.reports.put(world.store.create('cluster'));
    await world.clock.pass(SECOND);
    expect([world.results.at(-1), world.status().writerEpoch]).to.deep.equal(['written', 1]);
    await world.stop();
  });

  it('is not taken for one of another operator, where it was raised meanwhile', async () => {
    const world = await quietWorld();
    world.editStatus('cluster', (status) => ({ ...status, writerEpoch: HIGHEST_EPOCH }));
    world.push(LAGGING);
    await world.clock.pass(30 * SECOND);
    expect([world.results, world.log.from('warn')]).to.deep.equal([['failed'], [WORDS]]);
    await world.stop();
  });

  it('is written as long as the last epoch is its own', async () => {
    const world = new World({ facts: SOUND });
    await world.start({ cluster: { status: { writerEpoch: HIGHEST_EPOCH - 1 } } });
    await world.clock.pass(SECOND);
    world.push(LAGGING);
    await world.clock.pass(10 * SECOND);
    expect([world.results, world.status().writerEpoch]).to.deep.equal([['written', 'written'], HIGHEST_EPOCH]);
    expect(world.findings()).to.have.length(1);
    await world.stop();
  });

  it('is one of the highest that the schema has', () => {
    const [, schema = ''] = readFileSync(fromRoot('crds', 'dualstackreports.yaml'), 'utf8').split('writerEpoch:\n');
    expect(Number(/maximum: (\d+)/.exec(schema)?.[1])).to.equal(HIGHEST_EPOCH);
  });
});
