import type { Family } from '../net/addresses.ts';
import { bool, object, objects, string, strings } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind, names } from './kind.ts';
import { METADATA, metadataOf } from './metadata.ts';
import { fields, items, text, texts } from './shapes.ts';

export interface EndpointSliceFacts {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** From the label `kubernetes.io/service-name`; empty where it is not there. */
  readonly serviceName: string;
  /** undefined for FQDN and for what is not known. */
  readonly addressType: Family | undefined;
  /** Whether the endpointslice controller keeps it; mirrored and hand-made slices may be of any family (rules.md#families-of-slices). */
  readonly managed: boolean;
  /** Whether a controller that is not of Kubernetes keeps it, which may serve its endpoints itself: people name no domain (rules.md#who-keeps-a-slice). */
  readonly foreign: boolean;
  /** The ready endpoints, each as its target's uid, else its first address (rules.md#ready-targets). */
  readonly readyTargets: readonly string[];
  /** Whether some endpoint is terminating and still serving: kube-proxy sends traffic there where none is ready. */
  readonly servingTerminating: boolean;
}

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';
const MIRRORING = 'endpointslicemirroring-controller.k8s.io';

/** The address that Cilium gives the Services of its gateways and ingresses, whatever families they have: its proxy serves these (cilium/cilium#19262). */
const PLACEHOLDER = '192.192.192.192';

function factsOf(object: unknown, interner: Interner): EndpointSliceFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { addressType, endpoints } = fields(object);
  const keeper = text(metadata.labels[MANAGED_BY]);
  return {
    kind: 'EndpointSlice',
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.createdAt,
    serviceName: interner.text(text(metadata.labels[SERVICE_NAME])),
    addressType: familyOf(addressType),
    managed: keeper === CONTROLLER,
    foreign: keeper.includes('.') && keeper !== CONTROLLER && keeper !== MIRRORING,
    readyTargets: items(endpoints)
      .map((endpoint) => interner.text(readyTarget(endpoint)))
      .filter((target) => target !== '')
      // A copy takes no more memory than its entries.
      .slice(),
    servingTerminating: items(endpoints).some(isServingTerminating),
  };
}

function familyOf(addressType: unknown): Family | undefined {
  // Constants, of which there is one of each.
  if (addressType === 'IPv4') return 'IPv4';
  return addressType === 'IPv6' ? 'IPv6' : undefined;
}

/** The uid of the pod behind an endpoint, else its first address; empty where it is not ready. No `ready` means ready (rules.md#ready-targets). */
function readyTarget(endpoint: unknown): string {
  const { conditions, targetRef, addresses } = fields(endpoint);
  if (fields(conditions)['ready'] === false) return '';
  const { kind, uid } = fields(targetRef);
  const [address = ''] = texts(addresses);
  if (address === PLACEHOLDER) return '';
  return (kind === 'Pod' && text(uid)) || address;
}

function isServingTerminating(endpoint: unknown): boolean {
  const { ready, serving, terminating } = fields(fields(endpoint)['conditions']);
  return ready === false && serving === true && terminating === true;
}

/** k8s.io/api v0.36.3, discovery/v1. */
export const endpointSlice = defineKind({
  name: 'EndpointSlice',
  resource: {
    group: 'discovery.k8s.io',
    versions: ['v1'],
    plural: 'endpointslices',
    namespaced: true,
    servedBy: 'It is served by Kubernetes 1.21 and newer.',
    since: 21,
  },
  reason: 'Which families the ready endpoints of each Service have.',
  fields: {
    metadata: METADATA,
    endpoints: objects(2, {
      addresses: strings(1),
      conditions: object(2, { ready: bool(1), serving: bool(2), terminating: bool(3) }),
      targetRef: object(4, { kind: string(1), uid: string(4) }),
    }),
    addressType: string(4),
  },
  facts: factsOf,
  key: ({ namespace, name }) => `${namespace}/${name}`,
  links: [names('Service', ({ namespace, serviceName }: EndpointSliceFacts) => [`${namespace}/${serviceName}`])],
});
