import { countsByNamespace, totalOf, type CountsByLabel } from '../core/cluster/counts.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Ledger } from '../core/ledger.ts';
import { scopeOf } from '../core/report/scope.ts';
import type { DualStackReportSpec, NamespaceFindings } from '../core/report/types.ts';
import type { LayerStack } from '../core/stack.ts';

/** The judged pods and Services of a namespace by their families. */
export interface NamespaceRow {
  readonly name: string;
  readonly pods: CountsByLabel;
  readonly services: CountsByLabel;
  /** How many of these have one family only, though their layer of the cluster has both. */
  readonly drift: number;
  /** Undefined where the report does not list the namespace: it names the worst ones only. */
  readonly findings: NamespaceFindings | undefined;
}

/** The namespaces of a report, those with the most drift first. */
export interface NamespaceRows {
  readonly rows: readonly NamespaceRow[];
  readonly total: number;
  readonly drifting: number;
}

const MOST_ROWS = 50;
const NOTHING: CountsByLabel = { dual: 0, ipv4: 0, ipv6: 0, none: 0 };

/**
 * The namespaces that have judged pods or Services, as of the last completed evaluation.
 * @param worst what the report tells of namespaces
 */
export function namespaceRows(
  inventory: Inventory,
  ledger: Ledger,
  spec: DualStackReportSpec,
  worst: readonly NamespaceFindings[],
): NamespaceRows {
  const { stack } = ledger.view;
  const pods = countsByNamespace(inventory.podTally.entries());
  const services = countsByNamespace(inventory.serviceTally.entries());
  const findings = new Map(worst.map((one) => [one.name, one]));
  const scope = scopeOf(spec.namespaceSelector, inventory);
  const rows = [...new Set([...pods.keys(), ...services.keys()])].filter(scope).map((name) => {
    const ofPods = pods.get(name) ?? NOTHING;
    const ofServices = services.get(name) ?? NOTHING;
    const drift = driftOf(ofPods, stack.pods) + driftOf(ofServices, stack.services);
    return { name, pods: ofPods, services: ofServices, drift, findings: findings.get(name) };
  });
  rows.sort(byDrift);
  return { rows: rows.slice(0, MOST_ROWS), total: rows.length, drifting: rows.filter(({ drift }) => drift > 0).length };
}

/** Only where the layer is dual-stack is a single family drift. */
function driftOf(counts: CountsByLabel, { families }: LayerStack): number {
  return families === 'DualStack' ? totalOf(counts) - counts.dual - counts.none : 0;
}

function byDrift(a: NamespaceRow, b: NamespaceRow): number {
  return b.drift - a.drift || weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1);
}

/** Among those that drift alike, the one with the worse findings comes first. */
function weightOf({ findings }: NamespaceRow): number {
  return findings ? findings.critical * 1e6 + findings.warning : 0;
}
