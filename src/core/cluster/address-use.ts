import { DUAL_IPV4_FIRST, familiesWhere, listOf, type Family, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts, PodFacts } from '../kinds/facts.ts';
import type { MachineConfigState } from '../kinds/node.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { Tally } from '../store/tally.ts';

/**
 * How the pods on a node go with its addresses of a family. `given`: it has an address, and some pod the family; `unused`: no pod has; `withheld`:
 * neither it nor a pod has, nor a podCIDR; `elsewhere`: a pod has the family and the node no address; `absent`: it has no address, whatever its pods have.
 */
type Use = 'given' | 'unused' | 'withheld' | 'elsewhere' | 'absent';
type Label = `${Family}/${Use}` | MachineConfigState;

/** What is read of the cluster. */
export interface NodesWithPods {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  podNetworkOf(nodeName: string): { readonly total: number; readonly having: Readonly<Record<Family, number>> };
}

const NO_LABELS: readonly Label[] = [];

/** Whether pods have a family exactly where their nodes have addresses of it: counted again for the nodes that change, and not for all of them. */
export class AddressUse {
  readonly #cluster: NodesWithPods;
  readonly #changed = new Set<string>();
  readonly #labels = new Map<string, readonly Label[]>();
  readonly #tally = new Tally<Label>();

  constructor(cluster: NodesWithPods) {
    this.#cluster = cluster;
  }

  /** Says that a node or the pods on it changed. */
  change(nodeName: string): void {
    this.#changed.add(nodeName);
  }

  /** The families that pods have on most nodes with an address of it, and on no others. */
  get followed(): FamilyList {
    this.#update();
    return familiesWhere((family) => this.#count(family, 'elsewhere') === 0 && !this.#isMostlyUnused(family));
  }

  /**
   * The families that no pod has on the nodes without an address of it, while pods on most of the others have it: the CNI plugin gives no family that
   * the node has no address of.
   */
  get withheld(): FamilyList {
    this.#update();
    return familiesWhere(
      (family) =>
        this.#count(family, 'withheld') > 0 &&
        this.#count(family, 'elsewhere') === 0 &&
        this.#count(family, 'given') > this.#count(family, 'unused'),
    );
  }

  /** Those that several nodes without an address do not give, while a node with one does not either: that is another fault. */
  get withheldBesideFault(): FamilyList {
    return listOf(this.withheld.filter((family) => this.#count(family, 'withheld') > 1 && this.#count(family, 'unused') > 0));
  }

  /** The families that some node, not of Windows, has no address of. */
  get absent(): FamilyList {
    this.#update();
    return familiesWhere((family) => this.#count(family, 'absent') > 0);
  }

  /** Whether the platform is changing the machine of some node, or cannot. */
  get areMachinesChanging(): boolean {
    this.#update();
    return this.#tally.get('Updating') + this.#tally.get('Degraded') > 0;
  }

  /** Whether the node of a pod gives such a family to none, the pod included. */
  isWithheldFrom({ nodeName, families }: PodFacts): boolean {
    const node = this.#cluster.nodes.get(nodeName);
    return node !== undefined && this.withheld.some((family) => !families.includes(family) && hasNone(node, family));
  }

  #isMostlyUnused(family: Family): boolean {
    const unused = this.#count(family, 'unused');
    return unused > 0 && unused >= this.#count(family, 'given');
  }

  #count(family: Family, use: Use): number {
    return this.#tally.get(`${family}/${use}`);
  }

  #update(): void {
    for (const name of this.#changed) {
      const [next, previous] = [this.#labelsOf(name), this.#labels.get(name) ?? NO_LABELS];
      if (isSame(next, previous)) continue;
      for (const label of previous) this.#tally.add(label, -1);
      for (const label of next) this.#tally.add(label);
      if (next.length > 0) this.#labels.set(name, next);
      else this.#labels.delete(name);
    }
    this.#changed.clear();
  }

  #labelsOf(name: string): readonly Label[] {
    const node = this.#cluster.nodes.get(name);
    if (!node || nodeSkipReason(node) || node.windows) return NO_LABELS;
    const { total, having } = this.#cluster.podNetworkOf(name);
    const labels: Label[] = [];
    if (node.machineConfig) labels.push(node.machineConfig);
    for (const family of DUAL_IPV4_FIRST) {
      if (!node.addressFamilies.includes(family)) labels.push(`${family}/absent`);
      const use = total > 0 && useOf(node, family, having[family] > 0);
      if (use) labels.push(`${family}/${use}`);
    }
    return labels;
  }
}

/** Most changes of pods leave the use of addresses on their node as it is. */
function isSame(one: readonly Label[], other: readonly Label[]): boolean {
  return one.length === other.length && one.every((label, index) => label === other[index]);
}

function useOf(node: NodeFacts, family: Family, isOnPods: boolean): Use | false {
  if (node.addressFamilies.includes(family)) return isOnPods ? 'given' : 'unused';
  if (isOnPods) return 'elsewhere';
  return hasNone(node, family) && 'withheld';
}

/** A node that has a podCIDR of the family may give it without an address. */
function hasNone({ addressFamilies, podCIDRFamilies }: NodeFacts, family: Family): boolean {
  return !addressFamilies.includes(family) && !podCIDRFamilies.includes(family);
}
