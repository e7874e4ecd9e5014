import { expect } from 'chai';
import fc from 'fast-check';
import { containedBy, familiesOfCIDRs, networkOf } from '../../../src/core/net/addresses.ts';
import { CIDRIndex } from '../../../src/core/cluster/cidr-index.ts';

const NODES = ['a', 'b', 'c', 'd', 'e'] as const;

/** Few addresses that share few or many bits, and all lengths: networks that are equal, hold each other or have nothing in common. */
const ipv4 = fc
  .record({
    address: fc.constantFrom('0.0.0.0', '10.0.0.0', '10.0.0.1', '10.0.1.0', '10.0.1.128', '10.1.0.0', '192.0.2.0', '255.255.255.255'),
    length: fc.oneof(fc.constantFrom(0, 8, 16, 23, 24, 25), fc.nat(32)),
  })
  .map(({ address, length }) => `${address}/${length}`);
const ipv6 = fc
  .record({
    address: fc.constantFrom('::', '::1', 'fd00::', 'fd00:0:0:1::', 'fd00:0:0:1:8000::', 'fd00:0:1::', '2001:db8::', 'ffff::ffff'),
    length: fc.oneof(fc.constantFrom(0, 48, 63, 64, 65), fc.nat(128)),
  })
  .map(({ address, length }) => `${address}/${length}`);
const malformed = fc.constantFrom('', 'nonsense', '10.0.0.0', '10.0.0.0/33', 'fd00::/129', '/24');
const cidrs = fc.array(fc.oneof({ arbitrary: ipv4, weight: 5 }, { arbitrary: ipv6, weight: 5 }, { arbitrary: malformed, weight: 1 }), {
  maxLength: 3,
});
/** What nodes are given, one after the other; no CIDRs where a node goes. */
const history = fc.array(fc.tuple(fc.constantFrom(...NODES), cidrs), { maxLength: 25 });

/** The plainest way to determine it: of two networks that overlap, one contains every address of the other. */
function overlap(one: string, other: string): boolean {
  return containedBy(one)(addressIn(other)) || containedBy(other)(addressIn(one));
}

function addressIn(cidr: string): string {
  return networkOf(cidr) ? cidr.slice(0, cidr.indexOf('/')) : '';
}

type Held = ReadonlyMap<string, readonly string[]>;

function bruteForce(held: Held, node: string): string[] {
  const own = new Set(held.get(node) ?? []);
  const others = [...held].filter(([other]) => other !== node);
  return [...own].flatMap((cidr) =>
    others
      .filter(([, theirs]) => theirs.some((their) => overlap(cidr, their)))
      .map(([other]) => `${cidr} ${other}`)
      .sort()
      .slice(0, 1),
  );
}

function conflictsOf(index: CIDRIndex, node: string): string[] {
  return index.conflictsOf(node).map(({ cidr, node: other }) => `${cidr} ${other}`);
}

/** The families in which a node has an overlap, in words. */
function familiesIn(index: CIDRIndex, node: string): string {
  return familiesOfCIDRs(index.conflictsOf(node).map(({ cidr }) => cidr))
    .toSorted()
    .join();
}

