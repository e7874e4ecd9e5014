import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { node } from '../../../src/core/kinds/node.ts';

const ROWS: readonly (readonly [what: string, providedNodeIP: string, addresses: readonly string[], madeUp: boolean])[] = [
  ['lists what its kubelet asked for', '10.3.1.10', ['fda5:8888::10', '10.3.1.10'], false],
  ['lists one of the two that its kubelet asked for, as of a cloud before 1.29', '10.3.1.10,fda5:8888::10', ['10.3.1.10'], false],
  ['has a kubelet that asked for a family', '::', ['2001:db8::1'], false],
  ['has a kubelet that asked for nothing', '', ['10.3.1.10'], false],
  ['has no address yet', '10.3.1.10', [], false],
  ['is redacted', '***HIDDEN***', ['10.3.1.10'], false],
  ['lists the clusterIP of a Service, as vcluster writes it', '172.19.0.3,fc00:f853:ccd:e793::3', ['10.43.77.10'], true],
];

describe('a node of a virtual cluster', () => {
  for (const [what, providedNodeIP, addresses, madeUp] of ROWS) {
    it(`${madeUp ? 'is one that' : 'is none that'} ${what}`, () => {
      const metadata = { name: 'a', annotations: { 'alpha.kubernetes.io/provided-node-ip': providedNodeIP } };
      const status = { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) };
      expect(node.facts({ metadata, status }, new Interner())?.madeUp).to.equal(madeUp);
    });
  }

  it('is one with the label of a node that vcluster made', () => {
    const metadata = { name: 'a', labels: { 'vcluster.loft.sh/fake-node': 'true' } };
    expect(node.facts({ metadata }, new Interner())?.madeUp).to.equal(true);
  });
});
