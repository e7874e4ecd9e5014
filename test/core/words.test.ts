import { expect } from 'chai';
import { clip, counted, firstOf, printable } from '../../src/core/words.ts';

describe('words', () => {
  it('count', () => {
    expect([0, 1, 2].map((count) => counted(count, 'pod'))).to.deep.equal(['0 pods', '1 pod', '2 pods']);
    expect(counted(2, 'address', 'addresses')).to.equal('2 addresses');
  });

  it('name the first of many, and how many more there are', () => {
    const rows = [['a'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e']];
    expect(rows.map((texts) => firstOf(texts, 3))).to.deep.equal(['a', 'a, b, c', 'a, b, c and 1 more', 'a, b, c and 2 more']);
  });

  it('are cut where they are too long, and never within a character', () => {
    expect(clip('abcd', 4)).to.equal('abcd');
    expect(clip('abcde', 4)).to.equal('abc…');
    expect(clip('ab🦊d', 4)).to.equal('ab\ufffd…');
    expect(clip('a🦊de', 4)).to.equal('a🦊…');
  });

  it('have nothing in them that a terminal acts on, nor half a character', () => {
    expect(printable('10.0.0.1, fd00::1 ä 🦊')).to.equal('10.0.0.1, fd00::1 ä 🦊');
    expect(printable('\u001b[2Ja\r\nb\u202ec\ud83d')).to.equal('\ufffd[2Ja\ufffd\ufffdb\ufffdc\ufffd');
  });
});
