import { podDrift } from '../../../monitoring/rules/alerts/pod-drift.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, type Exposed } from '../scraped.ts';

function causes(check: string, severity: string, namespace: string, values: string, report = 'cluster'): Exposed {
  return { metric: 'dualstack_root_causes', labels: { report, check, severity, namespace }, values };
}

describeAlert(podDrift, {
  fires: {
    'as an info on warnings, for each namespace, with the count of the report that has most': {
      series: scraped(
        causes('PodFamilyMissing', 'Warning', 'shop', '0x4 3x60'),
        causes('PodFamilyMissing', 'Warning', 'shop', '0x4 2x60', 'shop'),
        causes('PodFamilyMissing', 'Warning', 'blog', '0x9 1x60'),
      ),
      at: {
        '19m': [],
        '20m': [
          {
            severity: 'info',
            labels: { namespace: 'shop', check: 'PodFamilyMissing' },
            summary: '3 pods in namespace shop: PodFamilyMissing.',
          },
        ],
        '25m': [
          {
            severity: 'info',
            labels: { namespace: 'shop', check: 'PodFamilyMissing' },
            summary: '3 pods in namespace shop: PodFamilyMissing.',
          },
          {
            severity: 'info',
            labels: { namespace: 'blog', check: 'PodFamilyMissing' },
            summary: '1 pod in namespace blog: PodFamilyMissing.',
          },
        ],
      },
    },
    'as a warning where a report says that it is critical': {
      series: scraped(causes('PodFamilyMissing', 'Critical', 'shop', '2x60')),
      externalLabels: { cluster: 'prod' },
      at: {
        '14m': [],
        '15m': [
          {
            severity: 'warning',
            labels: { namespace: 'shop', check: 'PodFamilyMissing' },
            summary: '2 pods in namespace shop of cluster prod: PodFamilyMissing.',
          },
        ],
      },
    },
  },
  staysSilent: {
    'on what their nodes are to blame for': {
      series: scraped(
        causes('NodePodCIDRMissing', 'Critical', '', '1x60'),
        { metric: 'dualstack_pods', labels: { namespace: 'shop', families: 'ipv4' }, values: '23x60' },
        { metric: 'dualstack_single_family_drift', labels: { kind: 'Pod', namespace: 'shop', missing_family: 'IPv6' }, values: '23x60' },
      ),
    },
    'on what is only info': {
      series: scraped({
        metric: 'dualstack_findings',
        labels: { report: 'cluster', check: 'PodFamilyOrder', severity: 'Info', namespace: 'shop' },
        values: '5x60',
      }),
    },
  },
  resolves: {
    'when the pods are replaced': {
      series: scraped(causes('PodFamilyMissing', 'Warning', 'shop', '2x10 1x10 stale')),
      at: {
        '16m': [
          {
            severity: 'info',
            labels: { namespace: 'shop', check: 'PodFamilyMissing' },
            summary: '1 pod in namespace shop: PodFamilyMissing.',
          },
        ],
        '22m': [],
      },
    },
  },
});
