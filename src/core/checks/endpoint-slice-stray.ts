import { listOf } from '../net/addresses.ts';
import type { EndpointSliceFacts, ServiceFacts } from '../kinds/facts.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#families-of-slices. */
export const endpointSliceStray: ServiceCheck = {
  name: 'EndpointSliceStray',
  kind: 'Service',
  severity: 'Info',
  description: 'A Service has an EndpointSlice of a family that the Service does not have, managed by the endpointslice controller.',
  rationale:
    'The controller removes the slices of a family that a Service no longer has (kubernetes/kubernetes#94505, #94673). If one ' +
    'remains, the controller missed it, and software that reads slices by Service continues to use its addresses. Mirrored and ' +
    'hand-made slices may have any family.',
  remediation: 'Delete the slice; the controller makes those that are needed.',
  needs: ['Service', 'EndpointSlice'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  const strays = straysOf(service, view);
  const since = strays.reduce((first, { createdAt }) => Math.min(first, createdAt), Infinity);
  return violation(listOf(strays.map(({ addressType }) => addressType)), Math.max(since, service.changedAt) + view.grace.pod);
}

function straysOf(service: ServiceFacts, view: ClusterView): EndpointSliceFacts[] {
  if (service.type === 'ExternalName' || service.deleting || service.selector.length === 0) return [];
  if (service.ipFamilies.length === 0) return [];
  return [...view.slicesOf(service)]
    .filter(({ managed, addressType }) => managed && addressType !== undefined && !service.ipFamilies.includes(addressType))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const names = straysOf(service, view).map(({ name }) => name);
  return {
    message: `Service ${service.namespace}/${service.name} is not of ${families.join()}, and the endpointslice controller still keeps ${names.join(', ')}`,
    remediation: {
      summary: endpointSliceStray.remediation,
      steps: [
        {
          description: `Delete what is left over. The Service has no address of ${families.join()}, so no client of it uses these slices.`,
          command: `kubectl delete endpointslice ${names.join(' ')} --namespace ${service.namespace}`,
          disruption: 'None',
        },
      ],
    },
  };
}
