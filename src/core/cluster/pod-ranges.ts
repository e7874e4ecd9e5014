import {
  containedBy,
  familiesWhere,
  familyOfAddress,
  familyOfCIDR,
  NO_FAMILY,
  textPrefixOf,
  type Family,
  type FamilyList,
} from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { Tally } from '../store/tally.ts';

/** How many pods on a node have an address of a family in a podCIDR of the node, and how many beside it. */
export interface NodeRanges {
  readonly inside: Readonly<Record<Family, number>>;
  readonly outside: Readonly<Record<Family, number>>;
}

interface Range {
  readonly cidr: string;
  readonly family: Family;
  /** What addresses begin with only if they lie in it, as nearly all of the pods of a node do. */
  readonly textPrefix: string | undefined;
  readonly contains: (address: string) => boolean;
}

/** A node with podCIDRs, and where the addresses of its pods lie. */
interface RangedNode extends NodeRanges {
  readonly ranges: readonly Range[];
  readonly inside: Record<Family, number>;
  readonly outside: Record<Family, number>;
}

/** Where the first address of a pod lies as to its node's podCIDRs. */
export type PodCIDRPlace = 'inside' | 'outside' | 'noPodCIDR';

/** What is read of a pod. A packed pod makes a new list each time its addresses are read. */
export type Addressed = Pick<PodFacts, 'nodeName' | 'addresses' | 'families'>;

const NO_RANGES: readonly Range[] = [];
const NOTHING: NodeRanges = rangedNode(NO_RANGES);

/** In which ranges the addresses of pods lie: those of their own node, and those of Services. */
export class PodRanges {
  readonly #ofNode = new Map<string, RangedNode>();
  #serviceRanges: readonly Range[] = NO_RANGES;
  /** Pods with an address in a range of Services, by the range. */
  readonly #inServiceRanges = new Tally();
  /** Nodes with pods of a family and a podCIDR of it: those where most of these pods lie in it, those with any such pod, and all. */
  readonly #mostlyInside = new Tally<Family>();
  readonly #someInside = new Tally<Family>();
  readonly #nodes = new Tally<Family>();
  readonly #withStrays = new Set<string>();

  /** The names of the nodes on which some pod has an address beside the podCIDR of its family. */
  get nodesWithStrays(): ReadonlySet<string> {
    return this.#withStrays;
  }

