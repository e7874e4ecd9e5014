import { expect } from 'chai';
import { garbageRate } from '../../bench/garbage.ts';

/** As Node 24 writes them. */
const LINES = [
  '[12:0x2a]     1000 ms: Scavenge 40.0 (60.1) -> 30.0 (60.1) MB, pooled: 0.0 MB, 1.20 / 0.00 ms  (average mu = 1.000, current mu = 1.000) allocation failure; ',
  '{"level":30,"time":"2026-06-01T12:00:00.000Z","msg":"listening"}',
  '[12:0x2a]    31000 ms: Scavenge 45.0 (60.1) -> 32.0 (60.1) MB, pooled: 0.0 MB, 1.20 / 0.00 ms  (average mu = 1.000, current mu = 1.000) allocation failure; ',
  '[12:0x2a]    61000 ms: Mark-Compact (reduce) 42.0 (60.1) -> 20.0 (50.1) MB, pooled: 0.0 MB, 9.20 / 0.00 ms  (average mu = 1.000, current mu = 1.000) finalize; ',
];

describe('the rate of garbage', () => {
  it('is what came between one collection and the next', () => {
    expect(garbageRate(LINES.join('\n'))).to.equal((15 + 10) * 2 ** 20);
  });

  it('cannot be determined from one collection', () => {
    expect(garbageRate(LINES.slice(0, 2).join('\n'))).to.equal(undefined);
  });
});
