/** A series as `promtool test rules` takes it. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** What a replica exposes. */
export interface Exposed {
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** As `promtool test rules` writes them, such as `0x5 1x30`: five times 0 after the first, thirty times 1 after the first. */
  readonly values: string;
}

const REPLICAS = [
  { pod: 'dualstack-operator-5d9c7b6f4-8xk2p', addresses: ['10.244.1.7:8080', '[fd00:10:244:1::7]:8080'] },
  { pod: 'dualstack-operator-5d9c7b6f4-t4zvn', addresses: ['10.244.2.9:8080', '[fd00:10:244:2::9]:8080'] },
] as const;

/**
 * The series that Prometheus has of metrics that two replicas expose alike: each is scraped by IPv4 and by IPv6, since the Service of the metrics has
 * an EndpointSlice of both, with the labels that Prometheus Operator puts on a target, and `honorLabels: true`.
 */
export function scraped(...exposed: readonly Exposed[]): readonly InputSeries[] {
  return [...scrapedFrom(0, ...exposed), ...scrapedFrom(1, ...exposed)];
}

/** The same of metrics that one of the two replicas exposes. */
export function scrapedFrom(replica: 0 | 1, ...exposed: readonly Exposed[]): readonly InputSeries[] {
  const { pod, addresses } = REPLICAS[replica];
  return exposed.flatMap(({ metric, labels = {}, values }) =>
    addresses.map((instance) => ({ series: seriesOf(metric, { ...targetLabels(pod, instance), ...labels }), values })),
  );
}

/** What a target has that `honorLabels` does not keep from a metric with a label of the same name, be that empty. */
function targetLabels(pod: string, instance: string): Readonly<Record<string, string>> {
  const service = 'dualstack-operator';
  return { namespace: 'dualstack-system', service, pod, instance, job: service, endpoint: 'metrics', container: 'operator' };
}

function seriesOf(metric: string, labels: Readonly<Record<string, string>>): string {
  const present = Object.entries(labels).filter(([, value]) => value !== '');
  return `${metric}{${present.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
}
