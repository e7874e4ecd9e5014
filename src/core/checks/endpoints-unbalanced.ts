import { familyWords, isDual, listOf, type Family } from '../addresses.ts';
import { SELECTED_PODS } from '../cluster/reach.ts';
import type { ServiceFacts } from '../facts.ts';
import { restartPodsOf, showSlices } from '../remedies.ts';
import type { ClusterView } from '../view.ts';
import { counted } from '../words.ts';
import { lacking, type Description, type ServiceCheck, type Verdict } from './check.ts';

/** Rule E3, KEP-563. */
export const endpointsUnbalanced: ServiceCheck = {
  name: 'EndpointsUnbalanced',
  kind: 'Service',
  severity: 'Warning',
  description: 'A dual-stack Service has ready endpoints of both families, but not of the same pods.',
  rationale:
    'Pods that lack a family are left out of its EndpointSlices, so the clients of this family share fewer pods. The sets of targets are compared, since ' +
    'equal counts can hide one IPv4-only and one IPv6-only pod (KEP-563).',
  remediation: 'Fix the pods that lack the family, or their nodes.',
  needs: ['Service', 'EndpointSlice', 'Pod'],
  evaluate,
  describe,
  causedThrough: SELECTED_PODS,
  metrics: ['service_endpoints_unbalanced'],
};

function evaluate(service: ServiceFacts, view: ClusterView): Verdict | undefined {
  if (!isDual(service.ipFamilies) || service.deleting) return undefined;
  const ipv4 = view.readyTargets(service, 'IPv4');
  const ipv6 = view.readyTargets(service, 'IPv6');
  if (ipv4.size === 0 || ipv6.size === 0) return undefined;
  const missing = new Set<Family>();
  let earliest = Infinity;
  // A target that is no longer a running pod will be gone from the slices of both families in a moment.
  for (const pod of view.podsSelectedBy(service)) {
    if (pod.state !== 'Running' || ipv4.has(pod.uid) === ipv6.has(pod.uid)) continue;
    missing.add(ipv4.has(pod.uid) ? 'IPv6' : 'IPv4');
    // Slices follow their pods with a delay, so the pod that has waited longest decides.
    earliest = Math.min(earliest, pod.readySince);
  }
  return lacking(listOf([...missing].sort()), Math.max(earliest, service.changedAt) + view.grace.pod);
}

function describe(service: ServiceFacts, { families }: Verdict, view: ClusterView): Description {
  const ipv4 = view.readyTargets(service, 'IPv4').size;
  const ipv6 = view.readyTargets(service, 'IPv6').size;
  return {
    message: `Service ${service.namespace}/${service.name} has ${counted(ipv4, 'ready IPv4 endpoint')} and ${counted(ipv6, 'ready IPv6 endpoint')}, not of the same pods`,
    remediation: {
      summary: `Give the pods without ${familyWords(families)} this family.`,
      steps: [showSlices(service), restartPodsOf(families)],
    },
  };
}
