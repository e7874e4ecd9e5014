import { expect } from 'chai';
import fc from 'fast-check';
import { cidrContains, networkOf } from '../../src/core/addresses.ts';
import { CIDRIndex } from '../../src/core/cidr-index.ts';

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

/** The plainest way to tell: of two networks that overlap one holds every address of the other. */
function overlap(one: string, other: string): boolean {
  return cidrContains(one, addressIn(other)) || cidrContains(other, addressIn(one));
}

function addressIn(cidr: string): string {
  return networkOf(cidr) ? cidr.slice(0, cidr.indexOf('/')) : '';
}

type Held = ReadonlyMap<string, readonly string[]>;

function bruteForce(held: Held, node: string): string[] {
  const own = new Set(held.get(node) ?? []);
  const others = [...held].filter(([other]) => other !== node);
  return [...own].flatMap((cidr) =>
    others.filter(([, theirs]) => theirs.some((their) => overlap(cidr, their))).map(([other]) => `${cidr} ${other}`),
  );
}

function conflictsOf(index: CIDRIndex, node: string): string[] {
  return index.conflictsOf(node).map(({ cidr, node: other }) => `${cidr} ${other}`);
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
            expect(conflicts.toSorted()).to.deep.equal(bruteForce(held, one).sort());
            found += conflicts.length;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(found).to.be.above(1000);
  });

  it('finds every overlap from both sides', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const index = new CIDRIndex();
        for (const [node, given] of steps) index.set(node, given);
        for (const node of NODES) {
          for (const { node: other } of index.conflictsOf(node)) {
            expect(index.conflictsOf(other).map((conflict) => conflict.node)).to.include(node);
          }
        }
      }),
    );
  });

  it('tells the nodes by name', () => {
    const index = new CIDRIndex();
    for (const node of ['c', 'a', 'd', 'b']) index.set(node, ['10.0.0.0/24']);
    expect(index.conflictsOf('c')).to.deep.equal(['a', 'b', 'd'].map((node) => ({ cidr: '10.0.0.0/24', node })));
  });

  it('knows nothing of a node that has none', () => {
    const index = new CIDRIndex();
    index.set('a', ['10.0.0.0/24']);
    index.set('b', ['10.0.0.0/24']);
    index.set('b', []);
    expect([...index.conflictsOf('a'), ...index.conflictsOf('b'), ...index.conflictsOf('c')]).to.deep.equal([]);
  });

  it('is quick on a large cluster whose networks differ in length', () => {
    const index = new CIDRIndex();
    const names = Array.from({ length: 5000 }, (_, number) => `node-${number}`);
    names.forEach((name, number) => {
      index.set(name, [`10.${number >> 8}.${number & 255}.0/${number % 2 === 0 ? 24 : 26}`, `fd00:0:0:${number.toString(16)}::/64`]);
    });
    const start = performance.now();
    expect(names.flatMap((name) => index.conflictsOf(name))).to.deep.equal([]);
    expect(performance.now() - start).to.be.below(1000);
  });
});
