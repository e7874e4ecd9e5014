import { expect } from 'chai';
import fc from 'fast-check';
import { keyOf, type Change, type Facts } from '../../../src/core/kinds/facts.ts';
import { ClusterStore, someServiceIsDual } from '../../../src/core/cluster/cluster-store.ts';
import { LabelInterner, NO_LABELS } from '../../../src/core/kinds/labels.ts';
import {
  addressesOn,
  FORBIDDEN,
  KINDS,
  apiServer,
  dualNodes,
  dualService,
  storeOf,
  node,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slice,
} from '../build.ts';
import { anyFacts } from '../universe.ts';

const names = (store: ClusterStore): string[] => [...store.nodes.keys()].sort();
const put = (store: ClusterStore, ...all: readonly Facts[]): void => {
  for (const facts of all) store.apply({ type: 'upsert', facts });
};
const signal = (store: ClusterStore, type: 'listing' | 'listed', kind: Facts['kind']): void => {
  store.apply({ type, kind });
};

/** What is dirty by kind, sorted. */
function dirtyIn(store: ClusterStore): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...store.takeDirtySets()].filter(([, keys]) => keys.size > 0).map(([kind, keys]) => [kind, [...keys].sort()]));
}

describe('a list of a kind', () => {
  it('takes away what was known and does not come again, and leaves other kinds alone', () => {
    const store = storeOf([...dualNodes('a', 'b', 'c'), pod()]);
    signal(store, 'listing', 'Node');
    put(store, ...dualNodes('b', 'd'));
    expect(names(store)).to.deep.equal(['a', 'b', 'c', 'd']);
    signal(store, 'listed', 'Node');
    expect(names(store)).to.deep.equal(['b', 'd']);
    expect(store.pods.size).to.equal(1);
  });

  it('that breaks off takes nothing away, and the next one begins again', () => {
    const store = storeOf(dualNodes('a', 'b'));
    signal(store, 'listing', 'Node');
    put(store, ...dualNodes('a'));
    signal(store, 'listing', 'Node');
    put(store, ...dualNodes('b'));
    signal(store, 'listed', 'Node');
    expect(names(store)).to.deep.equal(['b']);
  });

  it('has nothing to say of what comes after it', () => {
    const store = storeOf(dualNodes('a'));
    signal(store, 'listing', 'Node');
    signal(store, 'listed', 'Node');
    put(store, ...dualNodes('b'));
    signal(store, 'listed', 'Node');
    expect(names(store)).to.deep.equal(['b']);
  });

  it('makes the kind known, which it was not before', () => {
    const store = new ClusterStore();
    expect(store.availability('Node')).to.equal('Pending');
    signal(store, 'listing', 'Node');
    put(store, ...dualNodes('a'));
    expect(store.availability('Node')).to.equal('Pending');
    signal(store, 'listed', 'Node');
    expect(store.availability('Node')).to.equal('Synced');
  });

  it('under way again leaves the kind known', () => {
    const store = storeOf(dualNodes('a'));
    signal(store, 'listing', 'Node');
    expect(store.availability('Node')).to.equal('Synced');
  });

  it('that fails takes everything away, and the reason stays until there is a whole one', () => {
    const store = storeOf([...dualNodes('a'), pod()]);
    store.apply({ type: 'unavailable', kind: 'Node', reason: FORBIDDEN });
    expect(names(store)).to.deep.equal([]);
    expect(store.nodeTally.total).to.equal(0);
    expect(store.availability('Node')).to.equal(FORBIDDEN);
    signal(store, 'listing', 'Node');
    put(store, ...dualNodes('b'));
    expect(store.availability('Node')).to.equal(FORBIDDEN);
    signal(store, 'listed', 'Node');
    expect(store.availability('Node')).to.equal('Synced');
  });
});

