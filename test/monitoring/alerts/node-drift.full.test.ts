import { nodeDrift } from '../../../monitoring/rules/alerts/node-drift.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function causes(check: string, severity: string, values: string, report = 'cluster'): Exposed {
  return { metric: 'dualstack_root_causes', labels: { report, check, severity, namespace: '' }, values };
}

describeAlert(nodeDrift, {
  fires: {
    'as a warning on critical findings, counted once however many replicas, addresses and reports show them': {
      series: scraped(
        causes('NodePodNetworkFamilyMissing', 'Critical', '0x4 2x60'),
        causes('NodePodNetworkFamilyMissing', 'Critical', '0x4 2x60', 'shop'),
      ),
      at: {
        '19m': [],
        '20m': [
          {
            severity: 'warning',
            labels: { check: 'NodePodNetworkFamilyMissing' },
            summary: '2 findings of NodePodNetworkFamilyMissing on the nodes.',
          },
        ],
      },
    },
    'as an info on warnings, and names the cluster that the Prometheus is of': {
      series: scraped(causes('NodeAddressMissing', 'Warning', '1x60')),
      externalLabels: { cluster: 'prod' },
      at: {
        '14m': [],
        '15m': [
          {
            severity: 'info',
            labels: { check: 'NodeAddressMissing' },
            summary: '1 finding of NodeAddressMissing on the nodes of cluster prod.',
          },
        ],
      },
    },
    'for each cluster of a Prometheus of many': {
      series: scraped(
        ...['north', 'south'].map((cluster) => ({
          ...causes('NodeFamilyOrder', 'Warning', '3x60'),
          labels: { cluster, report: 'cluster', check: 'NodeFamilyOrder', severity: 'Warning', namespace: '' },
        })),
      ),
      at: {
        '14m': [],
        '15m': ['north', 'south'].map((cluster) => ({
          severity: 'info' as const,
          labels: { check: 'NodeFamilyOrder', cluster },
          summary: `3 findings of NodeFamilyOrder on the nodes of cluster ${cluster}.`,
        })),
      },
    },
    'on more nodes without a podCIDR than are to be named': {
      series: scraped(causes('NodePodCIDRMissing', 'Critical', '11x60')),
      at: {
        '14m': [],
        '15m': [
          { severity: 'warning', labels: { check: 'NodePodCIDRMissing' }, summary: '11 findings of NodePodCIDRMissing on the nodes.' },
        ],
      },
    },
    'as an info where most nodes lack a podCIDR, as while they are being replaced for a migration': {
      series: scraped(causes('NodePodCIDRMissing', 'Warning', '1x60')),
      at: {
        '14m': [],
        '15m': [{ severity: 'info', labels: { check: 'NodePodCIDRMissing' }, summary: '1 finding of NodePodCIDRMissing on the nodes.' }],
      },
    },
  },
  staysSilent: {
    'where nodes without a podCIDR have alerts that name them': { series: scraped(causes('NodePodCIDRMissing', 'Critical', '10x60')) },
    'on what is wrong with pods and Services': {
      series: scraped(causes('PodFamilyMissing', 'Warning', '1x60'), causes('ServiceFieldsInconsistent', 'Critical', '1x60')),
    },
    'on what lasts no quarter of an hour, as where nodes come one after the other': {
      series: scraped(causes('NodeAddressMissing', 'Warning', '1x13 stale 1x13 stale 1x13 stale')),
    },
  },
  resolves: {
    'when the findings are gone': {
      series: scraped(causes('NodePodCIDRConflict', 'Critical', '2x20 stale')),
      at: {
        '20m': [
          { severity: 'warning', labels: { check: 'NodePodCIDRConflict' }, summary: '2 findings of NodePodCIDRConflict on the nodes.' },
        ],
        '21m': [],
      },
    },
  },
});
