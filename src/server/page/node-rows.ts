import type { FamilyList } from '../../core/net/addresses.ts';
import type { ObjectCheck, Severity } from '../../core/checks/check.ts';
import { checksOf } from '../../core/checks/registry.ts';
import { roster, ROSTER_KIND, type Member } from '../../core/overview/roster.ts';
import type { ClusterStore } from '../../core/cluster/cluster-store.ts';
import type { Found, Evaluation } from '../../core/engine/evaluation.ts';
import { severitiesOf } from '../../core/report/check-settings.ts';
import { unwantedBy } from '../../core/report/selection.ts';
import type { DualStackReportSpec, SeverityOverride } from '../../core/report/types.ts';

/** What a check found on a node. */
export interface NodeFound {
  readonly check: string;
  readonly severity: Severity;
  readonly families: FamilyList;
}

/** A node with its families, and what checks found on it. */
export interface NodeRow extends Member {
  readonly found: readonly NodeFound[];
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
const ROWS_PER_PAGE = 200;

const RANKS: Readonly<Record<Severity, number>> = { Info: 1, Warning: 2, Critical: 3 };
/** After so many of what checks found others may run: each is compared with all exclusions. */
const FOUND_PER_STEP = 50;

/** What a check found on a node, before a report has its say. */
interface Evaluated extends Found {
  readonly check: ObjectCheck;
}

/** Which report asks, and when, in milliseconds since the epoch: an exclusion may have expired. */
export interface Viewer {
  readonly spec: DualStackReportSpec;
  readonly now: number;
}

/**
 * One page of the nodes, as of the last completed evaluation. What it takes of the store and the evaluation is copied at once; the rest is done in steps,
 * between which these may change.
 * @param wanted the number of the page; one that is too high is the last
 */
export function nodeRows(store: ClusterStore, evaluation: Evaluation, by: Viewer, wanted: number): Generator<void, NodeRows> {
  const evaluated = checksOf(ROSTER_KIND).flatMap((check) => [...evaluation.foundBy(check)].map((found) => ({ ...found, check })));
  return rowsOf(roster(store), evaluated, by, wanted);
}

function* rowsOf(all: readonly Member[], evaluated: readonly Evaluated[], by: Viewer, wanted: number): Generator<void, NodeRows> {
  const found = yield* foundOnNodes(evaluated, by);
  const nodes = all.toSorted(byWorst(found));
  yield;
  const pages = Math.max(1, Math.ceil(nodes.length / ROWS_PER_PAGE));
  const page = Math.min(wanted, pages);
  const start = (page - 1) * ROWS_PER_PAGE;
  return {
    rows: nodes.slice(start, start + ROWS_PER_PAGE).map((node) => ({ ...node, found: found.get(node.name) ?? [] })),
    total: nodes.length,
    withFindings: found.size,
    page,
    pages,
    first: start + 1,
  };
}

/** What the report wants to hear of what checks find on nodes, rolled up or not. */
function* foundOnNodes(evaluated: readonly Evaluated[], { spec, now }: Viewer): Generator<void, ReadonlyMap<string, readonly NodeFound[]>> {
  const isUnwanted = unwantedBy(spec, now);
  const overrides = severitiesOf(spec);
  const found = new Map<string, NodeFound[]>();
  for (const [index, { check, object, families, severity }] of evaluated.entries()) {
    if (index % FOUND_PER_STEP === FOUND_PER_STEP - 1) yield;
    if (isUnwanted(check, object)) continue;
    const ofNode = found.get(object.name) ?? [];
    found.set(object.name, ofNode);
    ofNode.push({ check: check.name, severity: severityIn(overrides.get(check.name)) ?? severity, families });
  }
  return found;
}

function severityIn(override: SeverityOverride | undefined): Severity | undefined {
  return override === 'Ignore' ? undefined : override;
}

function byWorst(found: ReadonlyMap<string, readonly NodeFound[]>): (a: Member, b: Member) => number {
  const ranks = new Map([...found].map(([name, each]) => [name, Math.max(...each.map(({ severity }) => RANKS[severity]))]));
  return (a, b) => (ranks.get(b.name) ?? 0) - (ranks.get(a.name) ?? 0) || (a.name < b.name ? -1 : 1);
}
