import { expect } from 'chai';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { dualNodes, FORBIDDEN, inShort, storeOf, ipv4Node, NOW, runEvaluation } from './build.ts';

describe('verdicts', () => {
  it('are given when a kind becomes known, and taken back when it is unavailable, though nothing else changes', () => {
    const store = storeOf([...dualNodes('a', 'b'), ipv4Node('c')], { refused: ['Pod'] });
    const evaluation = new Evaluation(store, NO_FAMILY, graceOf(1));
    runEvaluation(evaluation, store, NOW);
    expect(inShort(evaluation)).to.deep.equal([]);
    store.apply({ type: 'listed', kind: 'Pod' });
    runEvaluation(evaluation, store, NOW);
    expect(inShort(evaluation)).to.deep.equal(['NodePodCIDRMissing Warning Node/c IPv6']);
    store.apply({ type: 'unavailable', kind: 'Pod', reason: FORBIDDEN });
    runEvaluation(evaluation, store, NOW);
    expect(inShort(evaluation)).to.deep.equal([]);
  });
});
