import { expect } from 'chai';
import type { DualStackReportStatus } from '../../src/core/report/types.ts';
import { MINUTE, NOW, pod, SECOND } from '../core/build.ts';
import { settled } from './support/time.ts';
import { gaps, LAGGING, quietWorld, SOUND, World } from './support/world.ts';

const HOUR = 60 * MINUTE;
const CONDITIONS = ['Ready', 'Healthy', 'NodesHealthy', 'PodsHealthy', 'ServicesHealthy', 'SpecValid'];

describe('reports', () => {
  describe('at the start', () => {
    it('say at once that they wait for the first lists, with all six conditions', async () => {
      const world = new World({ listed: false });
      await world.start();
      expect(world.writesOf('cluster')).to.deep.equal([0]);
      expect(world.status().conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).to.deep.equal([
        'Ready False Syncing',
        ...CONDITIONS.slice(1, -1).map((type) => `${type} Unknown Syncing`),
        'SpecValid True Valid',
      ]);
      expect(world.status()).to.include({ observedGeneration: 1, writerEpoch: 1 });
      expect(world.status()).not.to.have.property('lastEvaluationTime');
      await world.clock.pass(HOUR);
      expect(world.writesOf('cluster')).to.deep.equal([0]);
      await world.stop();
    });

    it('report the first verdict without waiting for their turn', async () => {
      const world = new World({ listed: false });
      await world.start();
      await world.clock.pass(SECOND);
      world.list();
      await world.clock.pass(SECOND);
      expect(world.writesOf('cluster')).to.deep.equal([0, 1.2]);
      expect(world.readiness()).to.equal('True Evaluated');
      await world.stop();
    });

    it('report it without waiting too where it comes while the first status is being written', async () => {
      const world = new World({ listed: false });
      const answer = Promise.withResolvers<undefined>();
      world.afterWrite = () => answer.promise;
      await world.start();
      world.list();
      await world.clock.pass(SECOND);
      expect(world.evaluations).to.equal(1);
      answer.resolve(undefined);
      await world.clock.pass(100);
      expect(world.readiness()).to.equal('True Evaluated');
      await world.stop();
    });

    it('keep the verdict of the operator before them until they have one of their own, and after a moment say that it is old', async () => {
      const first = await quietWorld();
      const status = first.status();
      await first.stop();
      const second = new World({ listed: false });
      await second.start({ cluster: { status } });
      expect([second.writes, second.status()]).to.deep.equal([[], status]);
      await second.clock.pass(5 * SECOND);
      expect(second.status()).to.deep.include({ lastEvaluationTime: status.lastEvaluationTime, stack: status.stack, writerEpoch: 2 });
      expect(second.readiness()).to.equal('False Syncing');
      await second.stop();
    });
  });

  describe('once they are reported', () => {
    it('are written only when they say something else', async () => {
      const world = await quietWorld();
      world.push(pod({ name: 'peer', labels: { app: 'other' } }));
      await world.clock.pass(MINUTE);
      expect(world.writes).to.deep.equal([]);
      world.push(LAGGING);
      await world.clock.pass(MINUTE);
      expect([world.writes.length, world.findings()]).to.deep.equal([1, ['PodFamilyMissing lagging']]);
      await world.stop();
    });

    it('are written at most every five seconds under constant change, and say the last of it', async () => {
      const world = await quietWorld();
      for (let second = 0; second < 60; second += 1) {
        world.push(pod({ name: `web-${second}` }));
        await world.clock.pass(SECOND);
      }
      const times = world.writesOf('cluster');
      expect(times).to.have.length.within(11, 13);
      expect(Math.min(...gaps(times))).to.be.at.least(5_000);
      await world.clock.pass(10 * SECOND);
      expect(world.status().pods?.total).to.equal(61);
      await world.stop();
    });

    it('refresh the time of evaluation every five minutes, and not sooner', async () => {
      const world = new World({ facts: SOUND });
      await world.start();
      await world.clock.pass(HOUR - SECOND);
      const times = world.writesOf('cluster');
      expect(times).to.have.length(12);
      for (const [index, at] of times.entries()) expect(at).to.be.within(index * 300, index * 300 + 1);
      expect(world.status().lastEvaluationTime).to.equal(new Date(NOW + 55 * MINUTE).toISOString().replace('.000', ''));
      await world.stop();
    });

    for (const [what, edit] of [
      ['findings', (status: DualStackReportStatus) => ({ ...status, findingsOmitted: 7 })],
      ['conditions', (status: DualStackReportStatus) => ({ ...status, conditions: [] })],
      ['everything', () => ({ writerEpoch: 1 })],
      [
        'a time of evaluation that is still to come',
        (status: DualStackReportStatus) => ({ ...status, lastEvaluationTime: '2999-01-01T00:00:00Z' }),
      ],
      ['a time of evaluation that is none', (status: DualStackReportStatus) => ({ ...status, lastEvaluationTime: 'yesterday' })],
    ] as const) {
      it(`repair a status that was edited by hand: ${what}`, async () => {
        const world = await quietWorld();
        const before = world.status();
        world.editStatus('cluster', edit);
        await world.clock.pass(10 * SECOND);
        const after = world.status();
        expect(world.writes).to.have.length(1);
        expect(Date.parse(after.lastEvaluationTime ?? '')).to.be.within(NOW, NOW + 20 * SECOND);
        if (what === 'conditions' || what === 'everything') expect(after.conditions?.map(({ type }) => type)).to.deep.equal(CONDITIONS);
        else expect({ ...after, lastEvaluationTime: before.lastEvaluationTime }).to.deep.equal(before);
        await world.stop();
      });
    }

    it('answer a changed spec at once', async () => {
      const world = await quietWorld();
      world.push(LAGGING);
      await world.clock.pass(6 * SECOND);
      const [first = 0] = world.writesOf('cluster');
      world.editSpec('cluster', { checks: [{ name: 'PodFamilyMissing', severity: 'Critical' }] });
      await settled();
      expect(world.writesOf('cluster').at(-1)).to.be.below(first + 7);
      expect(world.status().findings?.map(({ severity }) => severity)).to.deep.equal(['Critical']);
      expect(world.status().observedGeneration).to.equal(2);
      world.editSpec('cluster', { expectedFamilies: ['IPv4'] });
      await settled();
      expect([world.findings(), world.status().observedGeneration]).to.deep.equal([[], 3]);
      await world.stop();
    });

    it('list what an exclusion accepted once it has expired, though nothing else changes', async () => {
      const world = await quietWorld();
      world.push(LAGGING);
      const expirationTime = new Date(world.clock.time() + 7 * MINUTE).toISOString();
      world.editSpec('cluster', { exclusions: [{ kind: 'Pod', reason: 'known', expirationTime }] });
      await world.clock.pass(7 * MINUTE - SECOND);
      expect(world.findings()).to.deep.equal([]);
      await world.clock.pass(7 * SECOND);
      expect(world.findings()).to.have.length(1);
      expect(world.status().summary).to.include({ excluded: 0, expiredExclusions: 1 });
      await world.stop();
    });

    it('answer a spec that changes while the status is being written as soon as that is over', async () => {
      const world = await quietWorld();
      const answer = Promise.withResolvers<undefined>();
      world.afterWrite = () => answer.promise;
      world.push(LAGGING);
      await world.clock.pass(3 * SECOND);
      world.editSpec('cluster', { checks: [{ name: 'PodFamilyMissing', severity: 'Info' }] });
      answer.resolve(undefined);
      await world.clock.pass(100);
      expect(world.status().observedGeneration).to.equal(2);
      await world.stop();
    });

    it('are written once when suspended, and then no more', async () => {
      const world = await quietWorld();
      world.editSpec('cluster', { suspend: true });
      await world.clock.pass(SECOND);
      expect([world.writes.length, world.readiness()]).to.deep.equal([1, 'True Suspended']);
      world.push(LAGGING);
      await world.clock.pass(HOUR);
      expect([world.writes.length, world.findings()]).to.deep.equal([1, []]);
      world.editSpec('cluster', { suspend: false });
      await world.clock.pass(SECOND);
      expect([world.writes.length, world.findings()]).to.deep.equal([2, ['PodFamilyMissing lagging']]);
      await world.stop();
    });

    it('ignore an older state of a report that comes late', async () => {
      const world = await quietWorld();
      const old = world.store.get('cluster');
      world.editSpec('cluster', { expectedFamilies: ['IPv4'] });
      await world.clock.pass(SECOND);
      world.reports.put(old);
      await world.clock.pass(MINUTE);
      expect(world.results).to.deep.equal(['written']);
      expect(world.reports.views().map(({ report }) => report.spec)).to.deep.equal([{ expectedFamilies: ['IPv4'] }]);
      await world.stop();
    });

    it('take an older state from a list, which is of an etcd that was restored, and write what is true onto it', async () => {
      const world = await quietWorld();
      const old = world.store.get('cluster');
      world.push(LAGGING);
      await world.clock.pass(MINUTE);
      expect(world.findings()).to.deep.equal(['PodFamilyMissing lagging']);
      world.store.takeBack(old);
      expect(world.findings()).to.deep.equal([]);
      world.reports.listing();
      world.reports.put(old);
      world.reports.listed();
      await world.clock.pass(SECOND);
      expect([world.findings(), world.results]).to.deep.equal([['PodFamilyMissing lagging'], ['written', 'written']]);
      // From here on an older state is a late one again.
      world.reports.put(old);
      await world.clock.pass(MINUTE);
      expect(world.results).to.deep.equal(['written', 'written']);
      await world.stop();
    });

    it('start again with a report that was deleted and made again under its name', async () => {
      const world = await quietWorld();
      world.delete('cluster');
      world.reports.put(world.store.create('cluster', { status: { writerEpoch: 7 } }));
      await settled();
      expect(world.status()).to.include({ writerEpoch: 8 });
      expect(world.status().conditions?.map(({ type }) => type)).to.deep.equal(CONDITIONS);
      await world.stop();
    });

    it('answer several questions, each by its own families', async () => {
      const world = new World({ facts: [...SOUND, LAGGING] });
      await world.start({ cluster: {}, old: { spec: { expectedFamilies: ['IPv4'] } } });
      expect([world.findings('cluster'), world.findings('old')]).to.deep.equal([['PodFamilyMissing lagging'], []]);
      const evaluation = world.reports.views().find(({ report }) => report.metadata.name === 'old')?.evaluation;
      world.editSpec('old', {});
      await world.clock.pass(SECOND);
      expect(world.findings('old')).to.deep.equal(['PodFamilyMissing lagging']);
      expect(world.evaluator.evaluationFor(evaluation?.expected ?? []), 'the evaluation of which nobody asks').not.to.equal(evaluation);
      await world.stop();
    });
  });

  describe('the views', () => {
    it('come with evaluations that the next reading finds evaluated', async () => {
      const world = new World({ facts: [...SOUND, LAGGING] });
      await world.evaluator.read(() => undefined);
      world.reports.put(world.store.create('dual', { spec: { expectedFamilies: ['IPv4', 'IPv6'] } }));
      const counts = await world.evaluator.read(() => world.reports.views().map(({ evaluation }) => evaluation.findings.size));
      expect(counts).to.deep.equal([1]);
    });
  });

  it('say in the log why no report can be read', () => {
    const world = new World();
    world.reports.unavailable({ reason: 'NotFound', message: 'The API server does not serve it.' });
    expect(world.log.from('warn')).to.deep.equal(['error cannot read or write DualStackReports: The API server does not serve it.']);
  });

  it('say it once where it changes again and again, and that they can be read again', () => {
    const world = new World();
    for (let turn = 0; turn < 5; turn += 1) {
      world.reports.unavailable({ reason: 'NotFound', message: 'The API server does not serve it.' });
      world.reports.listing();
      world.reports.listed();
    }
    expect(world.log.lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
      'error cannot read or write DualStackReports: The API server does not serve it.',
      'info reading DualStackReports works again',
    ]);
  });

  it('stop quietly in the middle of a write', async () => {
    const world = await quietWorld();
    const broken = Promise.withResolvers<undefined>();
    world.beforeWrite = () => broken.promise;
    world.push(LAGGING);
    await world.clock.pass(SECOND);
    const stopping = world.stop();
    broken.reject(new Error('aborted'));
    await stopping;
    expect([world.results, world.log.from('warn'), world.clock.sleeping]).to.deep.equal([[], [], []]);
  });

  it('cost next to nothing while nothing changes', async () => {
    const world = await quietWorld({ a: {}, b: {}, c: {}, d: { spec: { expectedFamilies: ['IPv6'] } }, e: { spec: { suspend: true } } });
    await world.clock.pass(HOUR);
    expect(world.writes).to.have.length(4 * 12);
    expect(world.clock.sleeps).to.be.below(4 * 12 * 4);
    expect(world.evaluations).to.equal(0);
    await world.stop();
  });

  it('are looked at no more than once a second under constant change', async () => {
    const world = await quietWorld();
    for (let change = 0; change < 1_000; change += 1) {
      world.push(pod({ name: 'peer', labels: { changing: String(change) } }));
      await world.clock.pass(250);
    }
    expect(world.evaluations).to.be.above(900);
    expect(world.clock.sleeping, 'who still sleeps').to.have.length.of.at.most(2);
    // Each evaluation of its own is a reading too.
    expect(world.evaluator.reads - world.evaluations).to.be.within(200, 260);
    await world.stop();
  });
});
