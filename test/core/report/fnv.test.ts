import { expect } from 'chai';
import { fnv1a64 } from '../../../src/core/report/fnv.ts';

/** From the test vectors of draft-eastlake-fnv, and of its reference code. */
const VECTORS: readonly (readonly [text: string, hash: string])[] = [
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
];

const BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

function byDefinition(text: string): string {
  const hash = new TextEncoder().encode(text).reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * PRIME), BASIS);
  return hash.toString(16).padStart(16, '0');
}

describe('the hash of ids', () => {
  for (const [text, hash] of VECTORS) {
    it(`of "${text}" is ${hash}`, () => {
      expect(fnv1a64(text)).to.equal(hash);
    });
  }

  it('is that of the definition for longer texts, of any letters', () => {
    for (const text of ['["NodePodCIDRMissing","","Node","","worker-3","IPv6"]', 'ä€😀', 'x'.repeat(1000)])
      expect(fnv1a64(text)).to.equal(byDefinition(text));
  });
});
