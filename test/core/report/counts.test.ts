import { expect } from 'chai';
import type { FamilyCounts } from '../../../src/core/report/types.ts';
import { imbalance, type CountsByLabel } from '../../../src/core/overview/counts.ts';
import { countWords } from '../../../src/core/report/words.ts';

describe('counts in words', () => {
  const rows: readonly (readonly [counts: Partial<FamilyCounts>, words: string])[] = [
    [{ total: 3, dualStack: 3 }, '3 of 3 dual-stack'],
    [{ total: 6, dualStack: 1, ipv4Only: 2, ipv6Only: 2, none: 1 }, '1 of 6 dual-stack, 2 IPv4 only, 2 IPv6 only, 1 without'],
    [{ skipped: { completed: 1, pending: 2 } }, 'none to evaluate, 3 not evaluated (2 pending, 1 completed)'],
  ];
  for (const [counts, words] of rows) {
    it(words, () => {
      const all = { total: 0, dualStack: 0, ipv4Only: 0, ipv6Only: 0, none: 0, ratio: '', ...counts };
      expect(countWords(all, { none: 'without' }).join(', ')).to.equal(words);
    });
  }

  it('say what is counted', () => {
    const all = { total: 2, dualStack: 1, ipv4Only: 1, ipv6Only: 0, none: 0, ratio: '' };
    expect(countWords(all, { none: 'without', countedBy: 'podCIDRs' })).to.deep.equal(['1 of 2 dual-stack in podCIDRs', '1 IPv4 only']);
  });
});

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
