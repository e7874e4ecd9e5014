import { joinWithOr, familyWords, listOf, overlap, type Family, type FamilyList } from '../net/addresses.ts';
import { SELECTED_PODS } from '../cluster/reach.ts';
import type { PodFacts, ServiceFacts } from '../kinds/facts.ts';
import { familiesSettledAt } from '../cluster/pod-grace.ts';
import { areAllSimulated, areAllVirtual, oneFamilyNodes } from '../cluster/one-family-nodes.ts';
import { restartPodsOf, showSlices } from './remedies.ts';
import { requestForOneFamily } from './requested-family.ts';
import { patchService } from './service-fixes.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { violation, type Description, type ServiceCheck, type Severity, type Violation } from './check.ts';

/** rules.md#families-of-slices, #pods-without-a-family-are-omitted, #primary-family-of-a-service. */
export const endpointFamilyMissing: ServiceCheck = {
  name: 'EndpointFamilyMissing',
  kind: 'Service',
  severity: 'Critical',
  description: 'A Service has a family without any ready endpoint, although pods that it selects are ready.',
  rationale:
    'The endpointslice controller omits pods that lack the family, without an error (KEP-563). Every client of this family then ' +
    'gets an error, and clients of the other family notice nothing. The finding is a Warning while the primary family, the first ' +
    'in `ipFamilies`, has endpoints: the service proxy refuses connections to the other clusterIP at once, so clients with both ' +
    'families use the primary one. It is a Warning for a headless Service with endpoints of either family, because DNS then has ' +
    'no record of the other. Host-network pods with an address that their node no longer lists do not count as endpoints ' +
    '(kubernetes/kubernetes#93897); if a family has only these, connections time out, and the finding is Critical. Endpoints ' +
    'count regardless of which controller or person wrote them. Endpoints that are terminating and still serve count too. The ' +
    'finding is Info if all ready pods are on virtual nodes, which give what they can, and one family has endpoints, or if KWOK ' +
    'simulates all of these nodes.',
  remediation: 'Fix the pods or their nodes, or remove the family from the Service until they have it.',
  needs: ['Service', 'EndpointSlice', 'Pod'],
  evaluate,
  describe,
  causedThrough: SELECTED_PODS,
  loss: { of: (families) => `with no ${joinWithOr(families)} endpoint`, ofSome: 'with no endpoint of a family' },
  metrics: ['service_endpoints_unbalanced'],
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.type === 'ExternalName' || service.deleting) return undefined;
  const empty = service.ipFamilies.filter((family) => !view.hasEndpoint(service, family) || areAllStale(service, family, view));
  if (empty.length === 0) return undefined;
  const pods = readyPods(service, view);
  if (pods.length === 0) return undefined;
  const missing = listOf(empty);
  const first = pods.reduce((end, pod) => Math.min(end, endOfGrace(pod, missing, view)), Infinity);
  const due = Math.max(first, service.changedAt + view.grace.pod);
  // A Service without any endpoint is out of order, whatever families are expected.
  const all = empty.length === service.ipFamilies.length;
  const found = violation(missing, due, severityOf(service, pods, empty, view));
  return found && all ? { ...found, ignoresExpectedFamilies: true } : found;
}

/** From when on a ready pod shows that something is wrong: one that has such a family does not wait for its node. */
function endOfGrace(pod: PodFacts, missing: FamilyList, view: ClusterView): number {
  const settledAt = overlap(pod.families, missing) ? 0 : familiesSettledAt(pod, missing, view);
  return Math.max(pod.readySince + view.grace.pod, settledAt);
}

/** Pods that nothing runs serve nobody, and those of virtual nodes have what these nodes give. */
function severityOf(service: ServiceFacts, pods: readonly PodFacts[], empty: readonly Family[], view: ClusterView): Severity | undefined {
  if (areAllSimulated(pods, view)) return 'Info';
  if (empty.length === service.ipFamilies.length) return undefined;
  return areAllVirtual(pods, view) ? 'Info' : severityOfOne(service, empty, view);
}

/** Clients with both families do without the secondary one, unless connections time out (rules.md#primary-family-of-a-service). */
function severityOfOne(service: ServiceFacts, empty: readonly Family[], view: ClusterView): Severity {
  if (service.headless) return 'Warning';
  const isPrimary = empty.some((family) => family === service.ipFamilies[0]);
  return isPrimary || empty.some((family) => areAllStale(service, family, view)) ? 'Critical' : 'Warning';
}

/** Whether all ready endpoints of a family are host-network pods whose address their node no longer lists. */
function areAllStale(service: ServiceFacts, family: Family, view: ClusterView): boolean {
  let stale: Set<string> | undefined;
  for (const pod of view.podsSelectedBy(service)) if (view.staleFamilies(pod).includes(family)) stale = (stale ?? new Set()).add(pod.uid);
  return stale !== undefined && view.readyTargets(service, family).isSubsetOf(stale);
}

