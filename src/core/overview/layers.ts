import type { LayerName } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import type { FactsKind } from '../kinds/facts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { namespace } from '../kinds/namespace.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import {
  addressCounts,
  countsByNamespace,
  countsIn,
  labelCounts,
  skippedIn,
  nodeCounts,
  type CountsByLabel,
  type Scope,
} from './counts.ts';

/** What counts are made from: an store and a evaluation that agree with each other. */
export interface State {
  readonly store: ClusterStore;
  readonly evaluation: Evaluation;
}

/** Objects that are counted by the families that they have. */
export interface Counted {
  /** The field of a report that holds the counts. */
  readonly name: LayerName | 'endpoints';
  readonly title: string;
  /** What has both families in those that count as dual-stack, where that is more than one thing. */
  readonly countedBy?: string;
  /** What is said of those that have neither family. */
  readonly none: string;
  /** The kinds that have to be known for the counts. */
  readonly counts: {
    readonly needs: readonly FactsKind[];
    /** Whether they are in namespaces, of which a report may select some. */
    readonly areNamespaced: boolean;
    in(state: State, scope: Scope): CountsByLabel;
    /** By namespace; an empty one where they are in none. */
    byNamespace(state: State): ReadonlyMap<string, CountsByLabel>;
    /** How many are not evaluated, by reason. */
    skipped(store: ClusterStore, scope: Scope): Readonly<Record<string, number>>;
  };
}

/** A layer of the cluster that has families of its own, and a condition in each report. */
export interface Layer extends Counted {
  readonly name: LayerName;
  /** The kind of its objects. */
  readonly kind: FactsKind;
  /** What one of them is called where they are counted. */
  readonly noun: string;
  readonly condition: string;
  /** The kinds without which the condition is Unknown. */
  readonly needs: readonly FactsKind[];
  /** Its objects in the whole cluster by the families from which its stack is determined, if it is determined from these. */
  stackCounts?(state: State): CountsByLabel;
  /** Whether its families oblige no other layer to have them, as those of machines that list two in a cluster of one. */
  readonly obligesNobody?: boolean;
  /** Whether its families say nothing of the cluster, since something makes them up. */
  isMadeUp?(state: State): boolean;
  /** Why the condition is Unknown where there is nothing that could show its families. */
  readonly unproven?: { readonly reason: string; readonly message: string; readonly next: string; is(store: ClusterStore): boolean };
}

/** Whether a virtual cluster made up the addresses of all nodes. */
function areAllMadeUp(view: ClusterView): boolean {
  let some = false;
  for (const node of view.nodes()) {
    if (nodeSkipReason(node)) continue;
    if (!view.isMadeUp(node)) return false;
    some = true;
  }
  return some;
}

/** The kind by whose labels a report selects namespaces. */
export const NAMESPACES: FactsKind = namespace.name;

const NODES: Layer = {
  name: 'nodes',
  title: 'Nodes',
  countedBy: 'addresses and podCIDRs in use',
  none: 'without a family that both have',
  kind: 'Node',
  noun: 'node',
  condition: 'NodesHealthy',
  needs: ['Node', 'Pod'],
  obligesNobody: true,
  counts: {
    needs: ['Node'],
    areNamespaced: false,
    in: ({ store, evaluation }) => nodeCounts(store, evaluation.view),
    byNamespace: ({ store, evaluation }) => new Map([['', nodeCounts(store, evaluation.view)]]),
    skipped: ({ nodesSkipped }) => Object.fromEntries(nodesSkipped.entries()),
  },
  stackCounts: ({ store }) => addressCounts(store),
  isMadeUp: ({ evaluation: { view } }) => areAllMadeUp(view),
};

const PODS: Layer = {
  name: 'pods',
  title: 'Pods',
  none: 'without a usable address',
  kind: 'Pod',
  noun: 'pod',
  condition: 'PodsHealthy',
  needs: ['Node', 'Pod'],
  counts: {
    needs: ['Pod'],
    areNamespaced: true,
    in: ({ store }, scope) => countsIn(store.podTally.entries(), scope),
    byNamespace: ({ store }) => countsByNamespace(store.podTally.entries()),
    skipped: ({ podsSkipped }, scope) => skippedIn(podsSkipped.entries(), scope),
  },
  // podCIDRs show what pods could be given, and not whether the CNI plugin gives it.
  unproven: {
    reason: 'NoPods',
    message: 'Nothing shows what pods are given',
    next: 'Start a pod of the pod network to see.',
    is: ({ podFamilies }) => podFamilies.total === 0,
  },
  stackCounts: ({ store }) => labelCounts(store.podFamilies),
};

const SERVICES: Layer = {
  name: 'services',
  title: 'Services',
  none: 'without ipFamilies',
  kind: 'Service',
  noun: 'Service',
  condition: 'ServicesHealthy',
  needs: ['Service', 'EndpointSlice', 'Pod'],
  counts: {
    needs: ['Service'],
    areNamespaced: true,
    in: ({ store }, scope) => countsIn(store.serviceTally.entries(), scope),
    byNamespace: ({ store }) => countsByNamespace(store.serviceTally.entries()),
    skipped: ({ servicesSkipped }, scope) => skippedIn(servicesSkipped.entries(), scope),
  },
};

/** The layers, each before those that build on it. */
export const LAYERS: readonly Layer[] = [NODES, PODS, SERVICES];

/** The layers whose objects are in namespaces. */
export const NAMESPACED_LAYERS: readonly Layer[] = LAYERS.filter(({ counts }) => counts.areNamespaced);

/** The ready targets of dual-stack Services with a selector. */
const ENDPOINTS: Counted = {
  name: 'endpoints',
  title: 'Endpoints',
  none: 'in no EndpointSlice',
  counts: {
    needs: ['Service', 'EndpointSlice'],
    areNamespaced: true,
    in: ({ evaluation }, scope) => countsIn(evaluation.tallyOf('Service').entries(), scope),
    byNamespace: ({ evaluation }) => countsByNamespace(evaluation.tallyOf('Service').entries()),
    skipped: () => ({}),
  },
};

/** All that is counted by families. */
export const COUNTED: readonly Counted[] = [...LAYERS, ENDPOINTS];
