import { expect } from 'chai';
import { RECORDINGS } from '../../monitoring/rules/recordings.ts';
import { expectSamples, type ExpressionTest } from './rule-tests.ts';
import { scraped, type Exposed } from './scraped.ts';

/** What a recording rule makes of what two replicas expose that are each scraped by two families. */
const RECORDED: Readonly<Record<string, { readonly from: readonly Exposed[]; readonly samples: ExpressionTest['samples'] }>> = {
  'cluster_layer_stack:dualstack_layer_stack:max': {
    from: [
      { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'DualStack' }, values: '1' },
      { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'IPv4' }, values: '0' },
    ],
    samples: { '{layer="pods",stack="DualStack"}': 1, '{layer="pods",stack="IPv4"}': 0 },
  },
  'cluster_layer:dualstack_family_imbalance_ratio:max': {
    from: [{ metric: 'dualstack_family_imbalance_ratio', labels: { layer: 'endpoints' }, values: '0.5' }],
    samples: { '{layer="endpoints"}': 0.5 },
  },
  'cluster_kind_missing_family:dualstack_single_family_drift:sum': {
    from: [
      { metric: 'dualstack_single_family_drift', labels: { kind: 'Node', namespace: '', missing_family: 'IPv6' }, values: '1' },
      { metric: 'dualstack_single_family_drift', labels: { kind: 'Pod', namespace: 'shop', missing_family: 'IPv6' }, values: '2' },
      { metric: 'dualstack_single_family_drift', labels: { kind: 'Pod', namespace: 'blog', missing_family: 'IPv6' }, values: '3' },
      { metric: 'dualstack_single_family_drift', labels: { kind: 'Pod', namespace: 'blog', missing_family: 'IPv4' }, values: '0' },
    ],
    samples: {
      '{kind="Node",missing_family="IPv6"}': 1,
      '{kind="Pod",missing_family="IPv6"}': 5,
      '{kind="Pod",missing_family="IPv4"}': 0,
    },
  },
  'cluster_layer:dualstack_dual:ratio': {
    from: [
      { metric: 'dualstack_nodes', labels: { families: 'dual' }, values: '3' },
      { metric: 'dualstack_nodes', labels: { families: 'ipv4' }, values: '1' },
      { metric: 'dualstack_pods', labels: { namespace: 'shop', families: 'dual' }, values: '2' },
      { metric: 'dualstack_pods', labels: { namespace: 'shop', families: 'ipv4' }, values: '2' },
      { metric: 'dualstack_pods', labels: { namespace: 'blog', families: 'dual' }, values: '0' },
      { metric: 'dualstack_pods', labels: { namespace: 'blog', families: 'ipv4' }, values: '4' },
      { metric: 'dualstack_services', labels: { namespace: 'shop', policy: 'SingleStack', families: 'ipv4' }, values: '6' },
    ],
    samples: { '{layer="nodes"}': 0.75, '{layer="pods"}': 0.25, '{layer="services"}': 0 },
  },
};

describe('recording rules', () => {
  for (const name of new Set(RECORDINGS.map((recording) => recording.name))) {
    it(`${name} counts everything once`, async () => {
      const { from, samples } = RECORDED[name] ?? expect.fail('it has no test here');
      const named = Object.entries(samples).map(([labels, value]) => [name + labels, value]);
      await expectSamples({ series: scraped(...from) }, [{ expr: name, at: '0m', samples: Object.fromEntries(named) as typeof samples }]);
    });
  }

  it('have clusters of a Prometheus of many apart', async () => {
    const nodes = (cluster: string, dual: string): readonly Exposed[] => [
      { metric: 'dualstack_nodes', labels: { cluster, families: 'dual' }, values: dual },
      { metric: 'dualstack_nodes', labels: { cluster, families: 'ipv4' }, values: '1' },
    ];
    const name = 'cluster_layer:dualstack_dual:ratio';
    const samples = { [`${name}{cluster="north",layer="nodes"}`]: 0.5, [`${name}{cluster="south",layer="nodes"}`]: 0.75 };
    await expectSamples({ series: scraped(...nodes('north', '1'), ...nodes('south', '3')) }, [{ expr: name, at: '0m', samples }]);
  });

  it('say nothing of the share of what there is none of', async () => {
    const series = scraped({ metric: 'dualstack_nodes', labels: { families: 'dual' }, values: '0' });
    await expectSamples({ series }, [{ expr: 'cluster_layer:dualstack_dual:ratio', at: '0m', samples: {} }]);
  });
});
