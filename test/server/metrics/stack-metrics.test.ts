import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualNodes, evaluateAll, ipv4Node, ipv4Pod, node, pod, podCIDRsOf, serviceCIDR } from '../../core/build.ts';
import { exposition, layerStacks, linesOf, type Recorded } from './exposed.ts';

/** A node that has everything, and one for each thing that can be missing. */
function incompleteNodes(): Facts[] {
  return [
    ...dualNodes('a'),
    ipv4Node('b'),
    node({ name: 'c', addresses: ['192.0.2.3'], podCIDRs: podCIDRsOf('c') }),
    ...dualNodes('d'),
    node({ name: 'e', addresses: ['2001:db8::e'] }),
    ...['1', '2'].flatMap((number) => [pod({ name: `a${number}` }), ipv4Pod(`d${number}`, { nodeName: 'd' })]),
  ];
}

async function nodeFamilies(facts: readonly Facts[], recorded: Recorded = {}): Promise<readonly string[]> {
  return linesOf(await exposition(evaluateAll(facts), recorded), 'dualstack_node_families{').sort();
}

describe('the metrics of layers and nodes', () => {
  it('report the stack of each layer, Unknown where its kind is refused', async () => {
    const facts = [pod(), serviceCIDR(), apiServer()];
    expect(linesOf(await exposition(evaluateAll(facts, { refused: ['Node'] })), 'dualstack_layer_stack{')).to.deep.equal(
      layerStacks({ nodes: 'Unknown', pods: 'DualStack', services: 'DualStack' }),
    );
    const single = [node({ addresses: ['192.0.2.1'] }), pod({ addresses: ['fd00::7'] }), serviceCIDR({ cidrs: ['10.96.0.0/16'] })];
    expect(linesOf(await exposition(evaluateAll(single)), 'dualstack_layer_stack{')).to.deep.equal(
      layerStacks({ nodes: 'IPv4', pods: 'IPv6', services: 'IPv4' }),
    );
  });

  it('report the families of each node that lacks one: of its addresses, its podCIDRs or its pods', async () => {
    expect(await nodeFamilies(incompleteNodes())).to.deep.equal([
      'dualstack_node_families{node="b",addresses="dual",pod_cidrs="ipv4",pods="none"} 1',
      'dualstack_node_families{node="c",addresses="ipv4",pod_cidrs="dual",pods="none"} 1',
      'dualstack_node_families{node="d",addresses="dual",pod_cidrs="dual",pods="ipv4"} 1',
      'dualstack_node_families{node="e",addresses="ipv6",pod_cidrs="none",pods="none"} 1',
    ]);
  });

  it('report the families of every evaluated node where that is requested', async () => {
    const virtual = node({ name: 'f', virtual: true });
    expect(await nodeFamilies([...incompleteNodes(), virtual], { perNode: true })).to.deep.equal([
      'dualstack_node_families{node="a",addresses="dual",pod_cidrs="dual",pods="dual"} 1',
      'dualstack_node_families{node="b",addresses="dual",pod_cidrs="ipv4",pods="none"} 1',
      'dualstack_node_families{node="c",addresses="ipv4",pod_cidrs="dual",pods="none"} 1',
      'dualstack_node_families{node="d",addresses="dual",pod_cidrs="dual",pods="ipv4"} 1',
      'dualstack_node_families{node="e",addresses="ipv6",pod_cidrs="none",pods="none"} 1',
    ]);
  });

  it('say nothing of the pods of a node where pods are refused', async () => {
    const facts = incompleteNodes().filter(({ kind }) => kind !== 'Pod');
    const text = await exposition(evaluateAll(facts, { refused: ['Pod'] }));
    expect(linesOf(text, 'dualstack_node_families{')).to.deep.equal([
      'dualstack_node_families{node="c",addresses="ipv4",pod_cidrs="dual",pods=""} 1',
      'dualstack_node_families{node="e",addresses="ipv6",pod_cidrs="none",pods=""} 1',
    ]);
  });

  it('have one series for each node at most, those behind a finding on the cluster too', async () => {
    const facts = ['a', 'b', 'c', 'd'].map((name) => node({ name, addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf(name) }));
    const evaluated = evaluateAll(facts);
    expect([...evaluated.evaluation.findings.values()].map(({ object }) => object.kind)).to.include('Cluster');
    const series = linesOf(await exposition(evaluated), 'dualstack_node_families{');
    expect(series.map((line) => /node="(.)",addresses="ipv4",pod_cidrs="dual"/.exec(line)?.[1])).to.have.members(['a', 'b', 'c', 'd']);
  });
});
