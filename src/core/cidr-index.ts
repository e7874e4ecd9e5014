import { networkOf, type Family, type Network } from './addresses.ts';

/** All networks that begin with the same bits. */
interface Branch {
  /** The nodes whose network these bits are. */
  readonly nodes: Set<string>;
  /** The networks that go on with a 0, and those that go on with a 1, by that bit. */
  readonly longer: Map<string, Branch>;
}

/** A podCIDR of a node, and another node that has one which overlaps it. */
export interface CIDRConflict {
  readonly cidr: string;
  readonly node: string;
}

/**
 * Which nodes have podCIDRs that overlap. Networks are kept in a tree by their bits: those that a network overlaps are on the way to it or
 * below it, so a node is compared with no others, however many there are.
 */
export class CIDRIndex {
  readonly #roots: Readonly<Record<Family, Branch>> = { IPv4: newBranch(), IPv6: newBranch() };
  readonly #networks = new Map<string, readonly Network[]>();

  /** Sets the CIDRs of a node, in place of those that it had; malformed ones are passed over. */
  set(node: string, cidrs: readonly string[]): void {
    for (const network of this.#networks.get(node) ?? []) remove(this.#roots[network.family], network.prefix, node);
    const networks = [...new Set(cidrs)].map(networkOf).filter((network) => network !== undefined);
    if (networks.length > 0) this.#networks.set(node, networks);
    else this.#networks.delete(node);
    for (const network of networks) add(this.#roots[network.family], network.prefix, node);
  }

  /** The CIDRs of a node that overlap one of another node, each once for each such node, by the name of that node. */
  conflictsOf(node: string): readonly CIDRConflict[] {
    const conflicts = (this.#networks.get(node) ?? []).flatMap((network) =>
      [...new Set(overlapping(this.#roots[network.family], network.prefix))]
        .filter((other) => other !== node)
        .map((other) => ({ cidr: network.cidr, node: other })),
    );
    return conflicts.sort((a, b) => (a.node < b.node ? -1 : 1));
  }
}

function newBranch(): Branch {
  return { nodes: new Set(), longer: new Map() };
}

function add(root: Branch, prefix: string, node: string): void {
  let branch = root;
  for (const bit of prefix) {
    const next = branch.longer.get(bit) ?? newBranch();
    branch.longer.set(bit, next);
    branch = next;
  }
  branch.nodes.add(node);
}

/** Takes a network out, and the branches that nothing is left on. */
function remove(branch: Branch, prefix: string, node: string, depth = 0): void {
  const bit = prefix.charAt(depth);
  const next = branch.longer.get(bit);
  if (bit === '') branch.nodes.delete(node);
  if (!next) return;
  remove(next, prefix, node, depth + 1);
  if (next.nodes.size + next.longer.size === 0) branch.longer.delete(bit);
}

/** The nodes of the networks that hold one, are it, or lie in it. */
function* overlapping(root: Branch, prefix: string): Generator<string> {
  let branch = root;
  for (const bit of prefix) {
    yield* branch.nodes;
    const next = branch.longer.get(bit);
    if (!next) return;
    branch = next;
  }
  yield* within(branch);
}

function* within({ nodes, longer }: Branch): Generator<string> {
  yield* nodes;
  for (const branch of longer.values()) yield* within(branch);
}
