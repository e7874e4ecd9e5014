import { serviceWithoutEndpoints } from '../../../monitoring/rules/alerts/service-without-endpoints.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function findings(severity: string, values: string, report = 'cluster', namespace = 'shop', check = 'EndpointFamilyMissing'): Exposed {
  return { metric: 'dualstack_findings', labels: { report, check, severity, namespace }, values };
}

describeAlert(serviceWithoutEndpoints, {
  fires: {
    'for each namespace, whatever it comes of, with the count of the report that has most': {
      series: scraped(
        findings('Critical', '_x5 2x60'),
        findings('Critical', '_x5 1x60', 'shop'),
        findings('Critical', '_x5 1x60', 'cluster', 'blog'),
        {
          metric: 'dualstack_root_causes',
          labels: { report: 'cluster', check: 'NodePodCIDRMissing', severity: 'Critical', namespace: '' },
          values: '_x5 1x60',
        },
      ),
      at: {
        '9m': [],
        '10m': [
          { severity: 'critical', labels: { namespace: 'shop' }, summary: '2 Services in namespace shop have no endpoint of a family.' },
          { severity: 'critical', labels: { namespace: 'blog' }, summary: '1 Service in namespace blog has no endpoint of a family.' },
        ],
      },
    },
    'as a warning on Services whose primary family has endpoints': {
      series: scraped(findings('Warning', '_x5 3x60')),
      at: {
        '9m': [],
        '10m': [
          { severity: 'warning', labels: { namespace: 'shop' }, summary: '3 Services in namespace shop have no endpoint of a family.' },
        ],
      },
    },
  },
  staysSilent: {
    'on Services with fewer endpoints of one family': {
      series: scraped(findings('Warning', '3x60', 'cluster', 'shop', 'EndpointsUnbalanced')),
    },
    'while pods are being replaced': { series: scraped(findings('Critical', '1x4 stale 1x4 stale')) },
  },
  resolves: {
    'when there is an endpoint again': {
      series: scraped(findings('Critical', '1x10 stale')),
      at: {
        '10m': [
          { severity: 'critical', labels: { namespace: 'shop' }, summary: '1 Service in namespace shop has no endpoint of a family.' },
        ],
        '11m': [],
      },
    },
  },
});
