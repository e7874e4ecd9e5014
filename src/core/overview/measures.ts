import { DUAL_IPV4_FIRST, familyLabel, isDual, listOf, type FamilyLabel } from '../net/addresses.ts';
import type { Check, ObjectCheck } from '../checks/check.ts';
import { OBJECT_CHECKS } from '../checks/registry.ts';
import type { FactsKind, NodeFacts } from '../kinds/facts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { LayerFamilies } from '../cluster/stack.ts';
import { countsByNamespace, imbalance, totalOf, type CountsByLabel } from './counts.ts';
import { COUNTED, LAYERS, type Counted, type State } from './layers.ts';

const LABELS: readonly FamilyLabel[] = ['dual', 'ipv4', 'ipv6', 'none'];
const STACKS: readonly LayerFamilies[] = ['DualStack', 'IPv4', 'IPv6', 'Mixed', 'Unknown'];
const EVERYWHERE = (): boolean => true;

/** Which series of single objects to expose beside those that are bounded by the number of namespaces. */
export interface SeriesOfObjects {
  /** For each dual-stack Service. */
  readonly perService: boolean;
  /** For each evaluated node, instead of only the nodes that lack a family. */
  readonly perNode: boolean;
}

/** One series: its labels and its value. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric of the cluster itself, with what fills it. */
export interface Measure {
  /** Without its prefix. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Whether it is exposed at all. */
  isWanted?(series: SeriesOfObjects): boolean;
  /** Nothing is measured of a kind that is not known: its series are absent, never 0. */
  samples(state: State, series: SeriesOfObjects): Iterable<Sample>;
}

/** The metrics of the cluster, in the order in which they are exposed. */
export const MEASURES: readonly Measure[] = [
  {
    name: 'layer_stack',
    help: 'IP families of a layer of the cluster (nodes, pods or services), one of DualStack, IPv4, IPv6, Mixed and Unknown: 1 for the present stack, 0 for the others.',
    labelNames: ['layer', 'stack'],
    // What cannot be seen is Unknown, which is a stack like the others.
    samples: ({ evaluation }) =>
      LAYERS.flatMap(({ name }) =>
        STACKS.map((stack): Sample => [{ layer: name, stack }, stack === evaluation.view.stack[name].families ? 1 : 0]),
      ),
  },
  {
    name: 'nodes',
    help: 'Evaluated nodes by the families of both their addresses and, where in use, their podCIDRs.',
    labelNames: ['families'],
    samples: (state) =>
      countsOf('nodes', state).flatMap(([, counts]) => LABELS.map((families): Sample => [{ families }, counts[families]])),
  },
  {
    name: 'pods',
    help: 'Running pods of the pod network by the families of their addresses.',
    labelNames: ['namespace', 'families'],
    samples: (state) =>
      countsOf('pods', state).flatMap(([namespace, counts]) =>
        LABELS.map((families): Sample => [{ namespace, families }, counts[families]]),
      ),
  },
  {
    name: 'services',
    help: 'Evaluated Services by their policy and families.',
    labelNames: ['namespace', 'policy', 'families'],
    samples: serviceSamples,
  },
  {
    name: 'node_pod_cidr_missing',
    help: '1 for each node and family for which a podCIDR is expected and missing.',
    labelNames: ['node', 'family'],
    samples: missingPodCIDRs,
  },
  {
    name: 'node_families',
    help: '1 for each node that lacks a family, by the families of its addresses, its podCIDRs and its pods. With --metrics-per-node=true, for each evaluated node.',
    labelNames: ['node', 'addresses', 'pod_cidrs', 'pods'],
    samples: nodeFamilies,
  },
  {
    name: 'single_family_drift',
    help: 'Evaluated objects with only one family, if their layer of the cluster is dual-stack.',
    labelNames: ['kind', 'namespace', 'missing_family'],
    samples: drift,
  },
  {
    name: 'family_imbalance_ratio',
    help: 'Imbalance of the families of a layer: 0 if as many objects have IPv4 as IPv6, 1 if all have only one and the same family.',
    labelNames: ['layer'],
    samples: imbalances,
  },
  {
    name: 'service_endpoints_unbalanced',
    help: 'Services whose ready endpoints differ by family, or lack a family.',
    labelNames: ['namespace'],
    samples: unbalanced,
  },
  {
    name: 'service_ready_endpoints',
    help: 'Ready endpoints of each dual-stack Service with a selector.',
    labelNames: ['namespace', 'service', 'family'],
    isWanted: ({ perService }) => perService,
    samples: readyEndpoints,
  },
];

