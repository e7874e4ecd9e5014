import { containedBy, familiesWhere, familyOfAddress, familyOfCIDR, NO_FAMILY, type Family, type FamilyList } from '../net/addresses.ts';
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
  readonly contains: (address: string) => boolean;
}

interface Counts {
  readonly inside: Record<Family, number>;
  readonly outside: Record<Family, number>;
}

/** What is read of a pod. A packed pod makes a new list each time its addresses are read. */
export type Addressed = Pick<PodFacts, 'nodeName' | 'addresses' | 'families'>;

const NO_RANGES: readonly Range[] = [];
const NOTHING: NodeRanges = newCounts();

/** In which ranges the addresses of pods lie: those of their own node, and those of Services. */
export class PodRanges {
  readonly #podCIDRs = new Map<string, readonly Range[]>();
  readonly #ofNode = new Map<string, Counts>();
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
    if (ranges.length > 0) this.#podCIDRs.set(nodeName, ranges);
    else this.#podCIDRs.delete(nodeName);
  }

  /** Sets the ranges of Services; no pod may be counted by them meanwhile. */
  setServiceRanges(cidrs: readonly string[]): void {
    this.#serviceRanges = rangesOf(cidrs);
  }

  /** Whether an address of a family lies in a podCIDR of a node. */
  isInPodCIDR(nodeName: string, address: string, family: Family): boolean {
    return isIn(this.#podCIDRs.get(nodeName) ?? NO_RANGES, address, family) === true;
  }

  /** Where the addresses of the pods on a node lie. */
  of(nodeName: string): NodeRanges {
    return this.#ofNode.get(nodeName) ?? NOTHING;
  }

  /** How many pods have an address in a range of Services. */
  inServiceRange(cidr: string): number {
    return this.#inServiceRanges.get(cidr);
  }

  /** Counts where the addresses of a pod lie. */
  count(pod: Addressed, by: 1 | -1): void {
    const { nodeName } = pod;
    const ranges = this.#podCIDRs.get(nodeName) ?? NO_RANGES;
    if (ranges === NO_RANGES) return;
    const counts = this.#ofNode.get(nodeName) ?? newCounts();
    eachAddress(pod, (address, family) => {
      const inside = isIn(ranges, address, family);
      if (inside === undefined) return;
      const previous = standingOf(counts, family);
      (inside ? counts.inside : counts.outside)[family] += by;
      this.#compare(family, previous, standingOf(counts, family));
    });
    this.#keep(nodeName, counts);
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

  #keep(nodeName: string, counts: Counts): void {
    const { inside, outside } = counts;
    const strays = outside.IPv4 + outside.IPv6;
    if (strays > 0) this.#withStrays.add(nodeName);
    else this.#withStrays.delete(nodeName);
    if (strays + inside.IPv4 + inside.IPv6 === 0) this.#ofNode.delete(nodeName);
    else this.#ofNode.set(nodeName, counts);
  }
}

/** Where the pods of a node have their addresses of a family: `none` has one. */
type Standing = 'none' | 'outside' | 'someInside' | 'mostlyInside';

function standingOf({ inside, outside }: Counts, family: Family): Standing {
  if (inside[family] > outside[family]) return 'mostlyInside';
  if (inside[family] > 0) return 'someInside';
  return outside[family] > 0 ? 'outside' : 'none';
}

function newCounts(): Counts {
  return { inside: { IPv4: 0, IPv6: 0 }, outside: { IPv4: 0, IPv6: 0 } };
}

/** Whether an address is in one of the ranges of its family; undefined where there is none of it. */
function isIn(ranges: readonly Range[], address: string, family: Family): boolean | undefined {
  let inside: boolean | undefined;
  for (const range of ranges) {
    if (range.family !== family) continue;
    if (range.contains(address)) return true;
    inside = false;
  }
  return inside;
}

/** Those that are no CIDR are passed over. */
function rangesOf(cidrs: readonly string[]): readonly Range[] {
  const ranges = cidrs.flatMap((cidr) => {
    const family = familyOfCIDR(cidr);
    return family ? [{ cidr, family, contains: containedBy(cidr) }] : [];
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
