import type { Family } from '../../core/addresses.ts';
import type { EndpointSliceFacts } from '../../core/facts.ts';
import { fields, items, text, texts } from '../wire/shapes.ts';
import { metadataOf } from './metadata.ts';
import type { Projection } from './projection.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';

export const projectEndpointSlice: Projection<EndpointSliceFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { addressType, endpoints } = fields(object);
  return {
    kind: 'EndpointSlice',
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.createdAt,
    serviceName: interner.text(text(metadata.labels[SERVICE_NAME])),
    addressType: familyOf(addressType),
    managed: metadata.labels[MANAGED_BY] === CONTROLLER,
    readyTargets: items(endpoints)
      .map((endpoint) => interner.text(readyTarget(endpoint)))
      .filter((target) => target !== '')
      // A copy takes no more memory than its entries.
      .slice(),
  };
};

function familyOf(addressType: unknown): Family | undefined {
  // Constants, of which there is one of each.
  if (addressType === 'IPv4') return 'IPv4';
  return addressType === 'IPv6' ? 'IPv6' : undefined;
}

/** The uid of the pod behind an endpoint, else its first address; empty where it is not ready. No `ready` means ready (rule E3). */
function readyTarget(endpoint: unknown): string {
  const { conditions, targetRef, addresses } = fields(endpoint);
  if (fields(conditions)['ready'] === false) return '';
  const { kind, uid } = fields(targetRef);
  return (kind === 'Pod' && text(uid)) || (texts(addresses)[0] ?? '');
}
