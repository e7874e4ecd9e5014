import { reportNotReady } from '../../../monitoring/rules/alerts/report-not-ready.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

function ready(values: string, report = 'cluster'): Exposed {
  return { metric: 'dualstack_report_condition', labels: { report, type: 'Ready', status: 'True' }, values };
}

describeAlert(reportNotReady, {
  fires: {
    'for each report that is not Ready, as where it is stale': {
      series: scraped(ready('1x4 0x60'), ready('1x60', 'shop'), {
        metric: 'dualstack_report_condition',
        labels: { report: 'cluster', type: 'Ready', status: 'False' },
        values: '0x4 1x60',
      }),
      at: {
        '14m': [],
        '15m': [{ severity: 'warning', labels: { report: 'cluster' }, summary: 'DualStackReport cluster is not Ready.' }],
      },
    },
  },
  staysSilent: {
    'on a report that is Ready and not Healthy': {
      series: scraped(ready('1x60'), {
        metric: 'dualstack_report_condition',
        labels: { report: 'cluster', type: 'Healthy', status: 'True' },
        values: '0x60',
      }),
    },
    'where the one of two replicas that cannot watch does not write it': {
      series: [...scrapedFrom(0, ready('1x60')), ...scrapedFrom(1, ready('0x60'))],
    },
    'while the operator starts': { series: scraped(ready('0x9 1x60')) },
  },
  resolves: {
    'when it is Ready again': {
      series: scraped(ready('0x20 1x20')),
      at: {
        '20m': [{ severity: 'warning', labels: { report: 'cluster' }, summary: 'DualStackReport cluster is not Ready.' }],
        '21m': [],
      },
    },
    'when it is deleted': {
      series: scraped(ready('0x20 stale')),
      at: {
        '20m': [{ severity: 'warning', labels: { report: 'cluster' }, summary: 'DualStackReport cluster is not Ready.' }],
        '21m': [],
      },
    },
  },
});
