import { listOf, networkOf, type Family, type FamilyList, type Network } from '../net/addresses.ts';

/** All networks that begin with the same bits. */
interface Branch {
  /** The nodes whose network these bits are. */
  readonly nodes: Set<string>;
  /** The networks that go on with a 0, and those that go on with a 1, by that bit. */
  readonly longer: Map<string, Branch>;
  /** The two least names of `nodes`, once they were requested, until these change. */
  leastHere: readonly string[] | undefined;
  /** The same of all nodes here and below. */
  leastWithin: readonly string[] | undefined;
}

/** A podCIDR of a node, and the first by name of the other nodes that have one which overlaps it. */
export interface CIDRConflict {
  readonly cidr: string;
  readonly node: string;
}

const NO_NODE: ReadonlySet<string> = new Set();

/**
 * Which nodes have podCIDRs that overlap. Networks are kept in a tree by their bits: those that a network overlaps are on the way to it or
 * below it, so a node is compared with no others, however many there are, and however many of them overlap.
 */
export class CIDRIndex {
  readonly #roots: Readonly<Record<Family, Branch>> = { IPv4: newBranch(), IPv6: newBranch() };
  readonly #networks = new Map<string, readonly Network[]>();
  /** What was found, until something changes in it: each change of a pod asks of its node, and the way through the tree is long. */
  readonly #families = new Map<string, FamilyList>();
  #version = 0;

  /** Changes when the CIDRs of some node do. */
  get version(): number {
    return this.#version;
  }

