import { expect } from 'chai';
import fc from 'fast-check';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { historyOf } from '../../../src/core/cluster/pod-history.ts';
import { PodPatterns } from '../../../src/core/cluster/pod-patterns.ts';
import type { KnownNamespaces } from '../../../src/core/cluster/unknown-requests.ts';
import { NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { Tally } from '../../../src/core/store/tally.ts';
import { addressesOn, ipv4Pod, pod } from '../build.ts';

const NODES = 50;
const DAEMON_SETS = 20;
const LATER = 7_200_000;

/** Pods on many nodes, with a count of how many of them were looked at. */
class Network {
  readonly subnetTally = new Tally();
  readonly touched: string[] = [];
  readonly patterns = new PodPatterns(this, ({ name }) => this.touched.push(name));
  readonly #pods = new Map<string, Set<PodFacts>>();
  somePodCIDRsAreDual = false;
  knownNamespaces: KnownNamespaces = 'all';
  readonly addressUse = { withheld: NO_FAMILY, isWithheldFrom: () => false };
  looks = 0;

  add(facts: PodFacts): void {
    const onNode = this.#pods.get(facts.nodeName) ?? new Set();
    this.#pods.set(facts.nodeName, onNode.add(facts));
    this.#countSubnet(facts, 1);
    this.patterns.add(facts);
  }

  remove(facts: PodFacts): void {
    this.#pods.get(facts.nodeName)?.delete(facts);
    this.#countSubnet(facts, -1);
    this.patterns.remove(facts);
  }

  get pods(): PodFacts[] {
    return [...this.#pods.values()].flatMap((pods) => [...pods]);
  }

  /** What the patterns are, in an order of its own. */
  get state(): unknown {
    const { patterns } = this;
    patterns.update();
    return {
      old: [...patterns.oldPods].map(({ name }) => name).sort(),
      ofOneFamily: this.pods
        .filter((facts) => patterns.isOfOneFamily(facts))
        .map(({ name }) => name)
        .sort(),
      inOutage: this.pods
        .filter((facts) => patterns.outageOf(facts))
        .map(({ name }) => name)
        .sort(),
      subnets: [...patterns.subnetsOfOneFamily].sort(),
      lacked: [patterns.lackedByOld, patterns.lackedByOneFamily],
      firstDual: patterns.firstDual,
      hasSingles: patterns.hasSingles,
      haveAllOld: patterns.requests.haveAllOld,
    };
  }

  /** The same pods, as if they had just come. */
  get again(): Network {
    const again = new Network();
    again.somePodCIDRsAreDual = this.somePodCIDRsAreDual;
    again.knownNamespaces = this.knownNamespaces;
    for (const facts of this.pods) again.add(facts);
    return again;
  }

  networkPodsOn(nodeName: string): PodFacts[] {
    const pods = [...(this.#pods.get(nodeName) ?? [])];
    this.looks += pods.length;
    return pods;
  }

  podHistoryOf(nodeName: string): ReturnType<typeof historyOf> {
    return historyOf(this.networkPodsOn(nodeName));
  }

  /** Only asked where podCIDRs are dual. */
  hasAllThatItsNodeGives({ nodeName }: PodFacts): boolean {
    return nodeName === 'c';
  }

  #countSubnet({ subnet, families }: PodFacts, by: 1 | -1): void {
    if (subnet !== '') this.subnetTally.add(`${subnet}/${families.length === 2 ? 'dual' : families.join()}`, by);
  }
}

const [IPV4, IPV6] = addressesOn('a');
const somePod = fc
  .record({
    name: fc.nat(11).map(String),
    namespace: fc.constantFrom('shop', 'shop', 'legacy'),
    nodeName: fc.constantFrom('a', 'a', 'b', 'c'),
    owner: fc.constantFrom('', 'Deployment/one', 'Deployment/two', 'DaemonSet/three', 'Job/four'),
    startedAt: fc.constantFrom(0, LATER, LATER, 2 * LATER, 3 * LATER),
    addresses: fc.constantFrom([IPV4, IPV6], [IPV4, IPV6], [IPV4], [IPV4], [IPV4], [IPV4], [IPV6]),
    subnet: fc.constantFrom('', '', '', '', 'one', 'two'),
  })
  .map(pod);
/** A pod that comes, in place of one of its name; one that goes; podCIDRs of both families, or Namespaces, that come or go; or a look. */
const step = fc.oneof(
  { arbitrary: fc.record({ put: somePod }), weight: 5 },
  { arbitrary: fc.record({ remove: fc.nat(11) }), weight: 2 },
  { arbitrary: fc.record({ areDual: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ known: fc.constantFrom<KnownNamespaces>('all', new Set<string>(), new Set(['shop'])) }), weight: 1 },
  { arbitrary: fc.constant({ look: true }), weight: 3 },
);

/** Half of the DaemonSets have pods with both families, which came later than those of the other half. */
function halfOld(): Network {
  const network = new Network();
  for (let node = 0; node < NODES; node += 1) {
    for (let set = 0; set < DAEMON_SETS; set += 1) {
      const parts = { nodeName: `node-${node}`, owner: `DaemonSet/set-${set}`, startedAt: set % 2 === 0 ? 0 : LATER };
      network.add(set % 2 === 0 ? ipv4Pod(`old-${set}-${node}`, parts) : pod({ name: `new-${set}-${node}`, ...parts }));
    }
  }
  network.patterns.update();
  return network;
}

/** Pods of three DaemonSets started while none got both families, and all others before and after it. */
function interrupted(): { readonly network: Network; readonly caught: readonly PodFacts[] } {
  const network = new Network();
  const caught: PodFacts[] = [];
  for (let node = 0; node < 10; node += 1) {
    for (let set = 0; set < 6; set += 1) {
      const parts = { nodeName: `node-${node}`, owner: `DaemonSet/set-${set}`, startedAt: set % 2 === 0 ? 0 : 2 * LATER };
      const one = node === set ? ipv4Pod(`caught-${set}`, { ...parts, startedAt: LATER }) : pod({ name: `set-${set}-${node}`, ...parts });
      if (node === set && set < 3) caught.push(one);
      if (node !== set || set < 3) network.add(one);
    }
  }
  network.patterns.update();
  return { network, caught };
}

describe('the patterns of pods of one family', () => {
  it('are found at once where all pods come', () => {
    const { patterns } = halfOld();
    expect(patterns.oldPods.size).to.equal((NODES * DAEMON_SETS) / 2);
    expect(patterns.lackedByOld).to.deep.equal(['IPv6']);
    expect(patterns.firstDual).to.equal(LATER);
  });

  it('are kept up to date by a look at the pods of the node of one that changed', () => {
    const network = halfOld();
    const [gone] = network.patterns.oldPods;
    network.touched.length = 0;
    network.looks = 0;
    network.remove(gone!);
    network.add({ ...gone!, ready: false });
    network.patterns.update();
    expect(network.looks).to.be.within(1, 3 * DAEMON_SETS);
    expect(network.touched).to.deep.equal([]);
    expect(network.patterns.oldPods.size).to.equal((NODES * DAEMON_SETS) / 2);
  });

  it('touch the other pods of one family on a node whose first pod with both is another', () => {
    const network = halfOld();
    network.add(pod({ name: 'first', nodeName: 'node-3', owner: 'Deployment/first', startedAt: -LATER }));
    network.touched.length = 0;
    network.patterns.update();
    expect(network.touched).to.include.members(Array.from({ length: DAEMON_SETS / 2 }, (_, half) => `old-${2 * half}-3`));
  });

  it('are those of the pods that are there, whatever came and went', () => {
    const seen = { old: 0, ofOneFamily: 0 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const network = new Network();
        const byName = new Map<string, PodFacts>();
        for (const one of steps) {
          const name = 'put' in one ? one.put.name : 'remove' in one ? `${one.remove}` : '';
          const previous = byName.get(name);
          if (previous) network.remove(previous);
          byName.delete(name);
          if ('put' in one) byName.set(name, one.put);
          if ('put' in one) network.add(one.put);
          if ('areDual' in one) network.somePodCIDRsAreDual = one.areDual;
          if ('known' in one) network.knownNamespaces = one.known;
          if (!('look' in one)) continue;
          expect(network.state).to.deep.equal(network.again.state);
          seen.old += network.patterns.oldPods.size;
          seen.ofOneFamily += network.patterns.lackedByOneFamily.length;
        }
      }),
      { numRuns: 500 },
    );
    expect(seen.old).to.be.above(100);
    expect(seen.ofOneFamily).to.be.above(100);
  });

  it('find an outage again only where pods of its time change, and touch those in it', () => {
    const { network, caught } = interrupted();
    const inOutage = (): number => caught.filter((one) => network.patterns.outageOf(one)).length;
    expect(inOutage()).to.equal(3);
    network.touched.length = 0;
    network.looks = 0;
    network.add(pod({ name: 'new', nodeName: 'node-7', owner: 'Deployment/new', startedAt: 3 * LATER }));
    network.patterns.update();
    expect(network.looks).to.be.within(1, DAEMON_SETS);
    expect(network.touched).to.deep.equal([]);
    const between = pod({ name: 'between', nodeName: 'node-8', owner: 'Deployment/new', startedAt: LATER + 1 });
    network.add(between);
    network.patterns.update();
    expect(network.touched).to.have.members(caught.map(({ name }) => name));
    expect(inOutage()).to.equal(0);
    network.touched.length = 0;
    network.remove(between);
    network.patterns.update();
    expect(network.touched).to.have.members(caught.map(({ name }) => name));
    expect(inOutage()).to.equal(3);
  });

  it('forget what is gone', () => {
    const network = halfOld();
    for (const gone of network.patterns.oldPods) network.remove(gone);
    network.patterns.update();
    expect(network.patterns.oldPods.size).to.equal(0);
    expect(network.patterns.hasSingles).to.be.false;
    expect(network.patterns.lackedByOld).to.deep.equal([]);
  });
});
