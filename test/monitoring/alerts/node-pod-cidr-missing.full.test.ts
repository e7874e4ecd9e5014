import { nodePodCIDRMissing } from '../../../monitoring/rules/alerts/node-pod-cidr-missing.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function missing(node: string, values: string): Exposed {
  return { metric: 'dualstack_node_pod_cidr_missing', labels: { node, family: 'IPv6' }, values };
}

function causes(severity: string, values: string, report = 'cluster'): Exposed {
  return { metric: 'dualstack_root_causes', labels: { report, check: 'NodePodCIDRMissing', severity, namespace: '' }, values };
}

function many(count: number, values: string): readonly Exposed[] {
  return Array.from({ length: count }, (_, index) => missing(`worker-${index + 1}`, values));
}

describeAlert(nodePodCIDRMissing, {
  fires: {
    'for each node, with its name and the family': {
      series: scraped(missing('worker-3', '_x5 1x60'), missing('worker-7', '_x10 1x60'), causes('Critical', '_x5 1x4 2x60')),
      externalLabels: { cluster: 'prod' },
      at: {
        '19m': [],
        '20m': [
          {
            severity: 'warning',
            labels: { node: 'worker-3', family: 'IPv6' },
            summary: 'Node worker-3 of cluster prod has no IPv6 podCIDR.',
          },
        ],
        '25m': ['worker-3', 'worker-7'].map((node) => ({
          severity: 'warning' as const,
          labels: { node, family: 'IPv6' },
          summary: `Node ${node} of cluster prod has no IPv6 podCIDR.`,
        })),
      },
    },
    'where one report of several takes it for critical': {
      series: scraped(missing('worker-3', '1x60'), causes('Warning', '1x60', 'lenient'), causes('Critical', '1x60', 'strict')),
      at: {
        '14m': [],
        '15m': [{ severity: 'warning', labels: { node: 'worker-3', family: 'IPv6' }, summary: 'Node worker-3 has no IPv6 podCIDR.' }],
      },
    },
  },
  staysSilent: {
    'where most nodes lack one, as at the beginning of a migration': { series: scraped(...many(8, '1x60'), causes('Warning', '1x60')) },
    'where reports ignore it': { series: scraped(missing('worker-3', '1x60')) },
    'of more nodes than are to be named': { series: scraped(...many(11, '1x60'), causes('Critical', '11x60')) },
    'of new nodes that get their podCIDR later': { series: scraped(missing('worker-3', '1x14 stale'), causes('Critical', '1x14 stale')) },
  },
  resolves: {
    'when the node is gone, or comes back with a podCIDR': {
      series: scraped(missing('worker-3', '1x20 stale'), missing('worker-4', '1x29 stale'), causes('Critical', '2x20 1x8 stale')),
      at: {
        '20m': ['worker-3', 'worker-4'].map((node) => ({
          severity: 'warning' as const,
          labels: { node, family: 'IPv6' },
          summary: `Node ${node} has no IPv6 podCIDR.`,
        })),
        '21m': [{ severity: 'warning', labels: { node: 'worker-4', family: 'IPv6' }, summary: 'Node worker-4 has no IPv6 podCIDR.' }],
        '30m': [],
      },
    },
    'when it is excluded in all reports': {
      series: scraped(missing('worker-3', '1x60'), causes('Critical', '1x20 stale')),
      at: {
        '20m': [{ severity: 'warning', labels: { node: 'worker-3', family: 'IPv6' }, summary: 'Node worker-3 has no IPv6 podCIDR.' }],
        '21m': [],
      },
    },
  },
});
