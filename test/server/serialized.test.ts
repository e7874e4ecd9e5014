import { expect } from 'chai';
import { serialized, serializedBy } from '../../src/server/serialized.ts';

describe('serialized work', () => {
  /** Work whose runs end when a test ends them. */
  function work(): { readonly runs: PromiseWithResolvers<string>[]; readonly ask: () => Promise<string> } {
    const runs: PromiseWithResolvers<string>[] = [];
    const ask = serialized(() => {
      const run = Promise.withResolvers<string>();
      runs.push(run);
      return run.promise;
    });
    return { runs, ask };
  }

  async function settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('runs once for all who ask at the same time', async () => {
    const { runs, ask } = work();
    const asked = [ask(), ask(), ask()];
    await settle();
    runs[0]?.resolve('first');
    expect(await Promise.all(asked)).to.deep.equal(['first', 'first', 'first']);
    expect(runs).to.have.length(1);
  });

  it('runs once more, afterwards, for all who ask during a run: what they get is not older than their question', async () => {
    const { runs, ask } = work();
    const first = ask();
    await settle();
    const others = [ask(), ask()];
    await settle();
    expect(runs).to.have.length(1);
    runs[0]?.resolve('first');
    expect(await first).to.equal('first');
    await settle();
    others.push(ask());
    runs[1]?.resolve('second');
    await settle();
    expect(runs).to.have.length(3);
    runs[2]?.resolve('third');
    expect(await Promise.all(others)).to.deep.equal(['second', 'second', 'third']);
  });

  it('runs one at a time for those who ask by different keys, and once for those who ask by the same', async () => {
    const runs: { readonly key: string; readonly end: () => void }[] = [];
    const ask = serializedBy(
      (key: string) =>
        new Promise<string>((resolve) => {
          const end = (): void => {
            resolve(`built ${key}`);
          };
          runs.push({ key, end });
        }),
    );
    const asked = [ask('a'), ask('b'), ask('a'), ask('b')];
    await settle();
    expect(runs.map(({ key }) => key)).to.deep.equal(['a']);
    runs[0]?.end();
    await settle();
    expect(runs.map(({ key }) => key)).to.deep.equal(['a', 'b']);
    runs[1]?.end();
    expect(await Promise.all(asked)).to.deep.equal(['built a', 'built b', 'built a', 'built b']);
  });

  it('runs again after a failure, which only they learn of who asked for that run', async () => {
    const { runs, ask } = work();
    const first = ask().catch((error: unknown) => error);
    await settle();
    const second = ask();
    const fault = new Error('out of order');
    runs[0]?.reject(fault);
    expect(await first).to.equal(fault);
    await settle();
    runs[1]?.resolve('second');
    expect(await second).to.equal('second');
  });
});
