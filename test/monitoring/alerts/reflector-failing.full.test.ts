import { reflectorFailing } from '../../../monitoring/rules/alerts/reflector-failing.ts';
import { describeAlert } from '../rule-tests.ts';
import { scraped, scrapedFrom, type Exposed } from '../scraped.ts';

function state(source: string, is: string, values: string): Exposed {
  return { metric: 'dualstack_reflector_state', labels: { source, state: is }, values };
}

function errors(reason: string, values: string, source = 'Pod'): Exposed {
  return { metric: 'dualstack_reflector_errors_total', labels: { source, reason }, values };
}

const PODS = {
  severity: 'warning',
  labels: { source: 'Pod' },
  summary: 'dualstack-operator cannot list or watch the source Pod.',
} as const;
const PODS_OF_PROD = { ...PODS, summary: 'dualstack-operator of cluster prod cannot list or watch the source Pod.' };

describeAlert(reflectorFailing, {
  fires: {
    'on a source that one of two replicas does not watch, whatever it does instead': {
      series: [
        ...scrapedFrom(0, state('Pod', 'watching', '1x60')),
        ...scrapedFrom(
          1,
          state('Pod', 'watching', '1x4 0x60'),
          state('Pod', 'listing', '0x4 1x5 0x5 1x60'),
          state('Pod', 'waiting', '0x10 1x5 0x60'),
        ),
        ...scraped(state('Node', 'watching', '1x60')),
      ],
      externalLabels: { cluster: 'prod' },
      at: { '14m': [], '15m': [PODS_OF_PROD] },
    },
    'on a source that may not be read': {
      series: scraped(state('Pod', 'watching', '0x60'), state('Pod', 'unavailable', '1x60')),
      at: { '9m': [], '10m': [PODS] },
    },
    'on watches that break off again and again, whatever the reasons': {
      series: scraped(state('Pod', 'watching', '1x90'), errors('network', '0x4 0.5+0.5x60'), errors('api 500', '0x4 0.5+0.5x60')),
      at: { '15m': [], '40m': [PODS] },
    },
  },
  staysSilent: {
    'where a ServiceCIDR is nothing that the API server knows, however often it is asked': {
      series: scraped(
        state('servicecidrs.networking.k8s.io', 'watching', '0x60'),
        state('servicecidrs.networking.k8s.io', 'unavailable', '1x60'),
        errors('api 404', '0+1x60', 'servicecidrs.networking.k8s.io'),
      ),
    },
    'while the API server restarts': {
      series: scraped(state('Pod', 'watching', '1x10 0x3 1x60'), errors('network', '0x10 2x1 5x60')),
    },
    'while a big list takes its time': { series: scraped(state('Pod', 'watching', '0x9 1x60'), state('Pod', 'listing', '1x9 0x60')) },
    'where the operator is absent, of which there is another alert': {
      series: scraped(state('Pod', 'watching', '1x10 stale'), errors('network', '0+5x10 stale')),
    },
    'on a failure now and then': { series: scraped(state('Pod', 'watching', '1x60'), errors('silent', '0+0.5x60')) },
  },
  resolves: {
    'when it is watched again': {
      series: scraped(state('Pod', 'watching', '0x20 1x20')),
      at: { '20m': [PODS], '21m': [] },
    },
    'when watches hold again': {
      series: scraped(state('Pod', 'watching', '1x90'), errors('network', '0+2x40 80x40')),
      at: { '40m': [PODS], '60m': [] },
    },
  },
});
