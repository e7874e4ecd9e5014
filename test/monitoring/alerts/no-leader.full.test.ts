import { noLeader } from '../../../monitoring/rules/alerts/no-leader.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

function leads(values: string, labels: Readonly<Record<string, string>> = {}): Exposed {
  return { metric: 'dualstack_leader', labels, values };
}

describeAlert(noLeader, {
  fires: {
    'when no replica leads': {
      series: [...scrapedFrom(0, leads('1x4 0x60')), ...scrapedFrom(1, leads('0x60'))],
      at: { '9m': [], '10m': [{ severity: 'warning', summary: 'No replica of dualstack-operator is the leader.' }] },
    },
    'for the one of many clusters in which none does': {
      series: scraped(leads('0x60', { cluster: 'north' }), leads('1x60', { cluster: 'south' })),
      at: {
        '4m': [],
        '5m': [
          {
            severity: 'warning',
            labels: { cluster: 'north' },
            summary: 'No replica of dualstack-operator of cluster north is the leader.',
          },
        ],
      },
    },
  },
  staysSilent: {
    'while one of two leads': { series: [...scrapedFrom(0, leads('0x60')), ...scrapedFrom(1, leads('1x60'))] },
    'while another takes over': { series: [...scrapedFrom(0, leads('1x4 0x60')), ...scrapedFrom(1, leads('0x7 1x60'))] },
    'where the operator is absent, of which there is another alert': { series: scraped(leads('1x4 stale')) },
  },
  resolves: {
    'when one leads again': {
      series: [...scrapedFrom(0, leads('0x60')), ...scrapedFrom(1, leads('0x10 1x60'))],
      at: { '10m': [{ severity: 'warning', summary: 'No replica of dualstack-operator is the leader.' }], '11m': [] },
    },
  },
});
