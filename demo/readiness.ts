import { isIPv6 } from 'node:net';
import type {
  V1DaemonSetList,
  V1DeploymentList,
  V1EndpointSliceList,
  V1NodeList,
  V1Pod,
  V1PodList,
  V1PodSpec,
  V1ServiceCIDR,
  V1ServiceList,
} from '@kubernetes/client-node';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';

/** What the demo looks at of a Node. */
export interface NodeState {
  readonly name: string;
  readonly podCIDRs: readonly string[];
  readonly internalIPs: readonly string[];
  readonly ready: boolean;
}

/** What the demo looks at of a Pod. */
export interface PodState {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
  readonly ready: boolean;
}

/** What the demo looks at of a Service, with the addresses of the ready endpoints of each of its families. */
export interface ServiceState {
  readonly namespace: string;
  readonly name: string;
  readonly families: readonly string[];
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly endpoints: Readonly<Record<string, readonly string[]>>;
}

export interface ClusterState {
  readonly pods: readonly PodState[];
  readonly services: readonly ServiceState[];
}

/** The nodes as the API server has them. */
export async function readNodes(controlPlane: ControlPlane): Promise<readonly NodeState[]> {
  const { items } = (await controlPlane.get('/api/v1/nodes')) as V1NodeList;
  return items.map(({ metadata, spec, status }) => ({
    name: metadata?.name ?? '',
    podCIDRs: spec?.podCIDRs ?? [],
    internalIPs: (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ready: isTrue('Ready', status?.conditions),
  }));
}

/** The CIDRs that Services get their addresses from. */
export async function readServiceRanges(controlPlane: ControlPlane): Promise<readonly string[]> {
  const { spec } = (await controlPlane.get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes')) as V1ServiceCIDR;
  return spec?.cidrs ?? [];
}

/** The pods, and the Services with their endpoints. */
export async function readCluster(controlPlane: ControlPlane): Promise<ClusterState> {
  const pods = (await controlPlane.get('/api/v1/pods')) as V1PodList;
  const services = (await controlPlane.get('/api/v1/services')) as V1ServiceList;
  const slices = (await controlPlane.get('/apis/discovery.k8s.io/v1/endpointslices')) as V1EndpointSliceList;
  return { pods: pods.items.map(podState), services: serviceStates(services, slices) };
}

function podState({ metadata, spec, status }: V1Pod): PodState {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    ...placement(spec),
    addresses: (status?.podIPs ?? []).map(({ ip }) => ip),
    ready: isTrue('Ready', status?.conditions),
  };
}

function placement(spec: V1PodSpec | undefined): Pick<PodState, 'node' | 'hostNetwork'> {
  return { node: spec?.nodeName ?? '', hostNetwork: spec?.hostNetwork ?? false };
}

function serviceStates({ items }: V1ServiceList, slices: V1EndpointSliceList): readonly ServiceState[] {
  return items.map(({ metadata, spec }) => {
    const namespace = metadata?.namespace ?? '';
    const name = metadata?.name ?? '';
    const families = spec?.ipFamilies ?? [];
    const endpoints = families.map((family) => [family, readyEndpoints(slices, namespace, name, family)]);
    return { namespace, name, families, selector: spec?.selector, endpoints: Object.fromEntries(endpoints) as ServiceState['endpoints'] };
  });
}

function readyEndpoints({ items }: V1EndpointSliceList, namespace: string, service: string, family: string): readonly string[] {
  return items
    .filter(({ metadata, addressType }) => metadata?.namespace === namespace && addressType === family)
    .filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready ?? true)
    .flatMap(({ addresses }) => addresses);
}

/** What keeps Deployments and DaemonSets from being complete; empty once all are. */
export async function unreadyWorkloads(controlPlane: ControlPlane): Promise<readonly string[]> {
  const deployments = (await controlPlane.get('/apis/apps/v1/deployments')) as V1DeploymentList;
  const daemonSets = (await controlPlane.get('/apis/apps/v1/daemonsets')) as V1DaemonSetList;
  return [
    ...deployments.items.map(({ metadata, spec, status }) => ({ metadata, wanted: spec?.replicas, ready: status?.readyReplicas })),
    ...daemonSets.items.map(({ metadata, status }) => ({ metadata, wanted: status?.desiredNumberScheduled, ready: status?.numberReady })),
  ]
    .filter(({ wanted, ready }) => !wanted || wanted !== ready)
    .map(({ metadata, wanted, ready }) => `${metadata?.name ?? ''} has ${ready ?? 0} of ${wanted ?? 0} pods ready`);
}

/** The Services whose EndpointSlices do not hold exactly the ready pods that have the family; empty once all do. */
export function unfilledServices({ pods, services }: ClusterState): readonly string[] {
  return services
    .filter((service) => service.families.some((family) => !isFilled(service, family, pods)))
    .map(({ namespace, name }) => `the EndpointSlices of ${namespace}/${name} are not up to date`);
}

function isFilled({ namespace, selector, endpoints }: ServiceState, family: string, pods: readonly PodState[]): boolean {
  if (selector === undefined) return true;
  const selected = pods.filter((pod) => pod.ready && pod.namespace === namespace && matches(selector, pod.labels));
  const addresses = selected.flatMap((pod) => pod.addresses).filter((address) => isIPv6(address) === (family === 'IPv6'));
  const present = new Set(endpoints[family]);
  return present.size === addresses.length && addresses.every((address) => present.has(address));
}

function matches(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function isTrue(type: string, conditions: readonly { readonly type: string; readonly status: string }[] = []): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}
