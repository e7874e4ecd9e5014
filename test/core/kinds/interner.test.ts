import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { DUAL_IPV4_FIRST, familiesOfAddresses, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';

function textsOf(labels: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => typeof value === 'string'));
}

describe('Interner', () => {
  it('takes one text with a comma in it for no two addresses', () => {
    const interner = new Interner();
    expect(interner.families(['192.0.2.1,2001:db8::1'])).to.equal(NO_FAMILY);
    expect(interner.families(['192.0.2.1', '2001:db8::1'])).to.equal(DUAL_IPV4_FIRST);
  });

  it('gives the families of these addresses, however many there are and whatever came before', () => {
    const interner = new Interner();
    const addresses = ['192.0.2.1', '2001:db8::1', '192.0.2.2', 'none', ''];
    const lists = fc.array(fc.constantFrom(...addresses), { maxLength: 4 });
    fc.assert(
      fc.property(lists, (list) => {
        expect(interner.families(list)).to.equal(familiesOfAddresses(list));
      }),
    );
  });

  it('gives one label set for equal labels in any order, and no other', () => {
    const interner = new Interner();
    const value = fc.constantFrom('', 'web', 'b-0123456789abcdef', 'c-0123456789abcdef', 7);
    const labels = fc.dictionary(fc.constantFrom('app', 'a/name', 'b/name', 'constructor'), value);
    fc.assert(
      fc.property(labels, labels, (one, other) => {
        const [set, same] = [interner.labels(one), interner.labels(Object.fromEntries(Object.entries(one).reverse()))];
        expect(same).to.equal(set);
        expect(Object.fromEntries(set)).to.deep.equal(textsOf(one));
        expect(interner.labels(other) === set).to.equal(isDeepStrictEqual(textsOf(one), textsOf(other)));
      }),
    );
  });

  it('gives equal strings, also once it had to forget', () => {
    const interner = new Interner();
    for (let i = 0; i < 50_000; i++) expect(interner.text(`n${i}`)).to.equal(`n${i}`);
  });
});
