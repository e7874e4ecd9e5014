import { missingFrom, overlap, type FamilyList } from './addresses.ts';
import type { PodFacts, ServiceFacts } from './facts.ts';
import type { Finding, FindingId } from './finding.ts';
import { Tally } from './tally.ts';
import type { ClusterView } from './view.ts';

/** Looks up what explains that a pod lacks families: a finding on it, on its node or on the cluster. */
export type CauseOfPod = (pod: PodFacts, families: FamilyList) => FindingId | undefined;

/**
 * What explains that a Service lacks endpoints of these families: of the findings on the pods that it selects and on their
 * nodes, the one behind the most pods that are ready, or where none is, behind the most.
 * @returns undefined where its pods have the families, or nothing explains that they have not
 */
export function causeOfEndpoints(
  service: ServiceFacts,
  families: FamilyList,
  view: ClusterView,
  causeOfPod: CauseOfPod,
): FindingId | undefined {
  const causes = new Tally();
  const causesOfReady = new Tally();
  for (const pod of view.podsSelectedBy(service)) {
    if (pod.state !== 'Running') continue;
    const missing = missingFrom(pod.families, families);
    const cause = missing.length > 0 ? causeOfPod(pod, missing) : undefined;
    if (cause) causes.add(cause);
    if (cause && pod.ready) causesOfReady.add(cause);
  }
  return mostFrequent(causesOfReady) ?? mostFrequent(causes);
}

/** The one that occurs most; of several the first by name, in whatever order they came. */
export function mostFrequent(causes: Tally): FindingId | undefined {
  const [first] = [...causes.entries()].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first?.[0];
}

/**
 * What explains that a layer of the cluster lacks families that a later one has: of the findings that stand for most nodes
 * one that keeps these families from their pods, or that leaves the nodes without.
 */
export function causeOfLayer(families: FamilyList, ofNodes: readonly Finding[]): FindingId | undefined {
  return ofNodes.find((finding) => finding.check.kind === 'Node' && finding.check.explains && overlap(finding.families, families))?.id;
}