describe('the index of podCIDRs', () => {
  it('finds the overlaps that a comparison of all with all finds, whatever came and went', () => {
    let found = 0;
    fc.assert(
      fc.property(history, (steps) => {
        const index = new CIDRIndex();
        const held = new Map<string, readonly string[]>();
        for (const [node, given] of steps) {
          index.set(node, given);
          held.set(node, given);
          for (const one of NODES) {
            const conflicts = conflictsOf(index, one);
            expect(conflicts).to.deep.equal(bruteForce(held, one));
            expect(index.conflictFamiliesOf(one).toSorted().join()).to.equal(familiesIn(index, one));
            found += conflicts.length;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(found).to.be.above(1000);
  });

  it('reports for each change which nodes now have an overlap in a family, or no longer have one', () => {
    let affectedNodes = 0;
    fc.assert(
      fc.property(history, (steps) => {
        const index = new CIDRIndex();
        for (const [node, given] of steps) {
          const others = NODES.filter((one) => one !== node);
          const before = others.map((one) => familiesIn(index, one));
          const affected = index.set(node, given);
          const changed = others.filter((one, place) => familiesIn(index, one) !== before[place]);
          expect([...affected])
            .to.include.members(changed)
            .and.not.to.include(node);
          affectedNodes += changed.length;
        }
      }),
      { numRuns: 500 },
    );
    expect(affectedNodes).to.be.above(500);
  });

  it('reports no node where two others have the range, and one node where one has it', () => {
    const index = new CIDRIndex();
    const set = (node: string, cidr: string): string[] => [...index.set(node, [cidr])];
    expect(set('a', '10.0.0.0/24')).to.deep.equal([]);
    expect(set('b', '10.0.0.0/24')).to.deep.equal(['a']);
    expect(set('b', '10.0.0.0/24')).to.deep.equal([]);
    expect(set('wide', '10.0.0.0/16')).to.have.members(['a', 'b']);
    expect(set('c', '10.0.0.128/25')).to.deep.equal([]);
  });

  it('reports the first of the nodes by name, for each CIDR', () => {
    const index = new CIDRIndex();
    for (const node of ['c', 'a', 'd', 'b']) index.set(node, ['10.0.0.0/24']);
    expect(index.conflictsOf('c')).to.deep.equal([{ cidr: '10.0.0.0/24', node: 'a' }]);
    expect(index.conflictsOf('a')).to.deep.equal([{ cidr: '10.0.0.0/24', node: 'b' }]);
  });

  it('knows nothing of a node that has none', () => {
    const index = new CIDRIndex();
    index.set('a', ['10.0.0.0/24']);
    index.set('b', ['10.0.0.0/24']);
    index.set('b', []);
    expect([...index.conflictsOf('a'), ...index.conflictsOf('b'), ...index.conflictsOf('c')]).to.deep.equal([]);
  });

  it('finds what overlaps a network, and what has an address in it, as a comparison with all does', () => {
    let found = 0;
    fc.assert(
      fc.property(history, fc.oneof(ipv4, ipv6), (steps, cidr) => {
        const index = new CIDRIndex();
        const held = new Map<string, readonly string[]>();
        for (const [node, given] of steps) {
          index.set(node, given);
          held.set(node, given);
        }
        const having = (fits: (their: string) => boolean): string[] => NODES.filter((node) => held.get(node)?.some(fits));
        const overlapping = having((their) => overlap(cidr, their));
        expect([...index.overlapping(cidr)].sort()).to.deep.equal(overlapping);
        found += overlapping.length;
        const address = addressIn(cidr);
        const holders = having((their) => containedBy(their)(address));
        expect(index.holderOf(address, '')).to.equal(holders[0]);
        expect(index.holderOf(address, 'a')).to.equal(holders.find((node) => node !== 'a'));
      }),
      { numRuns: 500 },
    );
    expect(found).to.be.above(100);
  });

  it('knows what the networks of a family have in common, where there are several', () => {
    const index = new CIDRIndex();
    index.set('a', ['10.0.4.0/24']);
    expect(index.commonBitsOf('IPv4')).to.equal(undefined);
    index.set('b', ['10.0.6.0/24', 'fd00::/64']);
    index.set('c', ['10.0.7.0/24', 'fd00::/64']);
    expect(index.commonBitsOf('IPv4')).to.deep.equal({ prefix: networkOf('10.0.4.0/22')?.prefix, length: 24 });
    expect(index.commonBitsOf('IPv6')).to.equal(undefined);
    index.set('d', ['10.0.0.0/16']);
    expect(index.commonBitsOf('IPv4')).to.equal(undefined);
  });
});
