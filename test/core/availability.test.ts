import { expect } from 'chai';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { Ledger } from '../../src/core/engine/evaluation.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { dualNodes, FORBIDDEN, inShort, inventoryOf, ipv4Node, NOW, runEvaluation } from './build.ts';

describe('verdicts', () => {
  it('are given when a kind becomes known, and taken back when it is refused, though nothing else changes', () => {
    const inventory = inventoryOf([...dualNodes('a', 'b'), ipv4Node('c')], { refused: ['Pod'] });
    const ledger = new Ledger(inventory, NO_FAMILY, graceOf(1));
    runEvaluation(ledger, inventory, NOW);
    expect(inShort(ledger)).to.deep.equal([]);
    inventory.apply({ type: 'listed', kind: 'Pod' });
    runEvaluation(ledger, inventory, NOW);
    expect(inShort(ledger)).to.deep.equal(['NodePodCIDRMissing Warning Node/c IPv6']);
    inventory.apply({ type: 'refused', kind: 'Pod', reason: FORBIDDEN });
    runEvaluation(ledger, inventory, NOW);
    expect(inShort(ledger)).to.deep.equal([]);
  });
});