  /** The families of which most nodes with such pods have most of these in their podCIDRs. */
  get usual(): FamilyList {
    return familiesWhere((family) => this.#mostlyInside.get(family) * 2 > this.#nodes.get(family));
  }

  /** The families of which some node has some pod in its podCIDR. */
  get seen(): FamilyList {
    return familiesWhere((family) => this.#someInside.get(family) > 0);
  }

  /** Sets the podCIDRs of a node; none of its pods may be counted meanwhile. */
  setPodCIDRs(nodeName: string, cidrs: readonly string[]): void {
    const ranges = rangesOf(cidrs);
    if (ranges.length > 0) this.#ofNode.set(nodeName, rangedNode(ranges));
    else this.#ofNode.delete(nodeName);
  }

  /** Sets the ranges of Services; no pod may be counted by them meanwhile. */
  setServiceRanges(cidrs: readonly string[]): void {
    this.#serviceRanges = rangesOf(cidrs);
  }

  /** Whether an address of a family lies in a podCIDR of a node. */
  isInPodCIDR(nodeName: string, address: string, family: Family): boolean {
    return isIn(this.#ofNode.get(nodeName)?.ranges ?? NO_RANGES, address, family) === true;
  }

  /** Where the addresses of the pods on a node lie. */
  of(nodeName: string): NodeRanges {
    return this.#ofNode.get(nodeName) ?? NOTHING;
  }

  /** How many pods have an address in a range of Services. */
  inServiceRange(cidr: string): number {
    return this.#inServiceRanges.get(cidr);
  }

  /** Counts where the addresses of a pod lie; returns where the first of them does, which is outside where it is of a family without podCIDR. */
  count(pod: Addressed, by: 1 | -1): PodCIDRPlace {
    const node = this.#ofNode.get(pod.nodeName);
    if (!node) return 'noPodCIDR';
    const { ranges, inside, outside } = node;
    let place: PodCIDRPlace | undefined;
    eachAddress(pod, (address, family) => {
      const isInside = isIn(ranges, address, family);
      place ??= isInside === true ? 'inside' : 'outside';
      if (isInside === undefined) return;
      const previous = standingOf(node, family);
      (isInside ? inside : outside)[family] += by;
      this.#compare(family, previous, standingOf(node, family));
    });
    this.#noteStrays(pod.nodeName, node);
    return place ?? 'outside';
  }

  /** Counts in which ranges of Services the addresses of a pod lie. */
  countInServiceRanges(pod: Addressed, by: 1 | -1): void {
    if (this.#serviceRanges === NO_RANGES) return;
    eachAddress(pod, (address, family) => {
      for (const range of this.#serviceRanges) {
        if (range.family === family && range.contains(address)) this.#inServiceRanges.add(range.cidr, by);
      }
    });
  }

  /** Most changes leave a node as it is. */
  #compare(family: Family, previous: Standing, standing: Standing): void {
    if (previous === standing) return;
    this.#weigh(family, previous, -1);
    this.#weigh(family, standing, 1);
  }

  #weigh(family: Family, standing: Standing, by: 1 | -1): void {
    if (standing === 'none') return;
    this.#nodes.add(family, by);
    if (standing === 'outside') return;
    this.#someInside.add(family, by);
    if (standing === 'mostlyInside') this.#mostlyInside.add(family, by);
  }

  #noteStrays(nodeName: string, { outside }: RangedNode): void {
    if (outside.IPv4 + outside.IPv6 > 0) this.#withStrays.add(nodeName);
    else if (this.#withStrays.size > 0) this.#withStrays.delete(nodeName);
  }
}

/** Where the pods of a node have their addresses of a family: `none` has one. */
type Standing = 'none' | 'outside' | 'someInside' | 'mostlyInside';

function standingOf({ inside, outside }: NodeRanges, family: Family): Standing {
  if (inside[family] > outside[family]) return 'mostlyInside';
  if (inside[family] > 0) return 'someInside';
  return outside[family] > 0 ? 'outside' : 'none';
}

function rangedNode(ranges: readonly Range[]): RangedNode {
  return { ranges, inside: { IPv4: 0, IPv6: 0 }, outside: { IPv4: 0, IPv6: 0 } };
}

/** Whether an address is in one of the ranges of its family; undefined where there is none of it. */
function isIn(ranges: readonly Range[], address: string, family: Family): boolean | undefined {
  let inside: boolean | undefined;
  for (const range of ranges) {
    if (range.family !== family) continue;
    if (range.textPrefix !== undefined && address.startsWith(range.textPrefix)) return true;
    if (range.contains(address)) return true;
    inside = false;
  }
  return inside;
}

/** Those that are no CIDR are passed over. */
function rangesOf(cidrs: readonly string[]): readonly Range[] {
  const ranges = cidrs.flatMap((cidr) => {
    const family = familyOfCIDR(cidr);
    return family ? [{ cidr, family, textPrefix: textPrefixOf(cidr), contains: containedBy(cidr) }] : [];
  });
  return ranges.length > 0 ? ranges : NO_RANGES;
}

/** Calls for each address of a pod with its family; reading an address takes long, and mostly the families say it. */
export function eachAddress({ addresses, families }: Omit<Addressed, 'nodeName'>, call: (address: string, family: Family) => void): void {
  if (families === NO_FAMILY) return;
  const all = addresses.length === families.length;
  addresses.forEach((address, index) => {
    const family = all ? families[index] : familyOfAddress(address);
    if (family && families.includes(family)) call(address, family);
  });
}

/** The first of a pod's addresses that is one, with its family; reading an address takes long, and mostly all are. */
export function firstAddress({ addresses, families }: Omit<Addressed, 'nodeName'>): {
  readonly address: string;
  readonly family: Family | undefined;
} {
  if (addresses.length === families.length) return { address: addresses[0] ?? '', family: families[0] };
  const address = addresses.find((each) => familyOfAddress(each)) ?? '';
  return { address, family: familyOfAddress(address) };
}
