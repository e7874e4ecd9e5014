import { expect } from 'chai';
import { DUAL_IPV4_FIRST, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';

describe('Interner', () => {
  it('takes one text with a comma in it for no two addresses', () => {
    const interner = new Interner();
    expect(interner.families(['192.0.2.1,2001:db8::1'])).to.equal(NO_FAMILY);
    expect(interner.families(['192.0.2.1', '2001:db8::1'])).to.equal(DUAL_IPV4_FIRST);
  });

  it('gives equal strings, also once it had to forget', () => {
    const interner = new Interner();
    for (let i = 0; i < 50_000; i++) expect(interner.text(`n${i}`)).to.equal(`n${i}`);
  });
});