function readyPods(service: ServiceFacts, view: ClusterView): readonly PodFacts[] {
  return [...view.podsSelectedBy(service)].filter((pod) => pod.state === 'Running' && pod.ready);
}

/** The pods have what it takes: the controller that makes the slices is behind, or does not run. */
function slicesMissing(service: ServiceFacts, families: FamilyList, ready: number, having: number): Description {
  return {
    message: `Service ${service.namespace}/${service.name} has no ready ${joinWithOr(families)} endpoint, though ${shareOf(having, ready)} ${familyWords(families)}`,
    remediation: {
      summary: 'Find out why the endpointslice controller does not add the pods to the EndpointSlices of the Service.',
      steps: [
        showSlices(service),
        {
          description: 'Check that kube-controller-manager runs, and read what its endpointslice controller logs about the Service.',
          disruption: 'None',
        },
      ],
    },
  };
}

function allStale(service: ServiceFacts, families: FamilyList): Description {
  return {
    message: `No ready ${joinWithOr(families)} endpoint of Service ${service.namespace}/${service.name} has an address that its node lists`,
    remediation: {
      summary: 'Delete the host-network pods behind it, so that new ones take the addresses that their nodes have now.',
      steps: [
        showSlices(service),
        { description: 'Delete these pods, one after the other: their controllers make new ones.', disruption: 'RestartsPods' },
      ],
    },
  };
}

function shareOf(having: number, ready: number): string {
  if (having < ready) return `${having} of its ${ready} ready pods ${having === 1 ? 'has' : 'have'}`;
  return ready === 1 ? 'its ready pod has' : `its ${ready} ready pods have`;
}

/** New pods get no more than what is requested for them: either the request changes, or the Service. */
function onPurpose(service: ServiceFacts, families: FamilyList, selected: string, view: ClusterView): Description {
  const words = familyWords(families);
  const isRemovable = canLose(service, families);
  const remove = isRemovable ? `Remove ${words} from the Service` : `Create the Service again without ${words}`;
  return {
    message: `Service ${service.namespace}/${service.name} has no ready ${joinWithOr(families)} endpoint, though it selects ${selected}`,
    remediation: {
      summary: `${remove}, or name ${words} in the annotation too; until then ${outcomeOf(service, families)}.`,
      steps: isRemovable
        ? [
            showSlices(service),
            patchService(
              service,
              {
                description: `To remove ${words} from the Service, set its policy to SingleStack${service.headless ? '' : `: it loses its ${words} clusterIP`}.`,
                spec: { ipFamilyPolicy: 'SingleStack' },
                disruption: service.headless ? 'None' : 'ChangesAddress',
              },
              view,
            ),
          ]
        : [showSlices(service)],
    },
  };
}

/** The primary family of a Service is there for good, and its only one is. */
function canLose({ ipFamilies: [primary] }: ServiceFacts, families: FamilyList): boolean {
  return primary !== undefined && !families.includes(primary);
}

function outcomeOf({ headless }: ServiceFacts, families: FamilyList): string {
  return headless ? `there is no DNS record of ${familyWords(families)}` : 'clients of this family get errors';
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const pods = readyPods(service, view);
  const ready = pods.length;
  if (families.every((family) => areAllStale(service, family, view))) return allStale(service, families);
  const having = pods.filter((pod) => families.every((family) => pod.families.includes(family))).length;
  if (having > 0) return slicesMissing(service, families, ready, having);
  const request = requestForOneFamily(pods, view);
  if (request !== undefined) return onPurpose(service, families, `${counted(ready, 'ready pod')}: ${request}`, view);
  const nodes = oneFamilyNodes(pods, view);
  return {
    message: `Service ${service.namespace}/${service.name} has no ready ${joinWithOr(families)} endpoint, though it selects ${counted(ready, 'ready pod')}${nodes === '' ? '' : `: all are on ${nodes}`}`,
    remediation: {
      summary: summaryOf(service, families, pods, view),
      steps: nodes === '' ? [showSlices(service), restartPodsOf(families)] : [showSlices(service)],
    },
  };
}

function summaryOf(service: ServiceFacts, families: FamilyList, pods: readonly PodFacts[], view: ClusterView): string {
  if (areAllSimulated(pods, view)) return 'Nothing: KWOK simulates these nodes, and no container of these pods runs.';
  const outcome = outcomeOf(service, families);
  if (oneFamilyNodes(pods, view) === '') return `Give its pods ${familyWords(families)}; until then ${outcome}.`;
  const words = familyWords(families);
  const other = canLose(service, families) ? 'leave the Service the one family' : `create the Service again without ${words}`;
  return `Run some of its pods on nodes that give ${words}, or ${other}; until then ${outcome}.`;
}