describe('the store', () => {
  it('says of each change whether it is news', () => {
    const store = new ClusterStore();
    const [a] = dualNodes('a');
    if (!a) throw new Error('a node is missing');
    const rows: readonly (readonly [what: string, change: Change, isNews: boolean])[] = [
      ['the first list begins', { type: 'listing', kind: 'Node' }, false],
      ['a new object', { type: 'upsert', facts: a }, true],
      ['the same again', { type: 'upsert', facts: { ...a } }, false],
      ['another state of it', { type: 'upsert', facts: { ...a, notReady: true } }, true],
      ['the end of a list', { type: 'listed', kind: 'Node' }, true],
      ['one that goes', { type: 'delete', kind: 'Node', key: 'a' }, true],
      ['one that is not there', { type: 'delete', kind: 'Node', key: 'a' }, false],
      ['a list that fails', { type: 'unavailable', kind: 'Node', reason: FORBIDDEN }, true],
    ];
    expect(rows.map(([what, change]) => [what, store.apply(change)])).to.deep.equal(rows.map(([what, , isNews]) => [what, isNews]));
  });

  it('is empty again when everything that came has gone', () => {
    fc.assert(
      fc.property(fc.array(anyFacts, { maxLength: 30, size: 'max' }), (all) => {
        const store = storeOf(all);
        for (const facts of all) store.apply({ type: 'delete', kind: facts.kind, key: keyOf(facts) });
        const tallies = [
          store.nodeTally,
          store.nodeFirstFamilies,
          store.nodesSkipped,
          store.podTally,
          store.podsSkipped,
          store.serviceTally,
          store.servicesSkipped,
          store.clusterIPTally,
          store.podCIDRUse,
          store.podFamiliesOnPodCIDRs,
        ];
        expect(tallies.flatMap((tally) => [...tally.entries()])).to.deep.equal([]);
        expect([store.nodes, store.pods, store.services, store.slices].map(({ size }) => size)).to.deep.equal([0, 0, 0, 0]);
        for (const { name } of dualNodes('a', 'b', 'c', 'd')) {
          expect([store.podsOn(name).size, store.podNetworkOf(name).total]).to.deep.equal([0, 0]);
        }
      }),
    );
  });

  it('bears that something goes that never came', () => {
    const store = new ClusterStore();
    for (const kind of KINDS) store.apply({ type: 'delete', kind, key: 'ghost' });
    expect(store.nodes.size).to.equal(0);
  });

  it('counts what is evaluated, and apart from it what is not, with the reason', () => {
    const store = storeOf([
      ...dualNodes('a'),
      node({ name: 'fargate', virtual: true }),
      node({ name: 'gone', deleting: true }),
      pod(),
      pod({ name: 'host', hostNetwork: true }),
      pod({ name: 'done', state: 'Completed', hostNetwork: true }),
      pod({ name: 'going', state: 'Terminating' }),
      pod({ name: 'coming', state: 'Pending' }),
      pod({ name: 'starting', addresses: [] }),
      dualService(),
      apiServer(),
      service({ name: 'out', type: 'ExternalName', clusterIPs: [] }),
      service({ name: 'by-hand', headless: true, selector: {} }),
      service({ name: 'gone', deleting: true }),
    ]);
    const tallies = [store.nodeTally, store.nodesSkipped, store.podTally, store.podsSkipped, store.serviceTally, store.servicesSkipped].map(
      (tally) => Object.fromEntries(tally.entries()),
    );
    expect(tallies).to.deep.equal([
      { 'dual/dual': 1 },
      { virtual: 1, deleting: 1 },
      { 'shop/dual': 1 },
      { 'shop/hostNetwork': 1, 'shop/completed': 1, 'shop/terminating': 1, 'shop/pending': 1, 'shop/unaddressed': 1 },
      { 'shop/PreferDualStack/dual': 1 },
      { 'default/apiServer': 1, 'shop/externalName': 1, 'shop/headlessWithoutSelector': 1, 'shop/deleting': 1 },
    ]);
  });

  it('takes for the place of a pod its first address that is one, where its node has podCIDRs that are', () => {
    const useOf = (podCIDRs: readonly string[], ...addresses: readonly string[]): object => {
      const store = storeOf([node({ podCIDRs }), pod({ addresses })]);
      return Object.fromEntries(store.podCIDRUse.entries());
    };
    const [cidr] = podCIDRsOf('a');
    const [inside] = addressesOn('a');
    expect(useOf([cidr], inside)).to.deep.equal({ inside: 1 });
    expect(useOf([cidr], 'soon', inside)).to.deep.equal({ inside: 1 });
    expect(useOf([cidr], 'soon', '172.16.0.7', inside)).to.deep.equal({ outside: 1 });
    expect(useOf(['soon', cidr], inside)).to.deep.equal({ inside: 1 });
    expect(useOf(['soon'], inside)).to.deep.equal({});
  });

  it('takes no clusterIPs of an ExternalName Service for those of one (#external-name)', () => {
    const store = storeOf([dualService({ type: 'ExternalName' })]);
    expect(someServiceIsDual(store)).to.be.false;
  });

  it('marks what a change touches: the pod, its node and the Services that select it, before and after', () => {
    const store = storeOf([
      ...dualNodes('a', 'b'),
      pod(),
      dualService(),
      service({ name: 'api', selector: { app: 'api' } }),
      serviceCIDR(),
    ]);
    store.takeDirtySets();
    put(store, pod({ nodeName: 'b', labels: { app: 'api' } }));
    expect(dirtyIn(store)).to.deep.equal({ Node: ['a', 'b'], Pod: ['uid-web-1'], Service: ['shop/api', 'shop/web'] });
    put(store, slice({ serviceName: 'api' }));
    expect(dirtyIn(store)).to.deep.equal({ Service: ['shop/api'], EndpointSlice: ['shop/api-IPv4'] });
    expect(dirtyIn(store)).to.deep.equal({});
  });

  it('forgets a Service that another has replaced, for the pods that it selected too', () => {
    const store = storeOf([pod(), service()]);
    const [replaced] = store.workloads.selecting(pod());
    put(store, service({ policy: 'PreferDualStack' }));
    expect([...store.workloads.selecting(pod())].map(({ policy }) => policy)).to.deep.equal(['PreferDualStack']);
    store.apply({ type: 'delete', kind: 'Service', key: 'shop/web' });
    expect([replaced?.policy, ...store.workloads.selecting(pod())]).to.deep.equal(['SingleStack']);
  });

  it('keeps apart two pods of one name', () => {
    const store = storeOf([pod({ uid: 'before', state: 'Terminating' }), pod({ uid: 'after' })]);
    store.apply({ type: 'delete', kind: 'Pod', key: 'before' });
    expect([...store.pods.keys()]).to.deep.equal(['after']);
  });
});

describe('an interner of labels', () => {
  it('gives one set for equal labels, sorted, and none for none', () => {
    const interner = new LabelInterner();
    const one = interner.intern({ tier: 'front', app: 'web' });
    expect(interner.intern({ app: 'web', tier: 'front' })).to.equal(one);
    expect(one).to.deep.equal([
      ['app', 'web'],
      ['tier', 'front'],
    ]);
    for (const none of [{}, undefined, null, { app: 7 }]) expect(interner.intern(none)).to.equal(NO_LABELS);
  });
});
