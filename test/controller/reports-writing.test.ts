import { expect } from 'chai';
import { ApiError, NetworkError } from '../../src/client/wire/errors.ts';
import { MINUTE, pod, SECOND } from '../core/build.ts';
import { settled } from './support/time.ts';
import { gaps, LAGGING, quietWorld, SOUND, World } from './support/world.ts';

const HOUR = 60 * MINUTE;

describe('reports', () => {
  describe('when the time of day is set', () => {
    it('back, take back within a minute what was found too early', async () => {
      const world = await quietWorld();
      world.clock.set(HOUR);
      world.push(pod({ name: 'lagging', addresses: ['10.244.1.8'], labels: {}, startedAt: world.clock.now() }));
      await world.clock.pass(10 * SECOND);
      expect(world.findings()).to.deep.equal(['PodFamilyMissing lagging']);
      world.clock.set(-2 * HOUR);
      await world.clock.pass(MINUTE + SECOND);
      expect(world.findings()).to.deep.equal([]);
      await world.stop();
    });

    for (const [which, step] of [
      ['back', -HOUR],
      ['forward', HOUR],
    ] as const) {
      it(`${which}, report the new time within a minute, and then every five minutes`, async () => {
        const world = await quietWorld();
        world.clock.set(step);
        await world.clock.pass(MINUTE + SECOND);
        const { lastEvaluationTime = '' } = world.status();
        expect(world.clock.time() - Date.parse(lastEvaluationTime)).to.be.within(0, MINUTE + SECOND);
        world.writes.length = 0;
        await world.clock.pass(HOUR);
        expect(gaps(world.writesOf('cluster'))).to.deep.equal(Array.from({ length: 11 }, () => 5 * MINUTE));
        await world.stop();
      });

      it(`${which}, hold no write back and hurry none`, async () => {
        const world = await quietWorld();
        world.beforeWrite = () => {
          throw new NetworkError(new Error('connection reset'));
        };
        world.push(LAGGING);
        await world.clock.pass(20 * SECOND);
        world.clock.set(step);
        await world.clock.pass(2 * MINUTE);
        const expected = [1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * SECOND);
        expect(gaps(world.writesOf('cluster'))).to.deep.equal(expected);
        await world.stop();
      });

      it(`${which}, leave a report to the operator that refreshes it`, async () => {
        const world = await quietWorld();
        world.editStatus('cluster', (status) => ({ ...status, writerEpoch: 2 }));
        world.push(LAGGING);
        await world.clock.pass(MINUTE);
        world.clock.set(step);
        await world.clock.pass(8 * MINUTE);
        expect(world.results).to.deep.equal(['superseded']);
        await world.clock.pass(2 * MINUTE);
        expect(world.results).to.deep.equal(['superseded', 'written']);
        await world.stop();
      });
    }
  });

  describe('when a write fails', () => {
    it('write again when the newer version is seen, after a conflict', async () => {
      const world = await quietWorld();
      const seen = world.store.editStatus('cluster', (status) => ({ ...status, findingsOmitted: 3 }));
      world.push(LAGGING);
      await world.clock.pass(500);
      expect([world.results, world.log.from('warn')]).to.deep.equal([['conflict'], []]);
      world.reports.put(seen);
      await world.clock.pass(SECOND);
      expect([world.results, world.findings()]).to.deep.equal([['conflict', 'written'], ['PodFamilyMissing lagging']]);
      await world.stop();
    });

    it('do not write a report again that is gone', async () => {
      const world = await quietWorld();
      world.store.delete('cluster');
      world.push(LAGGING);
      await world.clock.pass(500);
      world.reports.remove('cluster');
      await world.clock.pass(HOUR);
      expect([world.results, world.log.from('warn')]).to.deep.equal([['conflict'], []]);
      await world.stop();
    });

    it('name the rule that is missing', async () => {
      const world = await quietWorld();
      world.beforeWrite = () => {
        throw new ApiError(403, 'Forbidden', 'dualstackreports.dualstack.dev "cluster" is forbidden');
      };
      world.push(LAGGING);
      await world.clock.pass(500);
      expect(world.log.from('warn')).to.deep.equal([
        'error not allowed to write the status of a report: the operator needs the verb patch on dualstackreports/status in the API group dualstack.dev',
      ]);
      await world.stop();
    });

    for (const [what, error] of [
      ['the network is down', new NetworkError(new Error('connect ECONNREFUSED'))],
      ['the API server is overloaded', new ApiError(429, 'TooManyRequests', 'too many requests')],
      ['a webhook fails', new ApiError(500, 'InternalError', 'failed calling webhook')],
      ['the status is refused', new ApiError(422, 'Invalid', 'status.findings: Too many: 1001')],
    ] as const) {
      it(`try ever less often while ${what}, log it once in ten minutes, and recover`, async () => {
        const world = await quietWorld();
        world.beforeWrite = () => {
          throw error;
        };
        world.push(LAGGING);
        await world.clock.pass(10 * MINUTE);
        const times = world.writesOf('cluster');
        expect(gaps(times).slice(0, 8)).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * SECOND));
        expect(new Set(world.results)).to.deep.equal(new Set(['failed']));
        expect(world.log.lines.at(-1)).to.deep.include({
          level: 'debug',
          fields: { report: 'cluster', reason: error.message, retryInMs: 60_000 },
        });
        expect(world.log.from('warn')).to.deep.equal(['error could not write the status of a report']);
        await world.clock.pass(2 * MINUTE);
        expect(world.log.from('warn')).to.have.length(2);
        world.beforeWrite = () => undefined;
        await world.clock.pass(MINUTE);
        expect([world.results.at(-1), world.findings()]).to.deep.equal(['written', ['PodFamilyMissing lagging']]);
        expect(world.log.lines.at(-1)).to.deep.equal({
          level: 'info',
          message: 'writing the status of the report works again',
          fields: { report: 'cluster' },
        });
        await world.clock.pass(HOUR);
        expect(world.log.lines.filter(({ level }) => level === 'info')).to.have.length(1);
        world.beforeWrite = () => {
          throw error;
        };
        world.push(pod({ name: 'another' }));
        await world.clock.pass(500);
        expect(world.log.lines.at(-1)?.fields).to.include({ retryInMs: 1_000 });
        await world.stop();
      });
    }

    it('wait for as long as the API server asks, and no less than by themselves', async () => {
      const world = await quietWorld();
      world.beforeWrite = () => {
        throw new ApiError(429, 'TooManyRequests', 'too many requests', 3);
      };
      world.push(LAGGING);
      await world.clock.pass(2 * MINUTE);
      const expected = [3.5, 3.5, 4, 8, 16, 32].map((seconds) => seconds * SECOND);
      expect(gaps(world.writesOf('cluster')).slice(0, expected.length)).to.deep.equal(expected);
      await world.stop();
    });

    it('leave an API server that asks for it alone, whatever comes meanwhile, and write the others', async () => {
      const world = await quietWorld({ cluster: {}, other: {} });
      world.beforeWrite = ({ metadata: { name } }) => {
        if (name === 'cluster') throw new ApiError(503, 'ServiceUnavailable', 'busy', 60);
      };
      world.push(LAGGING);
      await world.clock.pass(SECOND);
      world.beforeWrite = () => undefined;
      world.editSpec('cluster', { checks: [] });
      world.follow();
      await world.clock.pass(SECOND);
      world.lead(2);
      await world.clock.pass(58 * SECOND);
      expect(world.writesOf('cluster')).to.have.length(1);
      await world.clock.pass(SECOND);
      expect(world.writesOf('cluster')).to.have.length(2);
      expect([world.results.at(-1), world.findings('other')]).to.deep.equal(['written', ['PodFamilyMissing lagging']]);
      await world.stop();
    });

    it('log each report and each reason', async () => {
      const world = await quietWorld({ cluster: {}, other: {} });
      let error: Error = new NetworkError(new Error('connection reset'));
      world.beforeWrite = () => {
        throw error;
      };
      world.push(LAGGING);
      await world.clock.pass(4 * SECOND);
      error = new ApiError(500, 'InternalError', 'failed calling webhook');
      await world.clock.pass(MINUTE);
      const logged = world.log.lines.filter(({ level }) => level === 'error').map(({ fields }) => [fields['report'], fields['reason']]);
      expect(logged).to.deep.equal([
        ['cluster', 'connection reset'],
        ['other', 'connection reset'],
        ['cluster', 'failed calling webhook'],
        ['other', 'failed calling webhook'],
      ]);
      await world.stop();
    });

    it('leave a report to an operator that has taken it over', async () => {
      const world = await quietWorld();
      world.editStatus('cluster', (status) => ({ ...status, writerEpoch: 2 }));
      world.push(LAGGING);
      // The other operator refreshes the report, as long as it runs.
      for (let refreshed = 0; refreshed < 12; refreshed += 1) {
        await world.clock.pass(5 * MINUTE);
        const lastEvaluationTime = new Date(world.clock.now()).toISOString();
        world.editStatus('cluster', (status) => ({ ...status, lastEvaluationTime }));
      }
      world.editSpec('cluster', { checks: [] });
      await world.clock.pass(9 * MINUTE);
      expect(world.results).to.deep.equal(['superseded']);
      expect(world.log.from('warn')).to.deep.equal(['warn another operator took this report over, no longer writing it']);
      await world.stop();
    });

    it('take it back once that one is gone', async () => {
      const world = await quietWorld();
      world.editStatus('cluster', (status) => ({ ...status, writerEpoch: 2 }));
      world.push(LAGGING);
      await world.clock.pass(9 * MINUTE);
      expect([world.results, world.findings()]).to.deep.equal([['superseded'], []]);
      await world.clock.pass(2 * MINUTE);
      expect([world.results, world.findings()]).to.deep.equal([['superseded', 'written'], ['PodFamilyMissing lagging']]);
      expect(world.status().writerEpoch).to.equal(3);
      await world.stop();
    });

    it('write the other reports all the same', async () => {
      const world = await quietWorld({ cluster: {}, other: {} });
      world.beforeWrite = ({ metadata: { name } }) => {
        if (name === 'cluster') throw new NetworkError(new Error('connection reset'));
      };
      world.push(LAGGING);
      await world.clock.pass(6 * SECOND);
      expect([world.findings('cluster'), world.findings('other')]).to.deep.equal([[], ['PodFamilyMissing lagging']]);
      await world.stop();
    });
  });

  describe('when a report changes while its status is being written', () => {
    it('forget one that was deleted', async () => {
      const world = await quietWorld();
      world.afterWrite = () => {
        world.delete('cluster');
      };
      world.push(LAGGING);
      await world.clock.pass(HOUR);
      expect([world.writes.length, world.reports.views()]).to.deep.equal([1, []]);
      await world.stop();
    });

    it('stay with one that was made again', async () => {
      const world = await quietWorld();
      world.afterWrite = () => {
        world.afterWrite = () => undefined;
        world.delete('cluster');
        world.reports.put(world.store.create('cluster'));
      };
      world.push(LAGGING);
      await world.clock.pass(SECOND);
      expect(world.results).to.deep.equal(['written', 'written']);
      expect(world.findings()).to.deep.equal(['PodFamilyMissing lagging']);
      await world.stop();
    });
  });

  describe('the default report', () => {
    it('is made when there is none, and answered', async () => {
      const world = new World({ defaultReport: 'cluster', facts: SOUND });
      await world.start({});
      expect([world.creations, world.store.names, world.readiness()]).to.deep.equal([[0], ['cluster'], 'True Evaluated']);
      await world.stop();
    });

    it('is not made before it is known that there is none', async () => {
      const world = new World({ defaultReport: 'cluster', facts: SOUND });
      const abort = new AbortController();
      const running = world.reports.run(abort.signal);
      await world.clock.pass(HOUR);
      expect(world.creations).to.deep.equal([]);
      abort.abort();
      await running;
    });

    it('is not made where there is another', async () => {
      const world = new World({ defaultReport: 'cluster' });
      await world.start({ mine: {} });
      await world.clock.pass(HOUR);
      expect(world.creations).to.deep.equal([]);
      await world.stop();
    });

    it('is made again after the last one was deleted', async () => {
      const world = new World({ defaultReport: 'cluster' });
      await world.start({ cluster: {}, mine: {} });
      world.delete('cluster');
      await world.clock.pass(MINUTE);
      expect(world.creations).to.deep.equal([]);
      world.delete('mine');
      await settled();
      expect([world.creations, world.store.names]).to.deep.equal([[60], ['cluster']]);
      await world.stop();
    });

    it('is not made where it is not wanted, at no cost', async () => {
      const world = new World({ defaultReport: undefined });
      await world.start({});
      await world.settle();
      await world.clock.pass(HOUR);
      expect([world.creations, world.clock.sleeps]).to.deep.equal([[], 0]);
      await world.stop();
    });

    for (const [status, reason] of [
      [404, '404 page not found'],
      [405, 'create not allowed while custom resource definition is terminating'],
    ] as const) {
      it(`is tried every five seconds, and nothing is logged, while the API server answers ${status}: the watch reports that its definition is gone`, async () => {
        const world = new World({ defaultReport: 'cluster' });
        world.beforeCreate = () => {
          throw new ApiError(status, '', reason);
        };
        await world.start({});
        await world.clock.pass(10 * SECOND);
        expect([world.creations, world.log.from('warn')]).to.deep.equal([[0, 5, 10], []]);
        await world.stop();
      });
    }

    it('may be made by somebody else meanwhile', async () => {
      const world = new World({ defaultReport: 'cluster' });
      world.beforeCreate = () => {
        throw new ApiError(409, 'AlreadyExists', 'dualstackreports.dualstack.dev "cluster" already exists');
      };
      await world.start({});
      await world.clock.pass(SECOND);
      world.reports.put(world.store.create('cluster'));
      await world.clock.pass(MINUTE);
      expect([world.creations, world.log.from('warn'), world.results]).to.deep.equal([[0], [], ['written']]);
      await world.stop();
    });

    it('is not tried while reports are not served, and made at once when they are', async () => {
      const world = new World({ defaultReport: 'cluster' });
      await world.start();
      world.beforeCreate = () => {
        throw new ApiError(500, 'InternalError', 'not now');
      };
      world.delete('cluster');
      await world.clock.pass(20 * SECOND);
      expect(world.creations).to.deep.equal([0, 1, 3, 7, 15]);
      world.reports.unavailable({ reason: 'NotFound', message: 'The API server does not serve dualstackreports.dualstack.dev.' });
      await world.clock.pass(HOUR);
      expect(world.creations).to.have.length(5);
      world.beforeCreate = () => undefined;
      world.reports.listing();
      world.reports.listed();
      await settled();
      expect([world.creations.length, world.store.names]).to.deep.equal([6, ['cluster']]);
      await world.stop();
    });

    it('is tried ever less often while it cannot be made', async () => {
      const world = new World({ defaultReport: 'cluster' });
      world.beforeCreate = () => {
        throw new ApiError(403, 'Forbidden', 'cannot create resource "dualstackreports"');
      };
      await world.start({});
      await world.clock.pass(4 * MINUTE);
      expect(world.creations).to.deep.equal([0, 1, 3, 7, 15, 31, 63, 123, 183]);
      expect(world.log.lines.at(-1)?.fields).to.include({ reason: 'cannot create resource "dualstackreports"' });
      expect(world.log.from('warn')).to.deep.equal(['error could not create the default report']);
      world.beforeCreate = () => undefined;
      await world.clock.pass(MINUTE);
      expect(world.store.names).to.deep.equal(['cluster']);
      await world.stop();
    });
  });
});
