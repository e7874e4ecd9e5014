import { expect } from 'chai';
import fc from 'fast-check';
import { Greatest } from '../../../src/core/store/greatest.ts';

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  number: fc.constantFrom(-Infinity, -2, -1, 0, 1, 2),
  isRead: fc.boolean(),
});

describe('the greatest', () => {
  it('is the greatest number that a key has, after any changes and whenever it is read', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const greatest = new Greatest();
        const numbers = new Map<string, number>();
        for (const { key, number, isRead } of changes) {
          greatest.set(key, number);
          numbers.set(key, number);
          if (isRead) expect(greatest.value).to.equal(Math.max(-Infinity, ...numbers.values()));
        }
        expect(greatest.value).to.equal(Math.max(-Infinity, ...numbers.values()));
      }),
    );
  });
});
