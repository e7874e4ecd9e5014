import { DUAL_IPV4_FIRST, missingFrom, overlap, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { countUpTo } from '../store/count-up-to.ts';
import { Greatest } from '../store/greatest.ts';
import { OutageIndex } from './family-outages.ts';
import { workloadOf, type PodHistory } from './pod-history.ts';

/** A moment after which no pod gets a family that pods had before. */
export interface FamilyLoss {
  readonly families: FamilyList;
  /** When the last pod with both families started. */
  readonly lastDual: number;
  /** When pods of so many workloads had started that none of them can be why. */
  readonly evidentAt: number;
}

/** What the pod network lost on all nodes, and on single ones. */
export interface FamilyLosses {
  readonly ofCluster: FamilyLoss | undefined;
  readonly ofNodes: ReadonlyMap<string, FamilyLoss>;
}

/** What is read of the pods on nodes. */
interface NodePods {
  podHistoryOf(nodeName: string): PodHistory;
  /** Those with one family. */
  singlesOn(nodeName: string): Iterable<PodFacts>;
  /** All. */
  networkPodsOn(nodeName: string): Iterable<PodFacts>;
  /** Whether a pod with one family lacks the other for no reason that is known. */
  isEvidence(pod: PodFacts): boolean;
  /** Whether another pod of a pod's workload has both families. */
  hasDualSibling(pod: PodFacts): boolean;
}

/** Of fewer workloads, each may have a pool of one family. */
const FEWEST_WORKLOADS = 3;

/** What pods on one node show is the node's. */
const FEWEST_NODES = 2;

export const NO_LOSSES: FamilyLosses = { ofCluster: undefined, ofNodes: new Map() };

/**
 * What the pod network lost, kept up to date by the nodes whose pods changed. A node without a pod of both families shows nothing of what it gave
 * before, and mostly no node has a pod of one family that is newer than one of both: then nothing is looked at.
 */
export class LossIndex {
  readonly #network: NodePods;
  /** The pods on a node with one family that started after the first there with both: the first ones first. */
  readonly #nodes = new Map<string, readonly PodFacts[]>();
  /** When the last of these pods started, by node. */
  readonly #lastSingles = new Greatest();
  /** What it did not give for some time only. */
  readonly outages: OutageIndex;
  #ofNodes: ReadonlyMap<string, FamilyLoss> = NO_LOSSES.ofNodes;
  #known: FamilyLosses | undefined = NO_LOSSES;
  #lastDual = -Infinity;

  constructor(network: NodePods) {
    this.#network = network;
    this.outages = new OutageIndex((pod) => network.hasDualSibling(pod));
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /**
   * Looks again at nodes on which a pod is another one, or is evidence and was not, or the reverse. Returns the pods that started in an outage and did
   * not before, or the reverse.
   */
  update(names: Iterable<string>): readonly PodFacts[] {
    const looked = [...names].filter((name) => this.#look(name));
    const moved = this.outages.update();
    for (const name of new Set([...looked, ...moved.map(({ nodeName }) => nodeName)])) {
      const pods = this.#nodes.get(name) ?? [];
      this.#setLossOn(name, lossOf([this.#outsideOutages(pods)], this.#network.podHistoryOf(name).lastDual, 1));
      this.#known = undefined;
    }
    return moved;
  }

  /** Looks at a node again; returns whether it has such pods, or had some. */
  #look(name: string): boolean {
    const { firstDual, lastSingle } = this.#network.podHistoryOf(name);
    const pods = lastSingle > firstDual ? this.#singlesAfter(firstDual, name) : [];
    if (pods.length === 0 && !this.#nodes.has(name)) return false;
    if (pods.length > 0) this.#nodes.set(name, pods);
    else this.#nodes.delete(name);
    this.#lastSingles.set(name, pods.at(-1)?.startedAt ?? -Infinity);
    this.outages.set(name, pods, () => this.#network.networkPodsOn(name));
    return true;
  }

  /** What lacked a family for some time is no evidence that it was lost for good, or that it never came and went. */
  #outsideOutages(pods: readonly PodFacts[]): readonly PodFacts[] {
    return this.outages.isEmpty ? pods : pods.filter((pod) => !this.outages.of(pod));
  }

  /** @param lastDual when the last pod with both families started anywhere */
  losses(lastDual: number): FamilyLosses {
    if (this.#known && lastDual === this.#lastDual) return this.#known;
    this.#lastDual = lastDual;
    // Mostly the last pod of all has both.
    const ofCluster = this.#lastSingles.value > lastDual ? this.#lossOfCluster(lastDual) : undefined;
    this.#known = { ofCluster, ofNodes: this.#ofNodes };
    return this.#known;
  }

  #lossOfCluster(lastDual: number): FamilyLoss | undefined {
    const pods = [...this.#nodes.values()].map((those) => this.#outsideOutages(those));
    return lossOf(pods, lastDual, FEWEST_NODES);
  }

  /** What was read of the others before stays as it was. */
  #setLossOn(name: string, loss: FamilyLoss | undefined): void {
    if (!loss && !this.#ofNodes.has(name)) return;
    const ofNodes = new Map(this.#ofNodes);
    if (loss) ofNodes.set(name, loss);
    else ofNodes.delete(name);
    this.#ofNodes = ofNodes;
  }

  #singlesAfter(firstDual: number, name: string): readonly PodFacts[] {
    return [...this.#network.singlesOn(name)].filter((pod) => pod.startedAt > firstDual && this.#network.isEvidence(pod)).sort(byStart);
  }
}

/** Whether a loss is why a pod lacks a family. */
export function isAfter({ startedAt, families }: PodFacts, loss: FamilyLoss | undefined): boolean {
  return loss !== undefined && startedAt > loss.lastDual && overlap(missingFrom(families, DUAL_IPV4_FIRST), loss.families);
}

/** A network that gives a family to some pods and not to others, in any order, has lost nothing at one time. */
function lossOf(byNode: Iterable<readonly PodFacts[]>, lastDual: number, fewestNodes: number): FamilyLoss | undefined {
  let earlier = 0;
  let later = 0;
  const firsts: PodFacts[] = [];
  for (const pods of byNode) {
    const start = countUpTo(pods, ({ startedAt }) => startedAt, lastDual);
    earlier += start;
    later += pods.length - start;
    firsts.push(...firstOfWorkloads(pods, start));
  }
  const [first] = firsts;
  if (!first || earlier * FEWEST_WORKLOADS > later || firsts.some(({ families }) => families !== first.families)) return undefined;
  const evidentAt = evidentFrom(firsts, fewestNodes);
  return evidentAt < Infinity ? { families: missingFrom(first.families, DUAL_IPV4_FIRST), lastDual, evidentAt } : undefined;
}

/** The first pods of so many workloads as are evidence: more of them show no more. */
function firstOfWorkloads(pods: readonly PodFacts[], start: number): readonly PodFacts[] {
  const firsts = new Map<string, PodFacts>();
  for (let index = start; index < pods.length && firsts.size < FEWEST_WORKLOADS; index += 1) {
    const pod = pods[index];
    if (pod && !firsts.has(workloadOf(pod))) firsts.set(workloadOf(pod), pod);
  }
  return [...firsts.values()];
}

/** When pods of enough workloads had started on enough nodes; Infinity where they never had. */
function evidentFrom(pods: readonly PodFacts[], fewestNodes: number): number {
  const workloads = new Map<string, number>();
  const nodes = new Map<string, number>();
  for (const pod of pods) {
    for (const [starts, key] of [
      [workloads, workloadOf(pod)],
      [nodes, pod.nodeName],
    ] as const) {
      starts.set(key, Math.min(pod.startedAt, starts.get(key) ?? Infinity));
    }
  }
  return Math.max(nthSmallest(workloads.values(), FEWEST_WORKLOADS), nthSmallest(nodes.values(), fewestNodes));
}

function nthSmallest(numbers: Iterable<number>, nth: number): number {
  return [...numbers].sort((a, b) => a - b)[nth - 1] ?? Infinity;
}

/** The same order whatever the order in which they came. */
function byStart(a: PodFacts, b: PodFacts): number {
  return a.startedAt - b.startedAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1);
}
