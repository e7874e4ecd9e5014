import { expect } from 'chai';
import type { DualStackReportStatus } from '../../src/core/report/types.ts';
import { MINUTE, SECOND } from '../core/build.ts';
import { ReportStore } from './support/report-store.ts';
import { LAGGING, quietWorld, SOUND, World } from './support/world.ts';

const HOUR = 60 * MINUTE;

/** An operator that leads and one on standby, which see the same. */
class Pair {
  readonly store = new ReportStore();
  readonly leader = new World({ facts: SOUND, store: this.store });
  readonly follower = new World({ facts: SOUND, store: this.store, follows: true });
  readonly all = [this.leader, this.follower];

  async start(): Promise<void> {
    await this.leader.start();
    this.follower.reports.put(this.store.get('cluster'));
    await this.follower.start({});
    await this.pass(10 * SECOND);
    for (const { writes, recorded, results } of this.all) for (const list of [writes, recorded, results]) list.length = 0;
  }

  /** Both see what the API server has, a moment after it is there. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      for (const { clock } of this.all) await clock.pass(Math.min(left, 100));
      for (const { reports } of this.all) for (const report of this.store.all) reports.put(report);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((world) => world.stop()));
  }
}

describe('reports', () => {
  describe('of an operator that does not lead', () => {
    it('are not written, whatever happens, and cost nothing while nothing does', async () => {
      const world = new World({ facts: SOUND, follows: true });
      await world.start();
      world.push(LAGGING);
      await world.clock.pass(MINUTE);
      world.editSpec('cluster', { checks: [] });
      await world.clock.pass(MINUTE);
      world.clock.sleeps = 0;
      await world.clock.pass(HOUR);
      expect([world.writes, world.clock.sleeps]).to.deep.equal([[], 0]);
      await world.stop();
    });

    it('are not written before the first verdict either', async () => {
      const world = new World({ listed: false, follows: true });
      await world.start();
      await world.clock.pass(MINUTE);
      expect(world.writes).to.deep.equal([]);
      await world.stop();
    });

    it('are not made where there is none, until it leads', async () => {
      const world = new World({ defaultReport: 'cluster', facts: SOUND, follows: true });
      await world.start({});
      await world.clock.pass(HOUR);
      expect(world.creations).to.deep.equal([]);
      world.lead(1);
      await world.clock.pass(100);
      expect([world.store.names, world.readiness()]).to.deep.equal([['cluster'], 'True Evaluated']);
      await world.stop();
    });

    it('are seen by it as the leader records them', async () => {
      const pair = new Pair();
      await pair.start();
      pair.leader.push(LAGGING);
      pair.follower.push(LAGGING);
      await pair.pass(10 * SECOND);
      expect(pair.leader.recorded.map(({ by }) => by))
        .to.include('this')
        .and.not.include('another');
      expect(pair.follower.recorded.map(({ by }) => by))
        .to.include('another')
        .and.not.include('this');
      expect(pair.follower.writes).to.deep.equal([]);
      await pair.stop();
    });
  });

  describe('of an operator that takes over', () => {
    it('are its own at once, with a higher epoch, and say what they said', async () => {
      const pair = new Pair();
      await pair.start();
      const before = pair.store.get('cluster').status;
      await pair.leader.stop();
      pair.follower.lead(1);
      await pair.follower.clock.pass(100);
      const after = pair.store.get('cluster').status;
      expect(pair.follower.writes).to.have.length(1);
      expect(after?.writerEpoch).to.equal((before?.writerEpoch ?? 0) + 1);
      expect({ ...after, lastEvaluationTime: '', writerEpoch: 0 }).to.deep.equal({ ...before, lastEvaluationTime: '', writerEpoch: 0 });
      await pair.follower.clock.pass(4 * MINUTE);
      expect(pair.follower.writes).to.have.length(1);
      await pair.follower.stop();
    });

    it('are determined by it from where the leader before had come', async () => {
      const pair = new Pair();
      await pair.start();
      await pair.leader.stop();
      // What the one could no longer record, the other has to.
      pair.follower.push(LAGGING);
      await pair.follower.clock.pass(10 * SECOND);
      expect(pair.follower.recorded).to.deep.equal([]);
      pair.follower.lead(1);
      await pair.follower.clock.pass(SECOND);
      expect(pair.follower.recorded).to.deep.equal([{ name: 'cluster', healthy: 'False', by: 'this' }]);
      await pair.follower.stop();
    });

    it('are not recorded by it again where it takes over a moment after the one before has recorded them', async () => {
      const pair = new Pair();
      await pair.start();
      for (const world of pair.all) world.push(LAGGING);
      await pair.leader.clock.pass(SECOND);
      await pair.follower.evaluator.read(() => undefined);
      await pair.leader.stop();
      pair.follower.reports.put(pair.store.get('cluster'));
      pair.follower.lead(1);
      await pair.follower.clock.pass(100);
      expect(pair.leader.recorded.map(({ by }) => by)).to.deep.equal(['this']);
      expect(pair.follower.recorded.map(({ by }) => by)).to.deep.equal(['another']);
      expect(pair.follower.results).to.deep.equal(['written']);
      await pair.follower.stop();
    });

    it('can no longer be written by the one before, which sleeps through the end of its term', async () => {
      const pair = new Pair();
      await pair.start();
      const history: DualStackReportStatus[] = [];
      // The leader falls asleep in the middle of a write.
      const awake = Promise.withResolvers<undefined>();
      pair.leader.beforeWrite = () => awake.promise;
      pair.leader.push(LAGGING);
      await pair.leader.clock.pass(SECOND);
      pair.follower.lead(1);
      await pair.follower.clock.pass(SECOND);
      history.push(pair.store.get('cluster').status ?? {});
      awake.resolve(undefined);
      // It has not noticed yet that it leads no longer.
      await pair.pass(MINUTE);
      history.push(pair.store.get('cluster').status ?? {});
      expect(pair.leader.results).to.include.members(['conflict', 'superseded']).and.not.include('written');
      expect(history.map(({ writerEpoch }) => writerEpoch)).to.deep.equal([2, 2]);
      pair.leader.follow();
      await pair.pass(MINUTE);
      expect(pair.leader.results.slice(-1)).to.deep.equal(['superseded']);
      await pair.stop();
    });

    it('have an epoch of its own, also where it did not see the last leader’s', async () => {
      const world = new World({ facts: SOUND, follows: true });
      await world.start({ cluster: { status: { writerEpoch: 4 } } });
      // The leader before has written, and this operator sees that only after it has tried to.
      const unseen = world.store.editStatus('cluster', () => ({ writerEpoch: 5 }));
      world.lead(1);
      await world.clock.pass(500);
      expect(world.results).to.deep.equal(['conflict']);
      world.reports.put(unseen);
      await world.clock.pass(2 * SECOND);
      expect([world.results, world.status().writerEpoch]).to.deep.equal([['conflict', 'written'], 6]);
      await world.stop();
    });
  });

  describe('of an operator that leads again', () => {
    it('are written with a higher epoch in each term, and at once, whatever failed before', async () => {
      const world = await quietWorld();
      world.editStatus('cluster', (status) => ({ ...status, writerEpoch: 7 }));
      world.push(LAGGING);
      await world.clock.pass(SECOND);
      expect(world.results).to.deep.equal(['superseded']);
      world.follow();
      await world.clock.pass(MINUTE);
      world.lead(2);
      await world.clock.pass(100);
      expect([world.results, world.status().writerEpoch]).to.deep.equal([['superseded', 'written'], 8]);
      world.lead(3);
      await world.clock.pass(100);
      expect(world.status().writerEpoch).to.equal(9);
      await world.stop();
    });

    it('are not written where the term ends before the verdict is there', async () => {
      const world = await quietWorld();
      world.push(LAGGING);
      // The second look at the term is the one before the write.
      let looks = 0;
      Object.defineProperty(world, 'term', {
        get: () => {
          looks += 1;
          return looks % 2 === 1 ? 1 : undefined;
        },
      });
      await world.clock.pass(900);
      expect([world.writes, looks > 0]).to.deep.equal([[], true]);
      await world.stop();
    });
  });
});
