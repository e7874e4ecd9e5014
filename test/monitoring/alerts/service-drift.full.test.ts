import { serviceDrift } from '../../../monitoring/rules/alerts/service-drift.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function causes(check: string, severity: string, values: string): Exposed {
  return { metric: 'dualstack_root_causes', labels: { report: 'cluster', check, severity, namespace: 'shop' }, values };
}

describeAlert(serviceDrift, {
  fires: {
    'as a warning on critical findings': {
      series: scraped(causes('ServiceRequirementUnmet', 'Critical', '0x4 1x60')),
      at: {
        '19m': [],
        '20m': [
          {
            severity: 'warning',
            labels: { namespace: 'shop', check: 'ServiceRequirementUnmet' },
            summary: '1 Service in namespace shop: ServiceRequirementUnmet.',
          },
        ],
      },
    },
    'as an info on warnings': {
      series: scraped(causes('ServiceNotUpgraded', 'Warning', '4x60')),
      at: {
        '14m': [],
        '15m': [
          {
            severity: 'info',
            labels: { namespace: 'shop', check: 'ServiceNotUpgraded' },
            summary: '4 Services in namespace shop: ServiceNotUpgraded.',
          },
        ],
      },
    },
  },
  staysSilent: {
    'on Services of one family, which is their default': {
      series: scraped(
        {
          metric: 'dualstack_single_family_drift',
          labels: { kind: 'Service', namespace: 'shop', missing_family: 'IPv6' },
          values: '40x60',
        },
        {
          metric: 'dualstack_findings',
          labels: { report: 'cluster', check: 'ServiceSingleStack', severity: 'Info', namespace: 'shop' },
          values: '40x60',
        },
      ),
    },
    'on Services whose nodes or pods are to blame': {
      series: scraped(
        {
          metric: 'dualstack_findings',
          labels: { report: 'cluster', check: 'EndpointsUnbalanced', severity: 'Warning', namespace: 'shop' },
          values: '3x60',
        },
        {
          metric: 'dualstack_root_causes',
          labels: { report: 'cluster', check: 'NodePodCIDRMissing', severity: 'Critical', namespace: '' },
          values: '1x60',
        },
      ),
    },
    'where DualStackServiceWithoutEndpoints fires': {
      series: scraped(causes('EndpointFamilyMissing', 'Critical', '1x60'), causes('EndpointFamilyMissing', 'Warning', '1x60')),
    },
  },
  resolves: {
    'when the Services are fixed': {
      series: scraped(causes('ServiceNotUpgraded', 'Warning', '2x20 stale')),
      at: {
        '20m': [
          {
            severity: 'info',
            labels: { namespace: 'shop', check: 'ServiceNotUpgraded' },
            summary: '2 Services in namespace shop: ServiceNotUpgraded.',
          },
        ],
        '21m': [],
      },
    },
  },
});
