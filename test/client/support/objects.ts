/** Objects as the API server gives them in JSON, with the fields that matter here and some that do not. */
export interface Raw {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

const LONG_AGO = '2026-05-01T12:00:00Z';

function metadataOf(name: string, namespace?: string): Raw['metadata'] {
  return { name, ...(namespace ? { namespace } : {}), uid: `uid-${name}`, resourceVersion: '7', creationTimestamp: LONG_AGO };
}

const ADDRESSES = ['192.0.2.1', '2001:db8::1'];

export interface NodeParts {
  readonly addresses?: readonly string[];
  readonly type?: string;
  readonly podCIDRs?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A node with addresses and podCIDRs of both families, of its own: the first letter of its name makes the difference. */
export function rawNode(
  name: string,
  { addresses = ADDRESSES, type = 'InternalIP', podCIDRs = podCIDRsOf(name), annotations }: NodeParts = {},
): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadataOf(name), ...(annotations ? { annotations } : {}) },
    spec: { podCIDR: podCIDRs[0] ?? '', podCIDRs },
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        ...addresses.map((address, index) => ({ type: index === 0 ? 'InternalIP' : type, address })),
      ],
      nodeInfo: { operatingSystem: 'linux' },
    },
  };
}

export function podCIDRsOf(nodeName: string): readonly [string, string] {
  const number = nodeName.charCodeAt(0) - 96;
  return [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`];
}

export interface PodParts {
  readonly nodeName?: string;
  readonly app?: string;
  readonly podIPs?: readonly string[];
  readonly hostIPs?: readonly string[];
  readonly hostNetwork?: boolean;
}

/** A ready pod on node `a` with addresses of both families. */
export function rawPod(
  name: string,
  { nodeName = 'a', app = name, hostNetwork = false, hostIPs = ADDRESSES, ...parts }: PodParts = {},
): Raw {
  const number = nodeName.charCodeAt(0) - 96;
  const podIPs = parts.podIPs ?? (hostNetwork ? ADDRESSES : [`10.244.${number}.7`, `fd00:10:244:${number}::7`]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadataOf(name, 'shop'), labels: { app }, ownerReferences: [{ kind: 'ReplicaSet', name: app, controller: true }] },
    spec: { nodeName, hostNetwork, containers: [] },
    status: {
      phase: 'Running',
      startTime: LONG_AGO,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: LONG_AGO }],
      hostIP: hostIPs[0] ?? '',
      hostIPs: hostIPs.map((ip) => ({ ip })),
      podIP: podIPs[0] ?? '',
      podIPs: podIPs.map((ip) => ({ ip })),
    },
  };
}

const DUAL = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] };

/** A Service that requires both families and has them, without a selector. */
export function rawService(name: string, spec: Readonly<Record<string, unknown>> = {}, status: unknown = { loadBalancer: {} }): Raw {
  const clusterIPs = ['10.96.0.10', 'fd00:10:96::10'];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(name, 'shop'),
    spec: { type: 'ClusterIP', ...DUAL, clusterIP: clusterIPs[0], clusterIPs, ports: [{ port: 80 }], ...spec },
    status,
  };
}

/** A slice that the endpointslice controller keeps for a Service, with these endpoints. */
export function rawSlice(service: string, addressType: string, endpoints: readonly unknown[]): Raw {
  const labels = { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadataOf(`${service}-${addressType.toLowerCase()}`, 'shop'), labels },
    addressType,
    endpoints,
  };
}

/** A ready endpoint of a pod. */
export function rawEndpoint(pod: string, ...addresses: readonly string[]): object {
  return {
    addresses,
    conditions: { ready: true, serving: true },
    targetRef: { kind: 'Pod', namespace: 'shop', name: pod, uid: `uid-${pod}` },
  };
}

export function rawServiceCIDR(...cidrs: readonly string[]): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: metadataOf('kubernetes'),
    spec: { cidrs },
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: LONG_AGO }] },
  };
}

/** A dual-stack cluster on which nothing is wrong: four nodes, of which the last has no pods, and a Service with three. */
export function soundObjects(): readonly Raw[] {
  const pods = ['a', 'b', 'c'].map((nodeName) => rawPod(`web-${nodeName}`, { nodeName, app: 'web' }));
  const endpoints = (...addresses: readonly string[]): object[] =>
    ['a', 'b', 'c'].map((nodeName) => rawEndpoint(`web-${nodeName}`, ...addresses));
  return [
    ...['a', 'b', 'c', 'd'].map((name) => rawNode(name)),
    ...pods,
    rawService('web', { selector: { app: 'web' } }),
    rawSlice('web', 'IPv4', endpoints('10.244.1.7')),
    rawSlice('web', 'IPv6', endpoints('fd00:10:244:1::7')),
    rawServiceCIDR('10.96.0.0/16', 'fd00:10:96::/112'),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { ...metadataOf('shop'), labels: { team: 'one' } } },
  ];
}

/** The objects, with those of another list in place of what they are called alike. */
export function replaced(objects: readonly Raw[], others: readonly Raw[]): readonly Raw[] {
  const key = ({ kind, metadata }: Raw): string => JSON.stringify([kind, metadata['namespace'], metadata['name']]);
  return [...new Map([...objects, ...others].map((object) => [key(object), object])).values()];
}
