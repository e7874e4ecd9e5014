import { expect } from 'chai';
import { NetworkError } from '../../src/client/wire/errors.ts';
import { MINUTE, pod, SECOND } from '../core/build.ts';
import { settled } from './support/time.ts';
import { gaps, LAGGING, quietWorld, type World } from './support/world.ts';

const SIX = { a: {}, b: {}, c: {}, d: {}, e: {}, f: {} } as const;
/** So many reports are written at a time. */
const AT_ONCE = 4;

/** Has each write of some reports wait, or of all; returns what lets those that wait go on. */
function hang(world: World, names: readonly string[] = Object.keys(SIX)): () => void {
  let waiting = Promise.withResolvers<undefined>();
  world.beforeWrite = ({ metadata: { name } }) => (names.includes(name) ? waiting.promise.then(() => undefined) : undefined);
  return () => {
    waiting.resolve(undefined);
    waiting = Promise.withResolvers();
  };
}

/** How many pods each of some reports counts. */
function pods(world: World, names: readonly string[]): unknown {
  return names.map((name) => world.status(name).pods?.total);
}

/** The reports that the API server was asked to write, in their order. */
function written(world: World): readonly string[] {
  return world.writes.map(({ name }) => name);
}

describe('reports that are written slowly', () => {
  it('do not hold up the others', async () => {
    const world = await quietWorld({ a: {}, b: {}, c: {} });
    const release = hang(world, ['a']);
    world.push(LAGGING);
    await world.clock.pass(SECOND);
    expect(pods(world, ['a', 'b', 'c'])).to.deep.equal([1, 2, 2]);
    world.push(pod({ name: 'another' }));
    await world.clock.pass(6 * SECOND);
    expect(pods(world, ['a', 'b', 'c'])).to.deep.equal([1, 3, 3]);
    expect(world.writesOf('a')).to.have.length(1);
    release();
    await world.clock.pass(SECOND);
    release();
    await world.clock.pass(SECOND);
    expect(pods(world, ['a', 'b', 'c'])).to.deep.equal([3, 3, 3]);
    await world.stop();
  });

  it('are so many at a time, and the next one says what is true when its turn comes', async () => {
    const world = await quietWorld(SIX);
    const release = hang(world);
    world.push(LAGGING);
    await world.clock.pass(10 * SECOND);
    expect(written(world)).to.deep.equal(['a', 'b', 'c', 'd']);
    world.push(pod({ name: 'another' }));
    await world.clock.pass(SECOND);
    expect(written(world)).to.have.length(AT_ONCE);
    release();
    await settled();
    await world.clock.pass(SECOND);
    const [, , , , ...next] = world.writes;
    expect(next.slice(0, 2).map(({ name, status }) => [name, status.pods?.total])).to.deep.equal([
      ['e', 3],
      ['f', 3],
    ]);
    release();
    await world.stop();
  });

  it('come each in its turn, also where something changes all the time', async () => {
    const world = await quietWorld(SIX);
    const release = hang(world);
    for (let minute = 0; minute < 12; minute += 1) {
      world.push(pod({ name: `late-${minute}` }));
      await world.clock.pass(MINUTE);
      release();
      await settled();
    }
    const counts = Object.values(Object.groupBy(written(world), (name) => name)).map((each) => each?.length ?? 0);
    expect(counts).to.have.length(6);
    expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(1);
    release();
    await world.stop();
  });

  it('are not started once another operator leads', async () => {
    const world = await quietWorld(SIX);
    const release = hang(world);
    world.push(LAGGING);
    await world.clock.pass(SECOND);
    world.follow();
    release();
    await world.clock.pass(MINUTE);
    expect(written(world)).to.have.length(AT_ONCE);
    await world.stop();
  });

  it('end the process with a fault of it', async () => {
    const world = await quietWorld(SIX);
    world.beforeWrite = () => {
      throw new TypeError('a fault');
    };
    world.push(LAGGING);
    await world.clock.pass(SECOND);
    const fault = await world.stop().catch((thrown: unknown) => thrown);
    expect(fault).to.be.instanceOf(TypeError);
  });

  for (const [chance, factor] of [
    [0, 0.5],
    [0.25, 0.75],
    [1, 1.5],
  ] as const) {
    it(`are not tried again at one time by all: where chance is ${chance}, after ${factor} of the pauses`, async () => {
      const world = await quietWorld();
      world.clock.chance = chance;
      world.beforeWrite = () => {
        throw new NetworkError(new Error('connection reset'));
      };
      world.push(LAGGING);
      await world.clock.pass(10 * MINUTE);
      const expected = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * SECOND * factor);
      expect(gaps(world.writesOf('cluster')).slice(0, 8)).to.deep.equal(expected);
      await world.stop();
    });
  }
});
