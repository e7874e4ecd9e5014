import { isDual, NO_FAMILY, union, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import { isAfter, NO_LOSSES, type FamilyLoss, type FamilyLosses } from './family-loss.ts';
import type { Outage } from './family-outages.ts';
import { isBefore, workloadOf } from './pod-history.ts';
import { FEWEST_PODS } from './workload-patterns.ts';
import { counted, firstOf } from '../words.ts';

/** Pods of one workload that lack a family for the same reason. */
export interface WorkloadShare {
  readonly namespace: string;
  /** `KIND/NAME`, or the name of a pod without a controller. */
  readonly owner: string;
  /** The subnet of Kube-OVN that one of its pods is in; empty where there is none. */
  readonly subnet: string;
  readonly pods: number;
}

/** So many workloads are named. */
const MOST_NAMED = 3;

/** The first of some workloads in words: `shop/Deployment/web (2 pods), shop/one (1 pod)`. */
export function workloadWords(workloads: readonly WorkloadShare[]): string {
  return firstOf(
    workloads.map(({ namespace, owner, pods }) => `${namespace}/${owner} (${counted(pods, 'pod')})`),
    MOST_NAMED,
  );
}

/**
 * Why pods of a dual-stack pod network have one family, other than a fault of their nodes: they started before the network gave both, or all of their
 * workload takes its addresses from a pool or subnet of one family.
 */
export class SingleFamilyPods {
  readonly #store: ClusterStore;
  /** Whether some pods that are evidence have both families and some have one. */
  readonly #isMixed: boolean;
  readonly #hasOld: boolean;
  readonly #losses: FamilyLosses;

  /** @param isNetworkDual whether the pod network gives both families; nothing is to be explained where it does not */
  constructor(store: ClusterStore, isNetworkDual: boolean) {
    this.#store = store;
    store.podPatterns.update();
    this.#isMixed = isNetworkDual && isMixedIn(store);
    this.#hasOld = this.#isMixed && store.podPatterns.oldPods.size >= FEWEST_PODS;
    this.#losses = this.#isMixed ? store.podPatterns.losses : NO_LOSSES;
  }

  /** Changes when something changes that concerns pods which did not change themselves, other than those whose pattern did. */
  get fingerprint(): readonly unknown[] {
    const { firstDual, subnetsOfOneFamily, requests } = this.#store.podPatterns;
    const losses = [this.#losses.ofCluster, [...this.#losses.ofNodes].sort(([a], [b]) => (a < b ? -1 : 1))];
    const subnets = this.#isMixed ? [...subnetsOfOneFamily].sort() : [];
    const dependsOnAge = this.#hasOld || !requests.areAllKnown;
    return [this.#isMixed, this.#hasOld, dependsOnAge ? firstDual : 0, subnets, losses, requests.version];
  }

  /** The families that pods from before the pod network gave both lack; one such pod alone may be an accident. */
  get lackedByOld(): FamilyList {
    return this.#hasOld ? this.#store.podPatterns.lackedByOld : NO_FAMILY;
  }

  /** The families that some workload of one family lacks. */
  get lackedByOneFamily(): FamilyList {
    if (!this.#isMixed) return NO_FAMILY;
    const { lackedByOneFamily, lackedByOld, requests } = this.#store.podPatterns;
    return !this.#hasOld && requests.haveAllOld ? union(lackedByOneFamily, lackedByOld) : lackedByOneFamily;
  }

  /** Whether the Namespace of that name is not known, and may request the one family that its pods have. */
  mayBeRequestedBy(namespace: string): boolean {
    return this.#isMixed && this.#store.podPatterns.requests.mayBeOf(namespace);
  }

  /** Whether that may be why all pods from before have one family. */
  get mayAllOldBeRequested(): boolean {
    return this.#hasOld && this.#store.podPatterns.requests.haveAllOld;
  }

  /** Why it is not known what Namespaces request. */
  get whyNotKnown(): string {
    const availability = this.#store.availability('Namespace');
    return typeof availability === 'object' ? availability.message : (this.#store.gapIn('Namespace') ?? 'They have not been listed yet.');
  }

  /** Whether a pod is one of those from before. */
  isOld(pod: PodFacts): boolean {
    return this.#hasOld && this.#store.podPatterns.isOld(pod);
  }

  /** Whether all pods of a pod's workload have one family, or may have at the request of their Namespace, and not because of their age. */
  isOfOneFamily(pod: PodFacts): boolean {
    if (!this.#isMixed || isDual(pod.families)) return false;
    const { podPatterns } = this.#store;
    return podPatterns.isOfOneFamily(pod) || (!this.#hasOld && podPatterns.isOld(pod) && this.mayBeRequestedBy(pod.namespace));
  }

  /** Whether another pod of a pod's workload has both families, so that nothing about the workload is why it has one. */
  hasDualSibling(pod: PodFacts): boolean {
    return this.#isMixed && this.#store.podPatterns.hasDualSibling(pod);
  }

  /** The moment since which no pod in the cluster gets a family that pods had before, where there is one. */
  get lossOfCluster(): FamilyLoss | undefined {
    return this.#losses.ofCluster;
  }

  /** The same of the pods on a node. */
  lossOn(nodeName: string): FamilyLoss | undefined {
    return this.#losses.ofNodes.get(nodeName);
  }

  /** Whether a pod lacks a family because it started after such a moment. */
  isAfterLoss(pod: PodFacts): boolean {
    const { ofCluster } = this.#losses;
    if (!ofCluster && this.#losses.ofNodes.size === 0) return false;
    if (!this.#store.podPatterns.isEvidenceOfLoss(pod) || this.isOld(pod)) return false;
    return isAfter(pod, ofCluster) || isAfter(pod, this.lossOn(pod.nodeName));
  }

  /** The period in which a pod started and the network of its node did not give a family, which it gave before and gives again. */
  outageOf(pod: PodFacts): Outage | undefined {
    return this.#isMixed ? this.#store.podPatterns.outageOf(pod) : undefined;
  }

  /** Whether the pods on a node have one family, and all of them started long after the first pod with both did elsewhere. */
  areAllLaterOn(nodeName: string): boolean {
    const { firstDual, firstSingle } = this.#store.podHistoryOf(nodeName);
    return firstDual === Infinity && firstSingle < Infinity && isBefore(this.#store.podPatterns.firstDual, firstSingle);
  }

  /** Whether a pod lacks a family for a reason that is neither its own nor its node's alone. */
  isExplained(pod: PodFacts): boolean {
    return this.isOld(pod) || this.isOfOneFamily(pod) || this.isAfterLoss(pod);
  }

  /** The workloads with pods from before, those with the most first. */
  oldByWorkload(): readonly WorkloadShare[] {
    return byWorkload(this.#hasOld ? this.#store.podPatterns.oldPods : []);
  }

  /** The workloads of one family, those with the most pods first. */
  workloadsOfOneFamily(): readonly WorkloadShare[] {
    return byWorkload([...this.#store.podPatterns.singles()].filter((pod) => this.isOfOneFamily(pod)));
  }

  /** The pods that count as evidence of what the network gives, in all. */
  get total(): number {
    return this.#store.podFamilies.total;
  }

  /** All pods that are evidence of what the pod network gives. */
  *all(): Generator<PodFacts> {
    for (const name of this.#store.nodesWithPods()) yield* this.#store.networkPodsOn(name);
  }
}

/** Pods by workload, those workloads with the most first. */
export function byWorkload(pods: Iterable<PodFacts>): readonly WorkloadShare[] {
  const shares = new Map<string, { namespace: string; owner: string; subnet: string; pods: number }>();
  for (const pod of pods) {
    const key = workloadOf(pod);
    const share = shares.get(key) ?? {
      namespace: pod.namespace,
      owner: pod.owner === '' ? pod.name : pod.owner,
      subnet: pod.subnet,
      pods: 0,
    };
    share.pods += 1;
    shares.set(key, share);
  }
  return [...shares].sort(([a, one], [b, other]) => other.pods - one.pods || (a < b ? -1 : 1)).map(([, share]) => share);
}

function isMixedIn({ podFamilies, podPatterns }: ClusterStore): boolean {
  const dual = podFamilies.get('dual');
  return dual > 0 && dual < podFamilies.total && podPatterns.hasSingles;
}