/** The counts of one field of a report by namespace; none where its kinds are not known. */
function countsOf(name: Counted['name'], state: State): (readonly [namespace: string, counts: CountsByLabel])[] {
  const counted = COUNTED.find((one) => one.name === name);
  return counted && areKnown(state.store, counted.counts.needs) ? [...counted.counts.byNamespace(state)] : [];
}

function* serviceSamples({ store }: State): Generator<Sample> {
  if (!areKnown(store, ['Service'])) return;
  for (const [key, count] of store.serviceTally.entries()) {
    const [namespace = '', policy = '', families = ''] = key.split('/');
    yield [{ namespace, policy, families }, count];
  }
}

function* missingPodCIDRs({ store, evaluation }: State): Generator<Sample> {
  if (!areKnown(store, ['Node'])) return;
  for (const check of checksBehind('node_pod_cidr_missing')) {
    for (const { object, families } of evaluation.foundBy(check)) for (const family of families) yield [{ node: object.name, family }, 1];
  }
}

function* nodeFamilies(state: State, { perNode }: SeriesOfObjects): Generator<Sample> {
  const { store } = state;
  if (!areKnown(store, ['Node'])) return;
  const pods = areKnown(store, ['Pod']) ? (name: string) => podFamilies(store, name) : () => '';
  for (const { name, addressFamilies, podCIDRFamilies } of perNode ? evaluatedNodes(store) : nodesMissingFamilies(state)) {
    const addresses = familyLabel(addressFamilies);
    yield [{ node: name, addresses, pod_cidrs: familyLabel(podCIDRFamilies), pods: pods(name) }, 1];
  }
}

function evaluatedNodes(store: ClusterStore): readonly NodeFacts[] {
  return [...store.nodes.values()].filter((node) => nodeSkipReason(node) === undefined);
}

/** The nodes that some check finds to lack a family, those behind a finding on the cluster too. */
function nodesMissingFamilies({ store, evaluation }: State): readonly NodeFacts[] {
  const keys = new Set(checksBehind('node_families').flatMap((check) => [...evaluation.foundBy(check)].map(({ key }) => key)));
  return [...keys].map((key) => store.nodes.get(key)).filter((node) => node !== undefined);
}

/** The families that the running pods of the pod network on a node have. */
function podFamilies(store: ClusterStore, node: string): FamilyLabel {
  const { having } = store.podNetworkOf(node);
  return familyLabel(listOf(DUAL_IPV4_FIRST.filter((family) => having[family] > 0)));
}

/** Only where the layer is dual-stack is a single family drift. */
function* drift(state: State): Generator<Sample> {
  for (const { name, kind } of LAYERS) {
    if (state.evaluation.view.stack[name].families !== 'DualStack') continue;
    for (const [namespace, counts] of countsOf(name, state)) {
      yield [{ kind, namespace, missing_family: 'IPv4' }, counts.ipv6];
      yield [{ kind, namespace, missing_family: 'IPv6' }, counts.ipv4];
    }
  }
}

/** A layer in which nothing has a family is neither balanced nor not. */
function* imbalances(state: State): Generator<Sample> {
  for (const { name, counts } of COUNTED) {
    if (!areKnown(state.store, counts.needs)) continue;
    const all = counts.in(state, EVERYWHERE);
    if (totalOf(all) > all.none) yield [{ layer: name }, imbalance(all)];
  }
}

function unbalanced({ store, evaluation }: State): Iterable<Sample> {
  const checks: readonly Check[] = checksBehind('service_endpoints_unbalanced');
  if (!checks.every(({ needs }) => areKnown(store, needs))) return [];
  const counts = new Map([...countsByNamespace(store.serviceTally.entries()).keys()].map((namespace) => [namespace, 0]));
  for (const { check, object } of evaluation.findings.values()) {
    if (checks.includes(check)) counts.set(object.namespace, (counts.get(object.namespace) ?? 0) + 1);
  }
  return [...counts].map(([namespace, count]): Sample => [{ namespace }, count]);
}

function* readyEndpoints({ store, evaluation }: State): Generator<Sample> {
  if (!areKnown(store, ['Service', 'EndpointSlice'])) return;
  for (const service of store.services.values()) {
    if (!isDual(service.ipFamilies) || service.selector.length === 0) continue;
    for (const family of service.ipFamilies) {
      yield [{ namespace: service.namespace, service: service.name, family }, evaluation.view.readyTargets(service, family).size];
    }
  }
}

/** The checks that declare that a metric shows what they find. */
function checksBehind(metric: string): readonly ObjectCheck[] {
  return OBJECT_CHECKS.filter(({ metrics = [] }) => metrics.includes(metric));
}

function areKnown(store: ClusterStore, kinds: readonly FactsKind[]): boolean {
  return kinds.every((kind) => store.availability(kind) === 'Synced');
}
