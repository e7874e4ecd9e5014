import { expect } from 'chai';
import fc from 'fast-check';
import { containedBy, familiesOfCIDRs, networkOf } from '../../../src/core/net/addresses.ts';
import { CIDRIndex } from '../../../src/core/cluster/cidr-index.ts';
import { evaluateAll, node, NOW, pod, runEvaluation } from '../build.ts';

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

  it('is quick on a large cluster whose nodes all have one range', () => {
    const names = Array.from({ length: 5000 }, (_, number) => `node-${number}`);
    const nodes = names.map((name) => node({ name, podCIDRs: ['10.244.0.0/16', 'fd00:10:244::/48'] }));
    const start = performance.now();
    const { store, evaluation } = evaluateAll([...nodes, pod({ nodeName: 'node-9', addresses: ['10.244.0.7', 'fd00:10:244::7'] })]);
    const [finding, ...others] = evaluation.findings.values();
    expect(others).to.deep.equal([]);
    expect(finding && evaluation.describe(finding).message).to.match(/^The podCIDRs of nodes node-0, .* and 4996 more overlap: /);
    expect(performance.now() - start, 'the list, its evaluation and the words for it').to.be.below(5000);
    expect(finding && evaluation.keysBehind(finding)).to.have.length(5000);
    const evaluated = evaluation.evaluated;
    const again = performance.now();
    store.apply({ type: 'upsert', facts: node({ name: 'node-7', podCIDRs: ['10.244.0.0/16', 'fd00:10:244::/48'] }) });
    store.apply({ type: 'upsert', facts: node({ name: 'node-8', podCIDRs: ['10.244.0.0/16', 'fd00:8::/48'] }) });
    runEvaluation(evaluation, store, NOW);
    expect(performance.now() - again, 'two writes').to.be.below(500);
    expect(evaluation.evaluated - evaluated, 'the first write changes nothing').to.equal(1);
  });

  it('looks again at nodes with pods beside their podCIDRs when a node gets one, and at no others', () => {
    const names = Array.from({ length: 5000 }, (_, number) => `node-${number}`);
    const rangesOf = (number: number): readonly [string, string] => [
      `10.${number >> 8}.${number & 255}.0/24`,
      `fd00:0:0:${number.toString(16)}::/64`,
    ];
    const addressesOf = (number: number): readonly [string, string] => [
      `10.${number >> 8}.${number & 255}.7`,
      `fd00:0:0:${number.toString(16)}::7`,
    ];
    const nodes = names.map((name, number) => node({ name, podCIDRs: rangesOf(number) }));
    const pods = names.map((name, number) => pod({ name, nodeName: name, addresses: addressesOf(number) }));
    const stray = pod({ name: 'stray', nodeName: 'node-7', addresses: addressesOf(6000) });
    const { store, evaluation } = evaluateAll([...nodes, ...pods, stray]);
    const { evaluated } = evaluation;
    expect(evaluation.findings.size).to.equal(0);
    store.apply({ type: 'upsert', facts: node({ name: 'new', podCIDRs: rangesOf(6000) }) });
    const start = performance.now();
    runEvaluation(evaluation, store, NOW);
    expect(performance.now() - start).to.be.below(200);
    expect(evaluation.evaluated - evaluated, 'the new node and that of the stray').to.equal(2);
    expect([...evaluation.findings.keys()]).to.deep.equal(['NodePodsInForeignRange/Node/node-7']);
  });
});
