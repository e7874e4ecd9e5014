import type { Admin, Written } from './admin.ts';

/** The kinds that facts come from. */
export const KINDS = ['Node', 'Pod', 'Service', 'EndpointSlice', 'ServiceCIDR', 'Namespace'] as const;
export type Kind = (typeof KINDS)[number];

/** The plural of each kind, as paths have it. */
export const PLURALS: Readonly<Record<Kind, string>> = {
  Node: 'nodes',
  Pod: 'pods',
  Service: 'services',
  EndpointSlice: 'endpointslices',
  ServiceCIDR: 'servicecidrs',
  Namespace: 'namespaces',
};

const COLLECTIONS: Readonly<Record<Kind, string>> = {
  Node: '/api/v1/nodes',
  Pod: '/api/v1/namespaces/default/pods',
  Service: '/api/v1/namespaces/default/services',
  EndpointSlice: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  ServiceCIDR: '/apis/networking.k8s.io/v1/servicecidrs',
  Namespace: '/api/v1/namespaces',
};

/** Which of a few ways an object looks: each makes other facts. */
export type Look = 0 | 1 | 2;

/** Numbers may be of any size, and addresses come again. */
const ADDRESSES = 250;
const part = (n: number): number => n % ADDRESSES;
const V4 = (n: number): string => `10.244.${part(n)}.7`;
const V6 = (n: number): string => `fd00:10:244:a${part(n)}::7`;

/**
 * A cluster without controllers, of which a test writes every object itself: a few names of each kind, each object in one of three looks.
 */
export class Objects {
  readonly #admin: Admin;
  readonly #uids = new Map<string, string>();

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  /** Creates an object, or changes it where it is there. */
  async put(kind: Kind, number: number, look: Look): Promise<void> {
    const name = nameOf(kind, number);
    const path = `${COLLECTIONS[kind]}/${name}`;
    if (this.#uids.has(path)) await this.#change(kind, path, number, look);
    else this.#uids.set(path, (await this.#create(kind, number, look)).metadata.uid);
  }

  /** Deletes an object, if it is there. */
  async delete(kind: Kind, number: number): Promise<void> {
    const path = `${COLLECTIONS[kind]}/${nameOf(kind, number)}`;
    if (!this.#uids.delete(path)) return;
    await this.#admin.delete(path);
    // There is no namespace controller to do it.
    if (kind === 'Namespace') await this.#admin.replace(`${path}/finalize`, { ...namespaceOf(number, 0), spec: { finalizers: [] } });
  }

  /** Deletes all that this has made. */
  async clear(): Promise<void> {
    for (const path of [...this.#uids.keys()]) {
      const kind = KINDS.find(
        (each) => path.startsWith(`${COLLECTIONS[each]}/`) && path.split('/').length === COLLECTIONS[each].split('/').length + 1,
      )!;
      await this.delete(kind, Number(path.slice(path.lastIndexOf('-') + 1)));
    }
  }

  async #create(kind: Kind, number: number, look: Look): Promise<Written> {
    const written = await this.#admin.create(COLLECTIONS[kind], this.#objectOf(kind, number, look));
    if (kind === 'Pod') await this.#admin.merge(`${COLLECTIONS.Pod}/${written.metadata.name}/status`, podStatus(number, look));
    return written;
  }

  async #change(kind: Kind, path: string, number: number, look: Look): Promise<void> {
    if (kind === 'Pod') await this.#admin.merge(`${path}/status`, podStatus(number, look));
    else if (kind === 'Node') await this.#admin.merge(`${path}/status`, { status: nodeStatus(number, look) });
    // Its CIDRs are for ever, and its families go with the address type.
    else if (kind === 'ServiceCIDR' || kind === 'EndpointSlice') await this.#recreate(kind, path, number, look);
    else await this.#admin.merge(path, changeOf(kind, number, look));
  }

  async #recreate(kind: Kind, path: string, number: number, look: Look): Promise<void> {
    await this.#admin.delete(path);
    this.#uids.set(path, (await this.#create(kind, number, look)).metadata.uid);
  }

  #objectOf(kind: Kind, number: number, look: Look): object {
    switch (kind) {
      case 'Node':
        return nodeOf(number, look);
      case 'Pod':
        return podOf(number, look);
      case 'Service':
        return serviceOf(number, look);
      case 'EndpointSlice':
        return this.#sliceOf(number, look);
      case 'ServiceCIDR':
        return {
          apiVersion: 'networking.k8s.io/v1',
          kind,
          metadata: { name: nameOf(kind, number) },
          spec: { cidrs: look === 0 ? [`10.97.${part(number)}.0/24`] : [`10.97.${part(number)}.0/24`, `fd00:97:a${part(number)}::/112`] },
        };
      case 'Namespace':
        return namespaceOf(number, look);
    }
  }

  #sliceOf(number: number, look: Look): object {
    const uid = this.#uids.get(`${COLLECTIONS.Pod}/${nameOf('Pod', number)}`);
    const targetRef = uid === undefined ? {} : { targetRef: { kind: 'Pod', name: nameOf('Pod', number), namespace: 'default', uid } };
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: nameOf('EndpointSlice', number),
        labels: {
          'kubernetes.io/service-name': nameOf('Service', number),
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
      },
      addressType: look === 1 ? 'IPv6' : 'IPv4',
      endpoints: [{ addresses: [look === 1 ? V6(number) : V4(number)], conditions: { ready: look !== 2 }, ...targetRef }],
    };
  }
}

function nameOf(kind: Kind, number: number): string {
  return `${kind.toLowerCase()}-${number}`;
}

function nodeOf(number: number, look: Look): object {
  const podCIDRs = look === 0 ? [`10.244.${part(number)}.0/24`] : [`10.244.${part(number)}.0/24`, `fd00:10:244:a${part(number)}::/64`];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nameOf('Node', number), labels: { 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: podCIDRs[0], podCIDRs },
    status: nodeStatus(number, look),
  };
}

function nodeStatus(number: number, look: Look): object {
  const addresses = [`192.168.1.${part(number) + 1}`, ...(look === 2 ? [] : [`fd12::${part(number) + 1}`])];
  return { addresses: [...addresses.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: `h-${number}` }] };
}

function podOf(number: number, look: Look): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nameOf('Pod', number), namespace: 'default', labels: { app: `app-${number}` } },
    spec: { nodeName: nameOf('Node', number % 3), hostNetwork: look === 2, containers: [{ name: 'c', image: 'i' }] },
  };
}

function podStatus(number: number, look: Look): object {
  const ips = look === 0 ? [V4(number)] : [V4(number), V6(number)];
  return {
    status: {
      phase: look === 2 ? 'Pending' : 'Running',
      startTime: '2026-01-01T00:00:00Z',
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' }],
    },
  };
}

function serviceOf(number: number, look: Look): object {
  const { spec } = changeOf('Service', number, look) as { readonly spec: object };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: nameOf('Service', number) }, spec: { ports: [{ port: 80 }], ...spec } };
}

function namespaceOf(number: number, look: Look): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf('Namespace', number), labels: { look: `${look}` } } };
}

/** A merge patch that gives an object of a kind whose spec may change another look. */
function changeOf(kind: 'Service' | 'Namespace', number: number, look: Look): object {
  if (kind === 'Namespace') return { metadata: { labels: { look: `${look}` } } };
  const app = look === 2 ? 'none' : `app-${number}`;
  return { spec: { selector: { app }, ipFamilyPolicy: look === 0 ? 'SingleStack' : 'PreferDualStack' } };
}
