import { expect } from 'chai';
import { isBefore } from '../../../src/client/transport/resource-version.ts';

describe('isBefore', () => {
  const table: readonly (readonly [version: string, other: string, expected: boolean])[] = [
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['10', '11', true],
    ['9007199254740993', '9007199254740994', true],
    ['18446744073709551615', '9', false],
    ['', '10', false],
    ['9', '', false],
    ['09', '10', false],
    ['0', '10', false],
    ['a', 'b', false],
    ['-1', '1', false],
  ];
  for (const [version, other, expected] of table) {
    it(`says ${expected} of ${JSON.stringify(version)} and ${JSON.stringify(other)}`, () => {
      expect(isBefore(version, other)).to.equal(expected);
    });
  }
});
