import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { detectStack, layerFamilies } from '../../../src/core/cluster/stack.ts';
import { ClusterStore } from '../../../src/core/cluster/cluster-store.ts';
import { apiServer, dualService, storeOf, LONG_AGO, MINUTE, node, pod, serviceCIDR } from '../build.ts';

const IPV6_FIRST = ['2001:db8::1', '192.0.2.1'];

describe('the stack, in detail', () => {
  it('has the one family of all pods as their first, whatever that of nodes', () => {
    const six = pod({ addresses: ['2001:db8:7::7'] });
    expect(detectStack(storeOf([node(), six])).pods).to.include({ families: 'IPv6', primary: 'IPv6' });
    const four = pod({ addresses: ['172.16.0.7'] });
    expect(detectStack(storeOf([node({ addresses: IPV6_FIRST }), four])).pods).to.include({ families: 'IPv4', primary: 'IPv4' });
  });

  it('begins with IPv4 where as many nodes begin with one family as with the other', () => {
    const nodes = [node({ name: 'a' }), node({ name: 'b', addresses: IPV6_FIRST })];
    expect(detectStack(storeOf(nodes)).nodes.primary).to.equal('IPv4');
  });

  it('names the same contradicting Service in whatever order they came', () => {
    const dual = ['b', 'a', 'c'].map((name) => dualService({ name, createdAt: LONG_AGO + MINUTE }));
    const cluster: readonly Facts[] = [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer()];
    for (const services of [dual, dual.toReversed(), dual.toSorted((one, other) => (one.name < other.name ? -1 : 1))]) {
      expect(detectStack(storeOf([...cluster, ...services])).services.evidence).to.include('Service shop/a, made since, was given');
    }
  });

  it('takes no more than the full stop from the reason of a refused request', () => {
    const store = new ClusterStore();
    store.apply({ type: 'unavailable', kind: 'Node', reason: { reason: 'Forbidden', message: 'Not allowed to list v1.nodes. Grant it.' } });
    expect(detectStack(store).nodes.evidence).to.equal('Not allowed to list v1.nodes. Grant it');
  });

  it('gives the families of a layer with the first one first', () => {
    expect(layerFamilies({ families: 'DualStack', primary: 'IPv6', evidence: '' })).to.deep.equal(['IPv6', 'IPv4']);
    expect(layerFamilies({ families: 'DualStack', evidence: '' })).to.deep.equal(['IPv4', 'IPv6']);
    expect(layerFamilies({ families: 'IPv6', primary: 'IPv6', evidence: '' })).to.deep.equal(['IPv6']);
    expect(layerFamilies({ families: 'Unknown', evidence: '' })).to.deep.equal([]);
  });
});
