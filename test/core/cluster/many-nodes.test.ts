import { expect } from 'chai';
import { CIDRIndex } from '../../../src/core/cluster/cidr-index.ts';
import { evaluateAll, node, NOW, pod, runEvaluation } from '../build.ts';

// These tests measure time, so `npm run mutants`, whose code is slower, skips this file.
describe('the index of podCIDRs of many nodes', () => {
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
