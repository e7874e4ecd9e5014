import { DUAL_IPV4_FIRST, listOf, type FamilyList } from '../core/addresses.ts';
import type { NodeCheck, Severity } from '../core/checks/check.ts';
import { NODE_CHECKS } from '../core/checks/index.ts';
import type { NodeFacts } from '../core/facts.ts';
import type { Inventory } from '../core/inventory.ts';
import { nodeLeftOut, type NodeLeftOut } from '../core/judged.ts';
import type { Ledger } from '../core/ledger.ts';
import { unwantedBy } from '../core/report/selection.ts';
import type { DualStackReportSpec } from '../core/report/types.ts';

/** What a check found on a node. */
export interface NodeFound {
  readonly check: string;
  readonly severity: Severity;
  readonly families: FamilyList;
}

/** A node with its families. */
export interface NodeRow {
  readonly name: string;
  readonly addresses: FamilyList;
  readonly podCIDRs: readonly string[];
  readonly podCIDRFamilies: FamilyList;
  /** The running pods of the pod network on it, and the families that they have; undefined where pods are not known. */
  readonly pods: { readonly total: number; readonly ipv4: number; readonly ipv6: number; readonly families: FamilyList } | undefined;
  readonly found: readonly NodeFound[];
  readonly leftOut: NodeLeftOut | undefined;
}

/** Some of the nodes, those with the worst findings first. */
export interface NodeRows {
  readonly rows: readonly NodeRow[];
  readonly total: number;
  /** How many of all have findings. */
  readonly withFindings: number;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** The number of the first of these rows, from 1. */
  readonly first: number;
}

/** A page of more would be slow to read for people and for what reads it to them. */
export const ROWS_PER_PAGE = 200;

const RANKS: Readonly<Record<Severity, number>> = { Info: 1, Warning: 2, Critical: 3 };
/** After so many of what checks found others may run: each is compared with all exclusions. */
const FOUND_PER_STEP = 50;

/** What a check found on a node, before a report has its say. */
interface Judged extends Pick<NodeFound, 'severity' | 'families'> {
  readonly check: NodeCheck;
  readonly name: string;
}

/** A node with its pods as they were at one moment. */
interface Counted {
  readonly node: NodeFacts;
  readonly pods: NodeRow['pods'];
}

/**
 * One page of the nodes, as of the last completed evaluation. What it takes of the inventory and the ledger is copied at once; the rest is done in steps,
 * between which these may change.
 * @param asked the number of the page; one that is too high is the last
 */
export function nodeRows(inventory: Inventory, ledger: Ledger, spec: DualStackReportSpec, asked: number): Generator<void, NodeRows> {
  const arePodsKnown = inventory.availability('Pod') === 'Synced';
  const nodes = [...inventory.nodes.values()].map((node) => ({ node, pods: arePodsKnown ? podsOn(node.name, inventory) : undefined }));
  const judged = NODE_CHECKS.flatMap((check) => [...ledger.nodesFoundBy(check)].map((found) => ({ ...found, check })));
  return rowsOf(nodes, judged, spec, asked);
}

function* rowsOf(all: readonly Counted[], judged: readonly Judged[], spec: DualStackReportSpec, asked: number): Generator<void, NodeRows> {
  const found = yield* foundOnNodes(judged, spec);
  const nodes = all.toSorted(byWorst(found));
  yield;
  const pages = Math.max(1, Math.ceil(nodes.length / ROWS_PER_PAGE));
  const page = Math.min(asked, pages);
  const start = (page - 1) * ROWS_PER_PAGE;
  return {
    rows: nodes.slice(start, start + ROWS_PER_PAGE).map((node) => rowOf(node, found.get(node.node.name) ?? [])),
    total: nodes.length,
    withFindings: found.size,
    page,
    pages,
    first: start + 1,
  };
}

/** What the report wants to hear of what checks find on nodes, rolled up or not. */
function* foundOnNodes(judged: readonly Judged[], spec: DualStackReportSpec): Generator<void, ReadonlyMap<string, readonly NodeFound[]>> {
  const isUnwanted = unwantedBy(spec);
  const found = new Map<string, NodeFound[]>();
  for (const [index, { check, name, families, severity }] of judged.entries()) {
    if (index % FOUND_PER_STEP === FOUND_PER_STEP - 1) yield;
    if (isUnwanted(check, { kind: 'Node', namespace: '', name })) continue;
    const ofNode = found.get(name) ?? [];
    found.set(name, ofNode);
    ofNode.push({ check: check.name, severity: severityIn(spec, check.name) ?? severity, families });
  }
  return found;
}

function severityIn({ severities = {} }: DualStackReportSpec, check: string): Severity | undefined {
  const severity = severities[check];
  return severity === 'Ignore' ? undefined : severity;
}

function byWorst(found: ReadonlyMap<string, readonly NodeFound[]>): (a: Counted, b: Counted) => number {
  const ranks = new Map([...found].map(([name, each]) => [name, Math.max(...each.map(({ severity }) => RANKS[severity]))]));
  return ({ node: a }, { node: b }) => (ranks.get(b.name) ?? 0) - (ranks.get(a.name) ?? 0) || (a.name < b.name ? -1 : 1);
}

function rowOf({ node, pods }: Counted, found: readonly NodeFound[]): NodeRow {
  const { name, addressFamilies: addresses, podCIDRs, podCIDRFamilies } = node;
  return { name, addresses, podCIDRs, podCIDRFamilies, pods, found, leftOut: nodeLeftOut(node) };
}

function podsOn(name: string, inventory: Inventory): NodeRow['pods'] {
  const { total, having } = inventory.podNetworkOf(name);
  return { total, ipv4: having.IPv4, ipv6: having.IPv6, families: listOf(DUAL_IPV4_FIRST.filter((family) => having[family] > 0)) };
}
