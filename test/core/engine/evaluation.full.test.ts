import { expect } from 'chai';
import { CHECKS } from '../../../src/core/checks/registry.ts';
import { playHistories } from '../comparison.ts';

/** With fewer, a check that rarely fires may not be seen. */
const ENOUGH_TO_SEE_ALL = 300;

describe('the evaluation', () => {
  it('equals an evaluation from scratch after so many histories that each check is seen', function () {
    this.timeout(600_000);
    const seen = playHistories(ENOUGH_TO_SEE_ALL);
    expect([...seen.checks].sort()).to.deep.equal(CHECKS.map(({ name }) => name).sort());
    expect(seen.rolledUp).to.be.above(100);
    expect(seen.caused).to.be.above(100);
    expect(seen.due).to.be.above(100);
  });
});
