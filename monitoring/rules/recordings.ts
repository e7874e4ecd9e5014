import { maxBy, sumBy } from './promql.ts';
import type { Recording } from './rule.ts';

/** Which families a layer has. */
export const LAYER_STACK: Recording = {
  name: 'cluster_layer_stack:dualstack_layer_stack:max',
  expression: maxBy(['layer', 'stack'], 'dualstack_layer_stack'),
};

/** How far the families of a layer are from balance. */
export const IMBALANCE: Recording = {
  name: 'cluster_layer:dualstack_family_imbalance_ratio:max',
  expression: maxBy(['layer'], 'dualstack_family_imbalance_ratio'),
};

/** How many objects of a kind lack a family, in all namespaces. */
const DRIFT: Recording = {
  name: 'cluster_kind_missing_family:dualstack_single_family_drift:sum',
  expression: sumBy(['kind', 'missing_family'], maxBy(['kind', 'namespace', 'missing_family'], 'dualstack_single_family_drift')),
};

/** What share of a layer is dual-stack: how far a migration is, and how much of it stays so. */
const DUAL: readonly Recording[] = [
  dualShare('nodes', ['families']),
  dualShare('pods', ['namespace', 'families']),
  dualShare('services', ['namespace', 'policy', 'families']),
];

/** Every recording rule. */
export const RECORDINGS: readonly Recording[] = [LAYER_STACK, IMBALANCE, DRIFT, ...DUAL];

/** Where nothing is dual-stack there may be no series that says so. @param labels of the metric of the layer */
function dualShare(layer: string, labels: readonly string[]): Recording {
  const count = (selector: string): string => sumBy([], maxBy(labels, selector));
  const all = count(`dualstack_${layer}`);
  return {
    name: 'cluster_layer:dualstack_dual:ratio',
    expression: `(
${count(`dualstack_${layer}{families="dual"}`)}
or
0 * ${all}
)
/
(${all} > 0)`,
    labels: { layer },
  };
}
