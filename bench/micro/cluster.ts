import type { EndpointSliceFacts, Facts, NodeFacts, PodFacts, ServiceFacts } from '../../src/core/kinds/facts.ts';
import {
  apiServer,
  dualService,
  evaluateAll,
  LONG_AGO,
  node,
  pod,
  service,
  serviceCIDR,
  slicesFor,
  type Evaluated,
} from '../../test/core/build.ts';
import type { Size } from '../options.ts';

/** The size of the limits, and one of a hundredth, with which the first is compared. */
export const LARGE: Size = { nodes: 5_000, pods: 150_000, services: 10_000, namespaces: 200 };
export const SMALL: Size = { nodes: 50, pods: 1_500, services: 100, namespaces: 20 };

/** Of a hundred nodes one has no IPv6 podCIDR, of a hundred pods one has IPv4 only, and of fifty Services one is SingleStack. */
const FAULT_EVERY = 100;
const SERVICE_FAULT_EVERY = 50;
const FAULT = 37;

/** A cluster as facts; the pods of a Service are on different nodes. */
export interface Cluster {
  readonly nodes: readonly NodeFacts[];
  readonly pods: readonly PodFacts[];
  readonly services: readonly ServiceFacts[];
  readonly slices: readonly EndpointSliceFacts[];
}

/** Makes a cluster of some size in which 2 % have faults. */
export function clusterOf({ nodes, pods, services, namespaces }: Size): Cluster {
  const allNodes = numbers(nodes).map((number) => nodeOf(number, hasFault(number) ? 1 : 2));
  const allPods = numbers(pods).map((number) => podOf(number, number % nodes, { services, namespaces }));
  const byService = Map.groupBy(allPods, (_, number) => number % services);
  const allServices = numbers(services).map((number) => serviceOf(number, namespaces));
  const slices = allServices.flatMap((one, number) => slicesFor(one, byService.get(number) ?? []));
  return { nodes: allNodes, pods: allPods, services: allServices, slices };
}

/** A new evaluation that has evaluated the whole cluster. */
export function evaluateCluster({ nodes, pods, services, slices }: Cluster, more: readonly Facts[] = []): Evaluated {
  return evaluateAll([serviceCIDR({ createdAt: LONG_AGO }), apiServer(), ...nodes, ...pods, ...services, ...slices, ...more]);
}

/** @param families how many families its podCIDRs have, IPv4 first */
export function nodeOf(number: number, families: 1 | 2): NodeFacts {
  return node({ name: `worker-${number}`, podCIDRs: [`${ipv4Prefix(number)}.0/24`, `${ipv6Prefix(number)}::/64`].slice(0, families) });
}

/** @param families how many addresses it has, IPv4 first; where it is not said, those that it has in the cluster */
export function podOf(
  number: number,
  onNode: number,
  { services, namespaces }: Pick<Size, 'services' | 'namespaces'>,
  families = hasFault(onNode) || hasFault(number) ? 1 : 2,
): PodFacts {
  const slot = 1 + (number % 250);
  return pod({
    name: `${appOf(number % services)}-${number}`,
    namespace: namespaceOf(number % services, namespaces),
    nodeName: `worker-${onNode}`,
    addresses: [`${ipv4Prefix(onNode)}.${slot}`, `${ipv6Prefix(onNode)}::${slot.toString(16)}`].slice(0, families),
    labels: { app: appOf(number % services), team: namespaceOf(number % services, namespaces) },
  });
}

function serviceOf(number: number, namespaces: number): ServiceFacts {
  const parts = { name: appOf(number), namespace: namespaceOf(number, namespaces), selector: { app: appOf(number) } };
  const ipv4 = `10.96.${number >> 8}.${number & 255}`;
  if (number % SERVICE_FAULT_EVERY === FAULT) return service({ ...parts, clusterIPs: [ipv4] });
  return dualService({ ...parts, clusterIPs: [ipv4, `fd00:10:96::${number.toString(16)}`] });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function hasFault(number: number): boolean {
  return number % FAULT_EVERY === FAULT;
}

function appOf(service: number): string {
  return `app-${service}`;
}

function namespaceOf(service: number, namespaces: number): string {
  return `team-${service % namespaces}`;
}

function ipv4Prefix(node: number): string {
  return `10.${64 + (node >> 8)}.${node & 255}`;
}

function ipv6Prefix(node: number): string {
  return `fd00:10:244:${(node + 1).toString(16)}`;
}
