import { expect } from 'chai';
import { imbalance, type CountsByLabel } from '../../../src/core/overview/counts.ts';

describe('how far the families are from balance', () => {
  const rows: readonly (readonly [name: string, counts: Partial<CountsByLabel>, is: number])[] = [
    ['nothing to compare', {}, 0],
    ['nothing that has an address', { none: 4 }, 0],
    ['all dual', { dual: 4 }, 0],
    ['as many of one as of the other', { ipv4: 2, ipv6: 2 }, 0],
    ['all IPv4', { ipv4: 4 }, 1],
    ['all IPv6', { ipv6: 4 }, 1],
    ['one of four IPv4 only', { dual: 3, ipv4: 1 }, 0.25],
    ['what has no address left aside', { dual: 1, ipv6: 1, none: 8 }, 0.5],
  ];
  for (const [name, counts, is] of rows) {
    it(`${name}: ${is}`, () => {
      expect(imbalance({ dual: 0, ipv4: 0, ipv6: 0, none: 0, ...counts })).to.equal(is);
    });
  }
});
