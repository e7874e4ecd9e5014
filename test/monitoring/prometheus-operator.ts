import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1EndpointSlice, V1Secret, V1Service } from '@kubernetes/client-node';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { PrometheusOptions } from '../prometheus/prometheus.ts';

/** The Prometheus that somebody runs with Prometheus Operator. */
export interface Operated {
  readonly controlPlane: ControlPlane;
  /** What its `serviceMonitorSelector` and `ruleSelector` ask for, such as `release=kube-prometheus-stack`. */
  readonly selector: string;
  /** The ports of the processes that stand in for pods, by the names of these: no pod of kwok answers. */
  readonly ports: ReadonlyMap<string, number>;
  /** A factor on how long the expressions of alerts have to be true; 1 by default. */
  readonly forScale?: number;
}

interface ServiceMonitor {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly Endpoint[];
  };
}

/** An endpoint of a ServiceMonitor, as far as those of this project use it. */
interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly honorLabels?: boolean;
  readonly scheme?: string;
  readonly tlsConfig?: { readonly ca: { readonly secret: KeyOfSecret }; readonly serverName: string };
  readonly authorization?: { readonly credentials: KeyOfSecret };
}

interface KeyOfSecret {
  readonly name: string;
  readonly key: string;
}

interface PrometheusRule {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };
}

interface Rule {
  readonly for?: string;
}

const GROUP = '/apis/monitoring.coreos.com/v1';
/** In place of the half minute that a ServiceMonitor and a Prometheus have. */
const INTERVAL = '1s';

/**
 * Plays Prometheus Operator: the configuration and the rules that it makes of the ServiceMonitors and PrometheusRules that are installed, for a Prometheus that
 * finds targets by EndpointSlices. What differs: targets are those of now, since Debian's Prometheus cannot watch Kubernetes; it scrapes and evaluates
 * every second; and it reaches processes in place of pods, and no pod that has none.
 */
export async function operatedPrometheus(operated: Operated): Promise<PrometheusOptions> {
  const monitors = await selected<ServiceMonitor>(operated, `${GROUP}/servicemonitors`, operated.selector);
  const scrapes = monitors.flatMap((monitor) =>
    monitor.spec.endpoints.map((endpoint, index) => scrapeOf(operated, monitor, endpoint, index)),
  );
  const rules = await selected<PrometheusRule>(operated, `${GROUP}/prometheusrules`, operated.selector);
  return {
    config: {
      global: {
        scrape_interval: INTERVAL,
        evaluation_interval: INTERVAL,
        external_labels: { cluster: 'test', prometheus: 'monitoring/prometheus', prometheus_replica: 'prometheus-0' },
      },
      scrape_configs: await Promise.all(scrapes),
    },
    rules: Object.fromEntries(
      rules.map((rule) => [`${rule.metadata.namespace}-${rule.metadata.name}.yaml`, ruleFile(rule, operated.forScale)]),
    ),
  };
}

async function selected<T>({ controlPlane }: Operated, path: string, selector: string): Promise<readonly T[]> {
  const { items } = (await controlPlane.get(`${path}?labelSelector=${encodeURIComponent(selector)}`)) as { readonly items: readonly T[] };
  return items;
}

/** JSON is YAML. */
function ruleFile({ spec }: PrometheusRule, forScale = 1): string {
  const groups = spec.groups.map((group) => ({ ...group, rules: group.rules.map((rule) => scaled(rule, forScale)) }));
  return JSON.stringify({ groups });
}

/** In minutes, as the rules of this project have it. */
function scaled(rule: Rule, by: number): Rule {
  const [, minutes] = /^(\d+)m$/.exec(rule.for ?? '') ?? [];
  return minutes === undefined ? rule : { ...rule, for: `${Math.round(Number(minutes) * 60 * by)}s` };
}

async function scrapeOf(operated: Operated, monitor: ServiceMonitor, endpoint: Endpoint, index: number): Promise<object> {
  const { namespace, name } = monitor.metadata;
  const { scheme = 'http', path, honorLabels = false, tlsConfig, authorization } = endpoint;
  const secret = (from: KeyOfSecret): Promise<string> => valueOf(operated.controlPlane, namespace, from);
  const caFile = join(operated.controlPlane.dir, `${namespace}-${name}-${index}.ca.crt`);
  if (tlsConfig) writeFileSync(caFile, await secret(tlsConfig.ca.secret));
  return {
    job_name: `serviceMonitor/${namespace}/${name}/${index}`,
    honor_labels: honorLabels,
    scheme,
    metrics_path: path,
    ...(tlsConfig && { tls_config: { ca_file: caFile, server_name: tlsConfig.serverName } }),
    ...(authorization && { authorization: { credentials: await secret(authorization.credentials) } }),
    static_configs: await targetsOf(operated, monitor, endpoint),
  };
}

async function valueOf(controlPlane: ControlPlane, namespace: string, { name, key }: KeyOfSecret): Promise<string> {
  const { data } = (await controlPlane.get(`/api/v1/namespaces/${namespace}/secrets/${name}`)) as V1Secret;
  const value = data?.[key];
  // Prometheus Operator leaves a ServiceMonitor out that refers to what is not there.
  if (value === undefined) throw new Error(`the Secret ${namespace}/${name} has no ${key}`);
  return Buffer.from(value, 'base64').toString();
}

/** Each address of each pod behind the Services that a ServiceMonitor selects in its own namespace, with the labels that Prometheus Operator puts on a target. */
async function targetsOf(operated: Operated, { metadata, spec }: ServiceMonitor, { port }: Endpoint): Promise<readonly object[]> {
  const { namespace } = metadata;
  const labels = Object.entries(spec.selector.matchLabels).map(([label, value]) => `${label}=${value}`);
  const services = await selected<V1Service>(operated, `/api/v1/namespaces/${namespace}/services`, labels.join(','));
  const names = services.map((service) => service.metadata?.name ?? '');
  const ofServices = `kubernetes.io/service-name in (${names.join(',')})`;
  const slices = await selected<V1EndpointSlice>(operated, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, ofServices);
  return slices
    .filter(({ ports = [] }) => ports.some(({ name }) => name === port))
    .flatMap((slice) =>
      (slice.endpoints ?? []).flatMap(({ targetRef }) => {
        const pod = targetRef?.name ?? '';
        const inPlace = operated.ports.get(pod);
        if (inPlace === undefined) return [];
        const service = slice.metadata?.labels?.['kubernetes.io/service-name'];
        return {
          targets: [`${slice.addressType === 'IPv6' ? '[::1]' : '127.0.0.1'}:${inPlace}`],
          labels: { namespace, service, job: service, pod, container: 'operator', endpoint: port },
        };
      }),
    );
}