  /**
   * Sets the CIDRs of a node, in place of those that it had; malformed ones are passed over.
   * @returns the other nodes that now have an overlap in a family because of it, or no longer have one, and maybe some that are unchanged
   */
  set(node: string, cidrs: readonly string[]): ReadonlySet<string> {
    const previous = this.#networks.get(node) ?? [];
    const networks = [...new Set(cidrs)].map(networkOf).filter((network) => network !== undefined);
    if (sameCIDRs(previous, networks)) return NO_NODE;
    this.#version += 1;
    const affected = new Set<string>();
    for (const network of previous) for (const other of this.#dependingOn(network, node)) affected.add(other);
    for (const network of previous) remove(this.#roots[network.family], network.prefix, node);
    if (networks.length > 0) this.#networks.set(node, networks);
    else this.#networks.delete(node);
    for (const network of networks) add(this.#roots[network.family], network.prefix, node);
    for (const network of networks) for (const other of this.#dependingOn(network, node)) affected.add(other);
    for (const name of [node, ...affected]) this.#families.delete(name);
    return affected;
  }

  /** The families in which a CIDR of a node overlaps one of another node. */
  conflictFamiliesOf(node: string): FamilyList {
    const known = this.#families.get(node);
    if (known) return known;
    const overlapping = (this.#networks.get(node) ?? []).filter(
      ({ family, prefix }) => leastOverlapping(this.#roots[family], prefix, node) !== undefined,
    );
    const families = listOf(overlapping.map(({ family }) => family));
    if (this.#networks.has(node)) this.#families.set(node, families);
    return families;
  }

  /** The CIDRs of a node that overlap one of another node, each once, in the order in which the node has them. */
  conflictsOf(node: string): readonly CIDRConflict[] {
    return (this.#networks.get(node) ?? []).flatMap(({ cidr, family, prefix }) => {
      const other = leastOverlapping(this.#roots[family], prefix, node);
      return other === undefined ? [] : [{ cidr, node: other }];
    });
  }

  /** The nodes with a CIDR that overlaps a network, which is none of theirs; none where the text is no CIDR. */
  overlapping(cidr: string): ReadonlySet<string> {
    const network = networkOf(cidr);
    const names = new Set<string>();
    if (!network) return names;
    let depth = -1;
    let last = this.#roots[network.family];
    for (const branch of onTheWay(last, network.prefix)) {
      for (const name of branch.nodes) names.add(name);
      last = branch;
      depth += 1;
    }
    if (depth === network.prefix.length) addWithin(last, names);
    return names;
  }

  /** The first by name of the nodes other than one that have a CIDR with an address in it. */
  holderOf(address: string, except: string): string | undefined {
    const network = networkOf(`${address}/${address.includes(':') ? 128 : 32}`);
    if (!network) return undefined;
    const names: string[] = [];
    for (const branch of onTheWay(this.#roots[network.family], network.prefix)) names.push(...leastHere(branch));
    return twoLeast(names.filter((name) => name !== except))[0];
  }

  /** The bits that all networks of a family begin with, and how many bits the shortest of them has at least; undefined where there are not two. */
  commonBitsOf(family: Family): { readonly prefix: string; readonly length: number } | undefined {
    let prefix = '';
    let branch = this.#roots[family];
    while (branch.nodes.size === 0 && branch.longer.size === 1) {
      for (const [bit, next] of branch.longer) [prefix, branch] = [prefix + bit, next];
    }
    if (branch.longer.size < 2) return undefined;
    let { length } = prefix;
    for (let below = branch; below.nodes.size === 0; length += 1) {
      const [next] = below.longer.values();
      if (!next) break;
      below = next;
    }
    return { prefix, length };
  }

  /**
   * The nodes that may have no overlap in the family but with this network of a node. Networks that hold it overlap each other, and
   * whatever lies in it: where another node has one, only that node can be such, and where two have, none is.
   */
  #dependingOn({ family, prefix }: Network, node: string): ReadonlySet<string> {
    const others = new Set<string>();
    let last = this.#roots[family];
    for (const branch of onTheWay(last, prefix)) {
      for (const other of branch.nodes) {
        if (other !== node) others.add(other);
        if (others.size > 1) return NO_NODE;
      }
      last = branch;
    }
    if (others.size > 0) return others;
    addWithin(last, others);
    others.delete(node);
    return others;
  }
}

function sameCIDRs(one: readonly Network[], other: readonly Network[]): boolean {
  return one.length === other.length && one.every(({ cidr }, index) => cidr === other[index]?.cidr);
}

function newBranch(): Branch {
  return { nodes: new Set(), longer: new Map(), leastHere: undefined, leastWithin: undefined };
}

function add(root: Branch, prefix: string, node: string): void {
  let branch = root;
  branch.leastWithin = undefined;
  for (const bit of prefix) {
    const next = branch.longer.get(bit) ?? newBranch();
    branch.longer.set(bit, next);
    branch = next;
    branch.leastWithin = undefined;
  }
  branch.nodes.add(node);
  branch.leastHere = undefined;
}

/** Takes a network out, and the branches that nothing is left on. */
function remove(branch: Branch, prefix: string, node: string, depth = 0): void {
  const bit = prefix.charAt(depth);
  branch.leastWithin = undefined;
  if (bit === '') {
    branch.nodes.delete(node);
    branch.leastHere = undefined;
  }
  const next = branch.longer.get(bit);
  if (!next) return;
  remove(next, prefix, node, depth + 1);
  if (next.nodes.size + next.longer.size === 0) branch.longer.delete(bit);
}

/** The branches of the networks that hold one, the widest first, and at last its own. */
function* onTheWay(root: Branch, prefix: string): Generator<Branch> {
  let branch = root;
  yield branch;
  for (const bit of prefix) {
    const next = branch.longer.get(bit);
    if (!next) return;
    branch = next;
    yield branch;
  }
}

/** Adds the nodes of a branch and of those below it. */
function addWithin({ nodes, longer }: Branch, names: Set<string>): void {
  for (const name of nodes) names.add(name);
  for (const branch of longer.values()) addWithin(branch, names);
}

/** The least name of the other nodes with a network that holds this one of a node, is it, or lies in it. */
function leastOverlapping(root: Branch, prefix: string, node: string): string | undefined {
  const names: string[] = [];
  let last = root;
  for (const branch of onTheWay(root, prefix)) {
    names.push(...leastHere(branch));
    last = branch;
  }
  names.push(...leastWithin(last));
  return twoLeast(names.filter((name) => name !== node))[0];
}

function leastHere(branch: Branch): readonly string[] {
  return (branch.leastHere ??= twoLeast(branch.nodes));
}

function leastWithin(branch: Branch): readonly string[] {
  return (branch.leastWithin ??= twoLeast([...leastHere(branch), ...[...branch.longer.values()].flatMap(leastWithin)]));
}

/** The two least names, the least first: one of them is another node's, whichever node asks. */
function twoLeast(names: Iterable<string>): readonly string[] {
  let first: string | undefined;
  let second: string | undefined;
  for (const name of names) {
    if (first === undefined || name < first) [first, second] = [name, first];
    else if (name !== first && (second === undefined || name < second)) second = name;
  }
  return [first, second].filter((name) => name !== undefined);
}
