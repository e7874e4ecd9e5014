import { SELECTED_PODS } from '../cluster/reach.ts';
import { joinWithOr, familyWords, isDual, listOf, type Family, type FamilyList } from '../net/addresses.ts';
import type { PodFacts, ServiceFacts } from '../kinds/facts.ts';
import { oneFamilyNodes, oneFamilyReason } from '../cluster/one-family-nodes.ts';
import { familiesSettledAt } from '../cluster/pod-grace.ts';
import type { Parameter } from '../cluster/parameters.ts';
import { restartPodsOf, showSlices } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { violation, type Description, type ServiceCheck, type Violation } from './check.ts';

const TOLERANCE: Parameter = {
  name: 'tolerancePercent',
  type: 'integer',
  default: 0,
  minimum: 0,
  maximum: 99,
  description: 'How many of the ready pods of a Service, in percent, may be missing in one family without a finding.',
};

/** rules.md#ready-targets, KEP-563. */
export const endpointsUnbalanced: ServiceCheck = {
  name: 'EndpointsUnbalanced',
  kind: 'Service',
  severity: 'Warning',
  description: 'A Service has ready endpoints of its families, but some of its ready pods are missing in one family.',
  rationale:
    'EndpointSlices omit pods that lack a family, so the clients of this family share fewer pods. The check compares the sets of ' +
    'targets, because equal counts can hide one IPv4-only and one IPv6-only pod (KEP-563). A Service with one family omits ready ' +
    'pods that have only the other. The finding is Info if all of these pods are on virtual nodes, on Windows nodes or on nodes ' +
    'that are being deleted.',
  remediation: 'Fix the pods that lack the family, or their nodes.',
  needs: ['Service', 'EndpointSlice', 'Pod'],
  parameters: [TOLERANCE],
  evaluate,
  describe,
  causedThrough: SELECTED_PODS,
  metrics: ['service_endpoints_unbalanced'],
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.deleting || service.type === 'ExternalName') return undefined;
  const { pods, ready, families } = lost(service, view);
  const tolerated = Math.floor((ready * view.valueOf(TOLERANCE)) / 100);
  if (pods.length <= tolerated) return undefined;
  // Slices follow their pods with a delay, and pods may wait for their node, so the first pod that counts and is not tolerated decides.
  const endsOfGrace = pods.map((pod) => Math.max(pod.readySince + view.grace.pod, familiesSettledAt(pod, families, view)));
  const due = endsOfGrace.sort((a, b) => a - b)[tolerated] ?? 0;
  const explained = pods.every((pod) => oneFamilyReason(pod, view) !== undefined);
  return violation(families, Math.max(due, service.changedAt + view.grace.pod), explained ? 'Info' : undefined);
}

/** The running pods that are among the targets of one family of a Service and not of another one that has targets, and these families. */
interface Lost {
  readonly pods: readonly PodFacts[];
  /** How many ready pods the Service has, these included. */
  readonly ready: number;
  readonly families: FamilyList;
}

const NOTHING_LOST: Lost = { pods: [], ready: 0, families: listOf([]) };

function lost(service: ServiceFacts, view: ClusterView): Lost {
  return isDual(service.ipFamilies) ? lostToOneFamily(service, view) : lostAltogether(service, view);
}

function lostToOneFamily(service: ServiceFacts, view: ClusterView): Lost {
  const ipv4 = view.readyTargets(service, 'IPv4');
  const ipv6 = view.readyTargets(service, 'IPv6');
  if (ipv4.size === 0 || ipv6.size === 0) return NOTHING_LOST;
  const missing = new Set<Family>();
  const pods: PodFacts[] = [];
  let ready = 0;
  // A target that is no longer a running pod will be gone from the slices of both families in a moment.
  for (const pod of view.podsSelectedBy(service)) {
    if (pod.state !== 'Running' || !(ipv4.has(pod.uid) || ipv6.has(pod.uid))) continue;
    ready += 1;
    if (ipv4.has(pod.uid) === ipv6.has(pod.uid)) continue;
    missing.add(ipv4.has(pod.uid) ? 'IPv6' : 'IPv4');
    pods.push(pod);
  }
  return { pods, ready, families: listOf([...missing].sort()) };
}

/** Ready pods that only have the other family, while the Service has endpoints. */
function lostAltogether(service: ServiceFacts, view: ClusterView): Lost {
  const [family] = service.ipFamilies;
  if (!family || view.readyTargets(service, family).size === 0) return NOTHING_LOST;
  const ready = readyPods(service, view);
  const pods = ready.filter(({ families }) => families.length > 0 && !families.includes(family));
  return { pods, ready: ready.length, families: pods.length > 0 ? service.ipFamilies : NOTHING_LOST.families };
}

function readyPods(service: ServiceFacts, view: ClusterView): readonly PodFacts[] {
  return [...view.podsSelectedBy(service)].filter((pod) => pod.state === 'Running' && pod.ready);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const { pods } = lost(service, view);
  const nodes = oneFamilyNodes(pods, view);
  const where = nodes === '' ? '' : `: ${counted(pods.length, 'pod')} of it ${pods.length === 1 ? 'is' : 'are'} on ${nodes}`;
  return {
    message: `Service ${service.namespace}/${service.name} ${countWords(service, pods, view)}${where}`,
    remediation: {
      summary:
        nodes === ''
          ? `Give the pods without ${familyWords(families)} this family.`
          : `Nothing, if these nodes give one family on purpose; otherwise run these pods on nodes that give ${familyWords(families)}.`,
      steps: nodes === '' ? [showSlices(service), restartPodsOf(families)] : [showSlices(service)],
    },
  };
}

function countWords(service: ServiceFacts, pods: readonly PodFacts[], view: ClusterView): string {
  if (!isDual(service.ipFamilies)) {
    const ready = readyPods(service, view).length;
    return `is ${familyWords(service.ipFamilies)} only, and ${pods.length} of its ${ready} ready pods ${pods.length === 1 ? 'has' : 'have'} no ${joinWithOr(service.ipFamilies)} address`;
  }
  const ipv4 = view.readyTargets(service, 'IPv4').size;
  const ipv6 = view.readyTargets(service, 'IPv6').size;
  return `has ${counted(ipv4, 'ready IPv4 endpoint')} and ${counted(ipv6, 'ready IPv6 endpoint')}, and the ready pods differ by family`;
}
