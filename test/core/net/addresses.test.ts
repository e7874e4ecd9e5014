import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  containedBy,
  DUAL_IPV4_FIRST,
  DUAL_IPV6_FIRST,
  familiesOfAddresses,
  familiesOfCIDRs,
  familyLabel,
  familyOfAddress,
  familyOfCIDR,
  familyWords,
  IPV4,
  IPV6,
  listOf,
  missingFrom,
  NO_FAMILY,
  union,
  type Family,
  textPrefixOf,
  type FamilyList,
} from '../../../src/core/net/addresses.ts';

const LISTS: readonly FamilyList[] = [NO_FAMILY, IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST];

const ADDRESSES: readonly (readonly [text: string, family: Family | undefined, why: string])[] = [
  ['10.0.0.1', 'IPv4', 'plain'],
  ['010.0.0.1', 'IPv4', 'leading zeros are decimal (#address-notation)'],
  ['010.000.009.08', 'IPv4', 'digits that are not octal (#address-notation)'],
  ['255.255.255.255', 'IPv4', 'the last one'],
  ['::ffff:1.2.3.4', 'IPv4', 'IPv4-mapped (#address-notation)'],
  ['::ffff:01.2.3.04', 'IPv4', 'IPv4-mapped with leading zeros (#address-notation)'],
  ['::ffff:102:304', 'IPv4', 'IPv4-mapped in hexadecimal'],
  ['::FFFF:1.2.3.4', 'IPv4', 'IPv4-mapped in capitals'],
  ['::1.2.3.4', 'IPv6', 'IPv4-compatible is not IPv4-mapped'],
  ['::10.20.30.40', 'IPv6', 'IPv4-compatible with longer parts'],
  ['64:ff9b::1.2.3.4', 'IPv6', 'NAT64'],
  ['::', 'IPv6', 'unspecified'],
  ['fd00::1', 'IPv6', 'unique local'],
  ['2001:DB8::A', 'IPv6', 'capitals'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', 'IPv6', 'in full'],
  ['fe80::1%eth0', 'IPv6', 'a zone'],
  ['fe80::1%br-lan', 'IPv6', 'a zone with a hyphen'],
  ['fe80::1%eth0.100', 'IPv6', 'a zone with a dot'],
  ['::ffff:01.2.3.4%eth_0', 'IPv4', 'IPv4-mapped with leading zeros and a zone'],
  ['1.2.3.4%eth0', undefined, 'a zone of IPv4'],
  ['fe80::1%', undefined, 'an empty zone'],
  ['fe80::1%eth 0', undefined, 'a space in a zone'],
  ['fe80::1%eth0%eth1', undefined, 'two zones'],
  ['', undefined, 'empty'],
  ['None', undefined, 'what a headless Service has'],
  ['10.1', undefined, 'shortened IPv4'],
  ['167772161', undefined, 'IPv4 as one number'],
  ['0x0a.0.0.1', undefined, 'hexadecimal IPv4'],
  ['10.0.0.256', undefined, 'a part too large'],
  ['10.0.0.1.', undefined, 'a dot too many'],
  ['10.0.0.1/24', undefined, 'a CIDR'],
  [' 10.0.0.1', undefined, 'a space before'],
  ['10.0.0.1\n', undefined, 'a line end after'],
  ['10.0.0.1:80', undefined, 'a port'],
  ['[::1]', undefined, 'brackets'],
  ['1::2::3', undefined, 'two gaps'],
  ['12345::', undefined, 'a part too large'],
  ['1:2:3:4:5:6:7', undefined, 'too few parts'],
  ['1:2:3:4:5:6:7:8:9', undefined, 'too many parts'],
  ['1:2:3:4:5:6:7:8', 'IPv6', 'eight parts'],
  ['1:2:3:4::5:6:7', 'IPv6', 'a gap for one part'],
  ['1:2:3:4:5:6:7::', 'IPv6', 'a gap for one part at the end'],
  ['1:2:3:4::5:6:7:8', undefined, 'a gap for nothing'],
  ['1:2:3:4:5::6:7:8', undefined, 'a gap for nothing, later'],
  ['1:2:3:4:5:6:7:', undefined, 'a colon at the end'],
  ['1:::2', undefined, 'three colons'],
  ['1::23456', undefined, 'a part too large behind a gap'],
  ['1.2.3.4.5', undefined, 'five parts of IPv4'],
  ['::ffff:1.2.3', undefined, 'a shortened tail'],
  ['::ffff:1.2.3.256', undefined, 'a tail too large'],
];

const CIDRS: readonly (readonly [text: string, family: Family | undefined, why: string])[] = [
  ['10.244.0.0/24', 'IPv4', 'plain'],
  ['10.244.0.7/24', 'IPv4', 'host bits'],
  ['010.244.0.0/24', 'IPv4', 'leading zeros (#address-notation)'],
  ['0.0.0.0/0', 'IPv4', 'everything'],
  ['10.0.0.1/32', 'IPv4', 'one address'],
  ['fd00:10:244::/64', 'IPv6', 'plain'],
  ['fd00:10:244::7/64', 'IPv6', 'host bits'],
  ['::/0', 'IPv6', 'everything'],
  ['::1/128', 'IPv6', 'one address'],
  ['::ffff:10.244.0.0/120', 'IPv4', 'IPv4-mapped (#address-notation)'],
  ['::ffff:10.244.0.0/96', 'IPv4', 'all of IPv4, mapped'],
  ['::ffff:10.244.0.0/24', 'IPv6', 'what begins like IPv4-mapped and holds more'],
  ['fe80::%eth0/64', undefined, 'a zone'],
  ['', undefined, 'empty'],
  ['/24', undefined, 'no address'],
  ['10.244.0.0', undefined, 'no length'],
  ['10.244.0.0/', undefined, 'an empty length'],
  ['10.244.0.0/33', undefined, 'too long a length'],
  ['fd00::/129', undefined, 'too long a length'],
  ['10.244.0.0/-1', undefined, 'a negative length'],
  ['10.244.0.0/2 4', undefined, 'a space'],
  ['10.244.0.0/255.255.255.0', undefined, 'a mask'],
  ['10.244.0.0/24/24', undefined, 'two lengths'],
];

const CONTAINS: readonly (readonly [cidr: string, address: string, contains: boolean, why: string])[] = [
  ['10.244.1.0/24', '10.244.1.7', true, 'inside'],
  ['10.244.1.0/24', '10.244.2.7', false, 'beside'],
  ['10.244.1.99/24', '10.244.1.7', true, 'host bits do not count'],
  ['10.244.1.0/24', '010.244.001.7', true, 'leading zeros are decimal (#address-notation)'],
  ['10.244.1.0/24', '::ffff:10.244.1.7', true, 'IPv4-mapped is IPv4 (#address-notation)'],
  ['10.244.1.7/32', '10.244.1.7', true, 'the address itself'],
  ['0.0.0.0/0', '10.244.1.7', true, 'everything'],
  ['::/0', '10.244.1.7', false, 'everything of the other family'],
  ['fd00:1::/64', 'fd00:1::7', true, 'inside'],
  ['fd00:1::/64', 'fd00:2::7', false, 'beside'],
  ['fd00:1::/63', 'fd00:1:0:1::7', true, 'a length between parts'],
  ['::ffff:10.244.1.0/120', '10.244.1.7', true, 'inside an IPv4-mapped one (#address-notation)'],
  ['::ffff:10.244.1.0/120', '10.244.2.7', false, 'beside an IPv4-mapped one (#address-notation)'],
  ['fe80::/64', 'fe80::1%eth0', true, 'a zone does not count'],
  ['nonsense', '10.244.1.7', false, 'no CIDR'],
  ['10.244.1.0/24', '', false, 'no address'],
];

const ipv4Address = fc.ipV4();
const ipv6Address = fc.ipV6();
/** What is nearly an address or a CIDR: text of their characters. */
const almost = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abfx:.%/ -')), maxLength: 24 });

describe('the family of an address', () => {
  for (const [text, family, why] of ADDRESSES) {
    it(`of ${JSON.stringify(text)} is ${family ?? 'none'}: ${why}`, () => {
      expect(familyOfAddress(text)).to.equal(family);
    });
  }

  it('is that of every IPv4 address', () => {
    fc.assert(
      fc.property(ipv4Address, (text) => {
        expect(isIPv4(text)).to.be.true;
        expect(familyOfAddress(text)).to.equal('IPv4');
      }),
    );
  });

  it('is that of every IPv6 address, but for IPv4-mapped ones', () => {
    fc.assert(
      fc.property(ipv6Address, (text) => {
        expect(isIPv6(text)).to.be.true;
        expect(familyOfAddress(text)).to.equal(mapped(text) ? 'IPv4' : 'IPv6');
      }),
    );
  });

  it('is none where Node.js sees no address, unless there are leading zeros', () => {
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (text) => {
        const plain = text.replace(/(?<![\da-f])0+(?=\d)/gi, '');
        if (!isIPv4(plain) && !isIPv6(plain) && !isIPv6(text)) expect(familyOfAddress(text)).to.equal(undefined);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Whether `text` lies in ::ffff:0:0/96, as Node.js determines it. */
function mapped(text: string): boolean {
  const range = new BlockList();
  range.addSubnet('::ffff:0:0', 96, 'ipv6');
  return range.check(text, 'ipv6');
}

describe('the family of a CIDR', () => {
  for (const [text, family, why] of CIDRS) {
    it(`of ${JSON.stringify(text)} is ${family ?? 'none'}: ${why}`, () => {
      expect(familyOfCIDR(text)).to.equal(family);
    });
  }

  it('is that of its address', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4Address, ipv6Address), fc.nat(140), (text, length) => {
        const family = familyOfAddress(text);
        const fits = length <= (family === 'IPv4' ? 32 : 128);
        expect(familyOfCIDR(`${text}/${length}`)).to.equal(fits ? family : undefined);
      }),
    );
  });
});

describe('whether a CIDR contains an address', () => {
  for (const [cidr, address, contains, why] of CONTAINS) {
    it(`${cidr} ${contains ? 'has' : 'has not'} ${JSON.stringify(address)}: ${why}`, () => {
      expect(containedBy(cidr)(address)).to.equal(contains);
    });
  }

  it('is what Node.js says', () => {
    // Addresses that share a beginning: others would never lie in one range.
    const near4 = fc.tuple(fc.nat(3), fc.nat(255)).map(([a, b]) => `10.244.${a}.${b}`);
    const near6 = fc
      .tuple(
        fc.constantFrom('fd00:10:244::', 'fd00:10:244:1::', 'fd00:10:244:2::', 'fd00:10::', 'fd00::244:', 'fd00:10:244:1:0:0:0:'),
        fc.nat(255),
      )
      .map(([begin, end]) => `${begin}${end.toString(16)}`);
    const pair = fc.oneof(
      fc.tuple(near4, near4, fc.nat(32), fc.constant('ipv4' as const)),
      fc.tuple(near6, near6, fc.nat(128), fc.constant('ipv6' as const)),
    );
    fc.assert(
      fc.property(pair, ([network, address, length, kind]) => {
        const range = new BlockList();
        range.addSubnet(network, length, kind);
        const cidr = `${network}/${length}`;
        expect(containedBy(cidr)(address)).to.equal(range.check(address, kind));
        const prefix = textPrefixOf(cidr);
        if (prefix !== undefined && address.startsWith(prefix)) expect(range.check(address, kind), prefix).to.equal(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is shown by the text alone where a prefix ends with a part', () => {
    expect(['10.244.3.0/24', 'fd00:10:244:3::/64', '10.244.3.0/25', '::/0', '10.0.0.1/32', 'none'].map(textPrefixOf)).to.deep.equal([
      '10.244.3.',
      'fd00:10:244:3:',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('never fails, whatever the texts', () => {
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), fc.oneof(almost, fc.string()), (one, other) => {
        familyOfAddress(one);
        familyOfCIDR(one);
        containedBy(one)(other);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a list of families', () => {
  const families = fc.array(fc.constantFrom<Family | undefined>('IPv4', 'IPv6', undefined), { maxLength: 5 });
  const list = fc.constantFrom(...LISTS);

  it('is one of five shared lists, in the order of its parts', () => {
    fc.assert(
      fc.property(families, (given) => {
        const made = listOf(given);
        expect(LISTS).to.include(made);
        expect(made).to.deep.equal([...new Set(given.filter((family) => family !== undefined))]);
      }),
    );
  });

  it('of addresses and CIDRs passes over what is none', () => {
    expect(familiesOfAddresses(['', 'fd00::1', 'None', '10.0.0.1', 'fd00::2'])).to.equal(DUAL_IPV6_FIRST);
    expect(familiesOfCIDRs(['10.0.0.0/24', '10.0.1.0/24', 'fd00::1'])).to.equal(IPV4);
    expect(familiesOfAddresses([])).to.equal(NO_FAMILY);
  });

  it('is what is missing and what is there', () => {
    fc.assert(
      fc.property(list, list, (present, wanted) => {
        const missing = missingFrom(present, wanted);
        expect(union(present, missing)).to.have.members(union(present, wanted));
        for (const family of missing) expect(present).to.not.include(family);
      }),
    );
  });

  it('has a name among the metrics, and words', () => {
    const named = LISTS.map((one) => [familyLabel(one), familyWords(one)]);
    expect(named).to.deep.equal([
      ['none', 'no family'],
      ['ipv4', 'IPv4'],
      ['ipv6', 'IPv6'],
      ['dual', 'IPv4 and IPv6'],
      ['dual', 'IPv6 and IPv4'],
    ]);
  });
});
