import type { DualStackReportStatus } from '../../src/core/report/types.ts';
import { dualNodes, dualService, evaluateAll, ipv4Node, node, NOW, pod, podCIDRsOf, service, serviceCIDR } from '../core/build.ts';
import { metricsOf, reportNamed, scrapeOf } from '../server/metrics/exposed.ts';

/** A metric that the operator exposes, under the name of its series. */
export interface ExposedMetric {
  readonly labels: readonly string[];
  /** The values of a label, of which a small cluster with faults and one report makes an example each. */
  values(label: string): ReadonlySet<string>;
}

const CONDITION = { reason: 'R', message: 'm', lastTransitionTime: '2026-06-01T12:00:00Z' } as const;
const STATUS: DualStackReportStatus = {
  lastEvaluationTime: '2026-06-01T12:00:00Z',
  migration: { stage: 'PodNetwork', message: 'm' },
  conditions: (['Ready', 'Healthy', 'NodesHealthy', 'PodsHealthy', 'ServicesHealthy'] as const).map((type) => ({
    type,
    status: 'True',
    ...CONDITION,
  })),
};

/** What a histogram's series are called beside its name, with the labels that only these have. */
const OF_HISTOGRAMS = [
  ['_bucket', ['le']],
  ['_sum', []],
  ['_count', []],
] as const;

/** All metrics that the operator exposes, by the names of their series; those on request too. */
export async function exposedMetrics(): Promise<ReadonlyMap<string, ExposedMetric>> {
  const metrics = metricsOf({ perService: true, perNode: true });
  Array.from(metrics.update(scrapeOf(evaluateAll(faultyCluster()), { reports: [reportNamed('cluster', {}, STATUS)] })));
  const observer = metrics.reflectors.observer('Pod', () => NOW);
  observer.onState('watching');
  observer.onListed('stream', 1, 1);
  observer.onError('network');
  metrics.onEvaluated(1);
  const text = await metrics.text();
  const exposed = new Map<string, ExposedMetric>();
  for (const { name, type } of await metrics.registry.getMetricsAsJSON()) {
    const { labelNames = [] } = metrics.registry.getSingleMetric(name) as unknown as { readonly labelNames?: readonly string[] };
    // prom-client's enumeration of types comes as strings.
    const parts = String(type) === 'histogram' ? OF_HISTOGRAMS : ([['', []]] as const);
    for (const [suffix, more] of parts)
      exposed.set(name + suffix, { labels: [...labelNames, ...more], values: valuesIn(text, name + suffix) });
  }
  return exposed;
}

/** One with findings of every severity. */
function faultyCluster(): Parameters<typeof evaluateAll>[0] {
  const narrow = node({ name: 'd', addresses: ['192.0.2.4'], podCIDRs: podCIDRsOf('d') });
  return [...dualNodes('a', 'b'), ipv4Node('c'), narrow, pod(), service(), dualService({ name: 'dual' }), serviceCIDR()];
}

function valuesIn(text: string, name: string): (label: string) => ReadonlySet<string> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return (label) =>
    new Set(lines.map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1]).filter((value) => value !== undefined));
}
