import { lost } from '../../../monitoring/rules/alerts/lost.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

/** A layer that is dual-stack for ten minutes, and then something else. */
function turning(layer: string, into: string): readonly Exposed[] {
  return [
    { metric: 'dualstack_layer_stack', labels: { layer, stack: 'DualStack' }, values: '1x9 0x60' },
    { metric: 'dualstack_layer_stack', labels: { layer, stack: into }, values: '0x9 1x60' },
  ];
}

const SERVICES: Exposed = {
  metric: 'dualstack_services',
  labels: { namespace: 'shop', policy: 'SingleStack', families: 'ipv4' },
  values: '3x60',
};

describeAlert(lost, {
  fires: {
    'on a layer that has one family only and was dual-stack': {
      series: scraped(...turning('pods', 'IPv4')),
      externalLabels: { cluster: 'prod' },
      at: {
        '14m': [],
        '16m': [
          {
            severity: 'critical',
            labels: { layer: 'pods', stack: 'IPv4' },
            summary: 'The pods of cluster prod are no longer dual-stack: IPv4.',
          },
        ],
        '65m': [
          {
            severity: 'critical',
            labels: { layer: 'pods', stack: 'IPv4' },
            summary: 'The pods of cluster prod are no longer dual-stack: IPv4.',
          },
        ],
      },
    },
    'for as long as it is remembered, over a restart of the operator too': {
      interval: '1h',
      series: scraped(
        { metric: 'dualstack_layer_stack', labels: { layer: 'nodes', stack: 'DualStack' }, values: '1x9 stale 0x200' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'nodes', stack: 'IPv6' }, values: '0x9 stale 1x200' },
      ),
      at: {
        '10h': [],
        '176h': [{ severity: 'critical', labels: { layer: 'nodes', stack: 'IPv6' }, summary: 'The nodes are no longer dual-stack: IPv6.' }],
      },
    },
    'with less noise on Services of which it can no longer be determined': {
      series: scraped(...turning('services', 'Unknown'), SERVICES),
      at: {
        '14m': [],
        '16m': [
          {
            severity: 'warning',
            labels: { layer: 'services', stack: 'Unknown' },
            summary: 'The services are no longer dual-stack: Unknown.',
          },
        ],
      },
    },
  },
  staysSilent: {
    'on a cluster that has had one family for as long as is known': {
      series: scraped(
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'DualStack' }, values: '0x60' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'IPv4' }, values: '1x60' },
      ),
    },
    'where nodes and pods cannot be determined of': {
      series: scraped(...turning('nodes', 'Unknown'), ...turning('pods', 'Unknown'), SERVICES),
    },
    'where Services may no longer be read': { series: scraped(...turning('services', 'Unknown')) },
    'while one replica knows better than the other': {
      series: [
        ...scrapedFrom(0, ...turning('pods', 'IPv4')),
        ...scrapedFrom(
          1,
          { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'DualStack' }, values: '1x60' },
          { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'IPv4' }, values: '0x60' },
        ),
      ],
    },
    'on a layer for another one’s sake': {
      series: scraped(
        { metric: 'dualstack_layer_stack', labels: { layer: 'nodes', stack: 'DualStack' }, values: '1x60' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'services', stack: 'DualStack' }, values: '0x60' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'services', stack: 'IPv4' }, values: '1x60' },
      ),
    },
  },
  resolves: {
    'when it is dual-stack again': {
      series: scraped(
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'DualStack' }, values: '1x9 0x20 1x30' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'IPv4' }, values: '0x9 1x20 0x30' },
      ),
      at: {
        '30m': [{ severity: 'critical', labels: { layer: 'pods', stack: 'IPv4' }, summary: 'The pods are no longer dual-stack: IPv4.' }],
        '32m': [],
      },
    },
    'a week after, when one family is what the cluster is to have': {
      interval: '1h',
      series: scraped(
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'DualStack' }, values: '1x9 0x200' },
        { metric: 'dualstack_layer_stack', labels: { layer: 'pods', stack: 'IPv4' }, values: '0x9 1x200' },
      ),
      at: {
        '12h': [{ severity: 'critical', labels: { layer: 'pods', stack: 'IPv4' }, summary: 'The pods are no longer dual-stack: IPv4.' }],
        '179h': [],
      },
    },
  },
});
