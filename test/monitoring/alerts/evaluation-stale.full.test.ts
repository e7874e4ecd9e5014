import { evaluationStale } from '../../../monitoring/rules/alerts/evaluation-stale.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

/** Time begins at 0 in these tests. */
function evaluated(values: string, report = 'cluster'): Exposed {
  return { metric: 'dualstack_report_last_evaluation_timestamp_seconds', labels: { report }, values };
}

function ready(values: string): Exposed {
  return { metric: 'dualstack_report_condition', labels: { report: 'cluster', type: 'Ready', status: 'True' }, values };
}

function leads(values: string): Exposed {
  return { metric: 'dualstack_leader', labels: {}, values };
}

const WELL = [ready('1x60'), leads('1x60')];

describeAlert(evaluationStale, {
  fires: {
    'on a report that is no longer evaluated though all looks well': {
      series: scraped(evaluated('0+60x4 300x60'), evaluated('0+60x60', 'shop'), ...WELL),
      at: {
        '25m': [],
        '26m': [{ severity: 'warning', labels: { report: 'cluster' }, summary: 'DualStackReport cluster was last evaluated 21m 0s ago.' }],
      },
    },
  },
  staysSilent: {
    'where it is reported every five minutes': {
      series: scraped(evaluated('0x4 300x4 600x4 900x4 1200x4 1500x4 1800x4 2100x4'), ...WELL),
      until: ['5m', '20m', '30m', '39m'],
    },
    'where one replica has not seen the last writes': {
      series: [...scrapedFrom(0, evaluated('0x60')), ...scrapedFrom(1, evaluated('0+60x60')), ...scraped(...WELL)],
    },
    'where the report is not Ready, of which there is another alert': { series: scraped(evaluated('0x60'), ready('0x60'), leads('1x60')) },
    'where nobody leads, of which there is another alert': { series: scraped(evaluated('0x60'), ready('1x60'), leads('0x60')) },
    'of a report that is suspended, and so has no time': { series: scraped(...WELL) },
  },
  resolves: {
    'when it is evaluated again': {
      series: scraped(evaluated('0x30 1860+60x20'), ...WELL),
      at: {
        '30m': [{ severity: 'warning', labels: { report: 'cluster' }, summary: 'DualStackReport cluster was last evaluated 30m 0s ago.' }],
        '31m': [],
      },
    },
  },
});
