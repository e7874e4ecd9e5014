import { operatorAbsent } from '../../../monitoring/rules/alerts/operator-absent.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

function build(values: string, labels: Readonly<Record<string, string>> = {}): Exposed {
  return { metric: 'dualstack_build_info', labels: { version: '0.1.0', node_version: 'v24.0.0', ...labels }, values };
}

describeAlert(operatorAbsent, {
  fires: {
    'once when replicas can no longer be scraped': {
      series: scraped(build('1x4 stale')),
      externalLabels: { cluster: 'prod' },
      at: {
        '14m': [],
        '15m': [{ severity: 'warning', summary: 'No dualstack-operator of cluster prod exposes metrics.' }],
        '60m': [{ severity: 'warning', summary: 'No dualstack-operator of cluster prod exposes metrics.' }],
      },
    },
    'where there never was one': {
      series: [],
      at: { '9m': [], '10m': [{ severity: 'warning', summary: 'No dualstack-operator exposes metrics.' }] },
    },
    'for the one of many clusters that has lost its own': {
      series: scraped(build('1x4 stale', { cluster: 'north' }), build('1x60', { cluster: 'south' })),
      at: {
        '14m': [],
        '15m': [{ severity: 'warning', labels: { cluster: 'north' }, summary: 'No dualstack-operator of cluster north exposes metrics.' }],
      },
    },
  },
  staysSilent: {
    'while one of two replicas gives metrics': { series: [...scrapedFrom(0, build('1x60')), ...scrapedFrom(1, build('1x4 stale'))] },
    'while one family is scraped': { series: scraped(build('1x60')).filter(({ series }) => series.includes('[fd00:')) },
    'while it is updated': { series: [...scrapedFrom(0, build('1x4 stale')), ...scrapedFrom(1, build('_x10 1x60'))] },
  },
  resolves: {
    'when a replica is back, of a newer version too': {
      series: scraped(build('1x4 stale'), build('_x21 1x40', { version: '0.2.0' })),
      at: { '20m': [{ severity: 'warning', summary: 'No dualstack-operator exposes metrics.' }], '21m': [] },
    },
    'a day after a cluster of many has gone for good': {
      interval: '10m',
      series: scraped(build('1x6 stale', { cluster: 'north' }), build('1x200', { cluster: 'south' })),
      at: {
        '2h': [{ severity: 'warning', labels: { cluster: 'north' }, summary: 'No dualstack-operator of cluster north exposes metrics.' }],
        '26h': [],
      },
    },
  },
});
