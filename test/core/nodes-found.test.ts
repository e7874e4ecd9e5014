import { expect } from 'chai';
import { nodeFamilyOrder } from '../../src/core/checks/node-family-order.ts';
import { nodePodCIDRMissing } from '../../src/core/checks/node-pod-cidr-missing.ts';
import { dualNodes, evaluate, ipv4Node, node, podCIDRsOf } from './build.ts';

describe('the nodes on which a check found something', () => {
  const flipped = node({ name: 'x', podCIDRs: podCIDRsOf('x').toReversed() });

  it('are those of this check and no other', () => {
    const ledger = evaluate([...dualNodes('a', 'b'), ipv4Node('c'), flipped]);
    expect([...ledger.nodesFoundBy(nodePodCIDRMissing)]).to.deep.equal([{ name: 'c', families: ['IPv6'], severity: 'Critical' }]);
    expect([...ledger.nodesFoundBy(nodeFamilyOrder)]).to.deep.equal([{ name: 'x', families: ['IPv6'], severity: 'Warning' }]);
  });

  it('are named too where one finding on the cluster stands for them', () => {
    const ledger = evaluate([...dualNodes('a'), ipv4Node('b'), ipv4Node('c')]);
    expect([...ledger.findings.keys()]).to.deep.equal(['NodePodCIDRMissing/Cluster/cluster']);
    expect([...ledger.nodesFoundBy(nodePodCIDRMissing)].map(({ name }) => name)).to.deep.equal(['b', 'c']);
  });
});
