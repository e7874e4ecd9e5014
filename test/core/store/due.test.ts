import { expect } from 'chai';
import fc from 'fast-check';
import { DueQueue } from '../../../src/core/store/due.ts';

type Move =
  | { readonly do: 'schedule'; readonly item: string; readonly at: number }
  | { readonly do: 'cancel'; readonly item: string }
  | { readonly do: 'take'; readonly now: number };

const item = fc.constantFrom('a', 'b', 'c', 'd');
const move: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('schedule' as const), item, at: fc.nat(20) }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('cancel' as const), item }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('take' as const), now: fc.nat(20) }), weight: 1 },
);

describe('the queue of what falls due', () => {
  it('behaves as a map from items to times', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60, size: 'max' }), (moves) => {
        const queue = new DueQueue<string>();
        const times = new Map<string, number>();
        for (const one of moves) {
          if (one.do === 'schedule') {
            queue.schedule(one.item, one.at);
            times.set(one.item, one.at);
          } else if (one.do === 'cancel') {
            queue.cancel(one.item);
            times.delete(one.item);
          } else {
            const due = [...times].filter(([, at]) => at <= one.now).map(([name]) => name);
            expect(queue.take(one.now).sort()).to.deep.equal(due.sort());
            for (const name of due) times.delete(name);
          }
          for (const name of ['a', 'b', 'c', 'd']) expect(queue.has(name)).to.equal(times.has(name));
          expect(queue.next).to.equal(times.size === 0 ? undefined : Math.min(...times.values()));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the earliest first', () => {
    const queue = new DueQueue<string>();
    for (const [name, at] of [
      ['late', 30],
      ['early', 10],
      ['between', 20],
    ] as const)
      queue.schedule(name, at);
    expect(queue.take(25)).to.deep.equal(['early', 'between']);
  });
});
