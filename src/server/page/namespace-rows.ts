import { totalOf, type CountsByLabel } from '../../core/overview/counts.ts';
import { NAMESPACED_LAYERS } from '../../core/overview/layers.ts';
import type { ClusterStore } from '../../core/cluster/cluster-store.ts';
import type { Evaluation } from '../../core/engine/evaluation.ts';
import { scopeOf } from '../../core/report/scope.ts';
import type { DualStackReportSpec, NamespaceFindings } from '../../core/report/types.ts';
import type { LayerStack } from '../../core/cluster/stack.ts';

/** The evaluated objects of a namespace by their families, as pods and Services are. */
export interface NamespaceRow {
  readonly name: string;
  /** Of each of the {@link NAMESPACED_LAYERS}, in their order. */
  readonly layers: readonly CountsByLabel[];
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
 * The namespaces that have evaluated objects, as of the last completed evaluation.
 * @param worst what the report says of namespaces
 */
export function namespaceRows(
  store: ClusterStore,
  evaluation: Evaluation,
  spec: DualStackReportSpec,
  worst: readonly NamespaceFindings[],
): NamespaceRows {
  const { stack } = evaluation.view;
  const counts = NAMESPACED_LAYERS.map((layer) => ({ layer, byNamespace: layer.counts.byNamespace({ store, evaluation }) }));
  const findings = new Map(worst.map((one) => [one.name, one]));
  const scope = scopeOf(spec.namespaceSelector, store);
  const names = new Set(counts.flatMap(({ byNamespace }) => [...byNamespace.keys()]));
  const rows = [...names].filter(scope).map((name) => {
    const layers = counts.map(({ byNamespace }) => byNamespace.get(name) ?? NOTHING);
    const drift = counts.reduce((sum, { layer, byNamespace }) => sum + driftOf(byNamespace.get(name) ?? NOTHING, stack[layer.name]), 0);
    return { name, layers, drift, findings: findings.get(name) };
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
