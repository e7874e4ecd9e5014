import { DUAL_IPV4_FIRST, familiesWhere, isDual, missingFrom, NO_FAMILY, type Family, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { isBefore } from './pod-history.ts';
import { LossIndex, type FamilyLosses } from './family-loss.ts';
import type { Outage } from './family-outages.ts';
import type { NetworkPods } from './network-pods.ts';
import { Greatest } from '../store/greatest.ts';
import { Tally } from '../store/tally.ts';
import { subnetsOfOneFamily } from './subnets.ts';
import { UnknownRequests } from './unknown-requests.ts';
import type { Window } from './workload-counts.ts';
import { WorkloadPatterns } from './workload-patterns.ts';

interface OfNode {
  /** What its pods are counted by. */
  window: Window;
  /** Those with one family. */
  readonly singles: Set<PodFacts>;
  /** Those of them that are not counted yet. */
  readonly waiting: Set<PodFacts>;
}

const NO_PODS: ReadonlySet<PodFacts> = new Set();
const NO_DUAL: Window = { firstDual: Infinity, lastDual: -Infinity };

/**
 * What pods of one family have in common, by workload, node and subnet: kept up to date by the pods that change, since a look at all of them would hold
 * up each evaluation.
 */
export class PodPatterns {
  readonly #network: NetworkPods;
  readonly #touch: (pod: PodFacts) => void;
  readonly #nodes = new Map<string, OfNode>();
  readonly #workloads = new WorkloadPatterns();
  /** Nodes whose pods changed since the last update. */
  readonly #changedNodes = new Set<string>();
  /** The pods from before the network gave both families, and how many of them lack each family. */
  readonly #oldPods = new Set<PodFacts>();
  readonly #old = new Tally<Family>();
  /** Pods in subnets, by `subnet/lacked family`. */
  readonly #bySubnet = new Tally();
  #subnets: ReadonlySet<string> = new Set();
  readonly #losses: LossIndex;
  /** The pods whose Namespaces may be why they have one family. */
  readonly requests = new UnknownRequests();
  #somePodCIDRsAreDual = false;
  #withheld: FamilyList = NO_FAMILY;
  /** The pods from before that would be the same today, since their nodes are still to be converted. */
  readonly #awaiting = new Set<PodFacts>();
  #firstDual = Infinity;
  /** When the first pod with both families started on each node, as a negative number, and the last one. */
  readonly #firstDuals = new Greatest();
  readonly #lastDuals = new Greatest();
  #singles = 0;

  /** @param touch called with each pod of which the pattern changed though the pod did not */
  constructor(network: NetworkPods, touch: (pod: PodFacts) => void) {
    this.#network = network;
    this.#touch = touch;
    this.#losses = new LossIndex({
      podHistoryOf: (name) => network.podHistoryOf(name),
      singlesOn: (name) => this.singlesOn(name),
      networkPodsOn: (name) => network.networkPodsOn(name),
      isEvidence: (pod) => this.isEvidenceOfLoss(pod),
      hasDualSibling: (pod) => this.#workloads.hasDualSibling(pod),
    });
  }

  /** When the first pod with both families started anywhere; Infinity where none has both. */
  get firstDual(): number {
    return this.#firstDual;
  }

  /** Whether some pod has one family. */
  get hasSingles(): boolean {
    return this.#singles > 0;
  }

  /** The pods from before the pod network gave both families. */
  get oldPods(): ReadonlySet<PodFacts> {
    return this.#oldPods;
  }

  /** Whether some pod is from before, on a node that gives no more today. */
  get hasAwaiting(): boolean {
    return this.#awaiting.size > 0;
  }

  /** The families that some of these lack. */
  get lackedByOld(): FamilyList {
    return familiesWhere((family) => this.#old.get(family) > 0);
  }

  /** The families that some workload or subnet of one family lacks. */
  get lackedByOneFamily(): FamilyList {
    const ofWorkloads = this.#workloads.lacked;
    const lacks = (family: Family): boolean =>
      ofWorkloads.includes(family) ||
      this.requests.lacked.includes(family) ||
      [...this.#subnets].some((subnet) => this.#bySubnet.get(`${subnet}/${family}`) > 0);
    return familiesWhere(lacks);
  }

  /** The subnets without any pod of both families, while pods of others have both. */
  get subnetsOfOneFamily(): ReadonlySet<string> {
    return this.#subnets;
  }

  /** The pods on a node that are evidence and have one family. */
  singlesOn(nodeName: string): ReadonlySet<PodFacts> {
    return this.#nodes.get(nodeName)?.singles ?? NO_PODS;
  }

  /** The pods anywhere that are evidence and have one family. */
  *singles(): Generator<PodFacts> {
    for (const { singles } of this.#nodes.values()) yield* singles;
  }

  /** Whether all pods of a pod's workload or subnet have one family, or may have at the request of their Namespace, and not because of their age. */
  isOfOneFamily(pod: PodFacts): boolean {
    if (isDual(pod.families)) return false;
    if (this.#workloads.patternOf(pod) === 'ofOneFamily' || this.#subnets.has(pod.subnet)) return true;
    return this.#mayBeRequested(pod);
  }

  #mayBeRequested(pod: PodFacts): boolean {
    return this.requests.mayBeOf(pod.namespace) && !this.#isSameToday(pod) && !this.#isFromBefore(pod);
  }

  /** Whether another pod of a pod's workload has both families. */
  hasDualSibling(pod: PodFacts): boolean {
    return this.#workloads.hasDualSibling(pod);
  }

  /** Whether a pod started before the pod network gave both families. */
  isOld(pod: PodFacts): boolean {
    return !isDual(pod.families) && !this.isOfOneFamily(pod) && !this.#isSameToday(pod) && this.#isFromBefore(pod);
  }

  /** Whether the node of a pod is from before, so that the pod would be the same if it started today. */
  #isSameToday(pod: PodFacts): boolean {
    return (this.#somePodCIDRsAreDual && this.#network.hasAllThatItsNodeGives(pod)) || this.#isWithheldFrom(pod);
  }

  #isWithheldFrom(pod: PodFacts): boolean {
    return this.#withheld !== NO_FAMILY && this.#network.addressUse.isWithheldFrom(pod);
  }

  #isFromBefore(pod: PodFacts): boolean {
    if (this.#workloads.patternOf(pod) === 'unchanged') return true;
    const { firstDual } = this.#nodes.get(pod.nodeName)?.window ?? NO_DUAL;
    return isBefore(pod.startedAt, firstDual === Infinity ? this.#firstDual : firstDual);
  }

  /** What the pod network gave before and gives no more. */
  get losses(): FamilyLosses {
    return this.#losses.losses(this.#lastDuals.value);
  }

  /** The period in which a pod started and the pod network did not give a family, which it gave before and gives again. */
  outageOf(pod: PodFacts): Outage | undefined {
    return this.#losses.outages.of(pod);
  }

  /** Whether some pod with one family is newer than one with both on its node: without one, nothing was lost. */
  get mayHaveLosses(): boolean {
    return !this.#losses.isEmpty;
  }

  /** Whether a pod lacks a family for no reason that is known but that the pod network lost it. */
  isEvidenceOfLoss(pod: PodFacts): boolean {
    return !isDual(pod.families) && !this.isOfOneFamily(pod) && !this.#network.hasAllThatItsNodeGives(pod);
  }

  /** Takes in a pod that is evidence of what the pod network gives. */
  add(pod: PodFacts): void {
    const node = this.#ofNode(pod);
    this.requests.count(pod, 1);
    if (isDual(pod.families)) {
      this.#countDual(pod, 1);
      return;
    }
    node.singles.add(pod);
    node.waiting.add(pod);
    this.#workloads.addSingle(pod);
    this.#countSingle(pod, 1);
  }

  /** Takes out a pod that was taken in. */
  remove(pod: PodFacts): void {
    const { singles, waiting, window } = this.#ofNode(pod);
    this.requests.count(pod, -1);
    if (isDual(pod.families)) {
      this.#countDual(pod, -1);
      return;
    }
    singles.delete(pod);
    if (!waiting.delete(pod)) this.#workloads.countSingle(pod, window, -1);
    this.#workloads.removeSingle(pod);
    if (this.#oldPods.delete(pod)) this.#countOld(pod, -1);
    this.#awaiting.delete(pod);
    this.requests.note(pod, false);
    this.#countSingle(pod, -1);
  }

  /** Brings all up to date with the pods that changed since the last time. */
  update(): void {
    const subnets = subnetsOfOneFamily(this.#network.subnetTally);
    const { somePodCIDRsAreDual, addressUse } = this.#network;
    const { withheld } = addressUse;
    const areRequestsOthers = this.requests.update(this.#network.knownNamespaces);
    const isGivenOtherwise = somePodCIDRsAreDual !== this.#somePodCIDRsAreDual || withheld !== this.#withheld;
    const areSubnetsOthers = subnets !== this.#subnets && subnets.symmetricDifference(this.#subnets).size > 0;
    const concernsAll = isGivenOtherwise || areRequestsOthers || areSubnetsOthers;
    if (this.#changedNodes.size === 0 && !concernsAll) return;
    this.#subnets = subnets;
    this.#somePodCIDRsAreDual = somePodCIDRsAreDual;
    this.#withheld = withheld;
    const names = [...this.#changedNodes];
    this.#changedNodes.clear();
    const added = names.flatMap((name) => [...(this.#nodes.get(name)?.waiting ?? [])]);
    const moved = names.filter((name) => this.#recount(name));
    const other = [...this.#workloads.update(), ...moved.flatMap((name) => [...this.singlesOn(name)])];
    const elsewhere = this.#nodesThatFollow(moved.length > 0, concernsAll).flatMap((name) => [...this.singlesOn(name)]);
    for (const pods of [added, other, elsewhere]) for (const pod of pods) this.#age(pod);
    const moreNames = concernsAll ? this.#nodes.keys() : other.map(({ nodeName }) => nodeName);
    const inOrOutOfOutage = this.#losses.update(new Set([...names, ...moreNames]));
    for (const pods of [other, inOrOutOfOutage]) for (const pod of pods) this.#touch(pod);
  }

  #ofNode({ nodeName }: PodFacts): OfNode {
    this.#changedNodes.add(nodeName);
    const known = this.#nodes.get(nodeName);
    if (known) return known;
    const node: OfNode = { window: NO_DUAL, singles: new Set(), waiting: new Set() };
    this.#nodes.set(nodeName, node);
    return node;
  }

  #countDual(pod: PodFacts, by: 1 | -1): void {
    this.#workloads.countDual(pod, by);
    this.#losses.outages.countDual(pod, by);
  }

  #countSingle(pod: PodFacts, by: 1 | -1): void {
    this.#singles += by;
    if (pod.subnet === '') return;
    for (const family of missingFrom(pod.families, DUAL_IPV4_FIRST)) this.#bySubnet.add(`${pod.subnet}/${family}`, by);
  }

  /** Counts the pods of a node by its present window; returns whether its first pod with both families is another one. */
  #recount(name: string): boolean {
    const node = this.#nodes.get(name);
    if (!node) return false;
    const { firstDual, lastDual, isEmpty } = this.#network.podHistoryOf(name);
    const previous = node.window;
    if (firstDual !== previous.firstDual || lastDual !== previous.lastDual) {
      for (const pod of node.singles) {
        if (node.waiting.has(pod)) continue;
        this.#workloads.countSingle(pod, previous, -1);
        node.waiting.add(pod);
      }
      node.window = { firstDual, lastDual };
      this.#firstDuals.set(name, -firstDual);
      this.#lastDuals.set(name, lastDual);
    }
    for (const pod of node.waiting) this.#workloads.countSingle(pod, node.window, 1);
    node.waiting.clear();
    if (isEmpty) this.#nodes.delete(name);
    return firstDual !== previous.firstDual;
  }

  /** The nodes whose pods may be old by something that is not on the node: all of them, or those without a pod with both families. */
  #nodesThatFollow(mayHaveMoved: boolean, concernsAll: boolean): readonly string[] {
    const { firstDual } = this;
    if (mayHaveMoved) this.#firstDual = -this.#firstDuals.value;
    if (concernsAll) return [...this.#nodes.keys()];
    if (firstDual === this.#firstDual) return [];
    return [...this.#nodes].filter(([, { window }]) => window.firstDual === Infinity).map(([name]) => name);
  }

  /** Sees whether a pod is from before the network gave both families. */
  #age(pod: PodFacts): void {
    this.#ageAwaiting(pod);
    this.requests.note(pod, this.#mayBeRequested(pod));
    const isOld = this.isOld(pod);
    if (isOld === this.#oldPods.has(pod)) return;
    if (isOld) this.#oldPods.add(pod);
    else this.#oldPods.delete(pod);
    this.#countOld(pod, isOld ? 1 : -1);
  }

  #ageAwaiting(pod: PodFacts): void {
    const isAwaiting = this.#isWithheldFrom(pod) && !this.isOfOneFamily(pod) && this.#isFromBefore(pod);
    if (isAwaiting) this.#awaiting.add(pod);
    else this.#awaiting.delete(pod);
  }

  #countOld(pod: PodFacts, by: 1 | -1): void {
    this.requests.countOld(pod, by);
    for (const family of missingFrom(pod.families, DUAL_IPV4_FIRST)) this.#old.add(family, by);
  }
}
