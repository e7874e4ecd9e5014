import { expect } from 'chai';
import { propertyRuns } from '../support/property-runs.ts';
import { seedOf } from '../support/seed.ts';
import { shareOf, TARGETS } from './targets.ts';

/** Of all targets together; few enough for every run of the tests. */
const CASES = propertyRuns(4000);
const SEED = seedOf(process.env);

describe('spoilt bytes and texts', function () {
  this.timeout(60_000 + CASES * 20);

  for (const target of TARGETS) {
    it(`of ${target.name} result in nothing worse than an error that is expected`, () => {
      const seen = new Set<string>();
      target.play(Math.max(shareOf(target, CASES), 150), SEED, (outcome) => seen.add(outcome));
      expect([...seen].sort()).to.deep.equal([...target.outcomes].sort());
    });
  }
});
