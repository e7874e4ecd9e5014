import { familyImbalance } from '../../../monitoring/rules/alerts/family-imbalance.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function imbalance(layer: string, values: string): Exposed {
  return { metric: 'dualstack_family_imbalance_ratio', labels: { layer }, values };
}

describeAlert(familyImbalance, {
  fires: {
    'on the endpoints of dual-stack Services': {
      series: scraped(imbalance('endpoints', '0.2x4 0.25x60')),
      at: {
        '34m': [],
        '36m': [
          {
            severity: 'warning',
            labels: { layer: 'endpoints' },
            summary: 'The families of the endpoints are out of balance by 25%.',
          },
        ],
      },
    },
    'on nodes and pods that were balanced before': {
      series: scraped(imbalance('nodes', '0x4 0.5x60'), imbalance('pods', '0.1x9 0.3x60')),
      externalLabels: { cluster: 'prod' },
      at: {
        '34m': [],
        '36m': [
          {
            severity: 'warning',
            labels: { layer: 'nodes' },
            summary: 'The families of the nodes of cluster prod are out of balance by 50%.',
          },
        ],
        '41m': [
          {
            severity: 'warning',
            labels: { layer: 'nodes' },
            summary: 'The families of the nodes of cluster prod are out of balance by 50%.',
          },
          {
            severity: 'warning',
            labels: { layer: 'pods' },
            summary: 'The families of the pods of cluster prod are out of balance by 30%.',
          },
        ],
      },
    },
  },
  staysSilent: {
    'while a cluster of one family is given a second': {
      series: scraped(imbalance('nodes', '1x10 1-0.01x70 0.3x10'), imbalance('pods', '1x20 1-0.01x70')),
    },
    'on Services, which have one family by default': { series: scraped(imbalance('services', '0x4 0.9x60')) },
    'on little': { series: scraped(imbalance('endpoints', '0x4 0.2x60'), imbalance('pods', '0x4 0.2x60')) },
    'where nodes are replaced for less than half an hour': { series: scraped(imbalance('nodes', '0x4 0.5x25 0x30')) },
    'on a cluster of one family': { series: scraped(imbalance('nodes', '1x60'), imbalance('pods', '1x60'), imbalance('services', '1x60')) },
  },
  resolves: {
    'when they are balanced again': {
      series: scraped(imbalance('pods', '0x4 0.5x36 0.05x20')),
      at: {
        '40m': [{ severity: 'warning', labels: { layer: 'pods' }, summary: 'The families of the pods are out of balance by 50%.' }],
        '45m': [],
      },
    },
  },
});
