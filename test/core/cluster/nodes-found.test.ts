import { expect } from 'chai';
import { nodeFamilyOrder } from '../../../src/core/checks/node-family-order.ts';
import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import type { ObjectRef } from '../../../src/core/engine/finding.ts';
import { dualNodes, dualService, evaluate, ipv4Node, node, podCIDRsOf } from '../build.ts';

describe('the nodes on which a check found something', () => {
  const nodeNamed = (name: string): ObjectRef => ({ group: '', kind: 'Node', namespace: '', name });
  const flipped = node({ name: 'x', podCIDRs: podCIDRsOf('x').toReversed() });

  it('are those of this check and no other', () => {
    const evaluation = evaluate([...dualNodes('a', 'b'), ipv4Node('c'), flipped, dualService()]);
    expect([...evaluation.foundBy(nodePodCIDRMissing)]).to.deep.equal([
      { key: 'c', object: nodeNamed('c'), families: ['IPv6'], severity: 'Critical' },
    ]);
    expect([...evaluation.foundBy(nodeFamilyOrder)]).to.deep.equal([
      { key: 'x', object: nodeNamed('x'), families: ['IPv6'], severity: 'Warning' },
    ]);
  });

  it('are named too where one finding on the cluster represents them', () => {
    const evaluation = evaluate([...dualNodes('a'), ipv4Node('b'), ipv4Node('c')]);
    expect([...evaluation.findings.keys()]).to.deep.equal(['NodePodCIDRMissing/Cluster/cluster']);
    expect([...evaluation.foundBy(nodePodCIDRMissing)].map(({ object }) => object.name)).to.deep.equal(['b', 'c']);
  });
});
