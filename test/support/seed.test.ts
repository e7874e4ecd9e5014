import { expect } from 'chai';
import fc from 'fast-check';
import { seedOf } from './seed.ts';

describe('the seed of random tests', () => {
  it('is the same in each run unless DUALSTACK_SEED says otherwise', () => {
    expect(seedOf({})).to.equal(seedOf({ DUALSTACK_SEED: '' }));
    expect(seedOf({ DUALSTACK_SEED: '7' })).to.equal(7);
    expect(seedOf({ DUALSTACK_SEED: 'random' })).to.be.within(0, 2 ** 31 - 1);
  });

  it('is that of every property', () => {
    expect(fc.readConfigureGlobal().seed).to.be.a('number');
    if (process.env['DUALSTACK_SEED'] === undefined) expect(fc.readConfigureGlobal().seed).to.equal(seedOf({}));
  });

  for (const text of ['-1', '1.5', 'Random', '2147483648']) {
    it(`cannot be ${text}`, () => {
      expect(() => seedOf({ DUALSTACK_SEED: text })).to.throw(`DUALSTACK_SEED is ${text}: it has to be "random" or a whole number`);
    });
  }
});
