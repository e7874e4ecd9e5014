import { isDual } from '../net/addresses.ts';
import type { Facts, FactsKind, PodFacts, ServiceFacts } from '../kinds/facts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { podSkipReason, serviceSkipReason } from '../kinds/skipped.ts';
import { countsIn, totalOf, type Scope } from './counts.ts';
import type { StageName } from '../checks/check.ts';
import type { LayerName } from '../cluster/stack.ts';

/** Objects of which something may be left to do in a stage. */
export type Part = FoundPart | ReachedPart | OwnPart;

/** Objects on which checks of the stage find something. */
interface FoundPart {
  readonly type: 'found';
  readonly kind: FactsKind;
  /** What those are of which something is left to do. */
  readonly what: string;
  /** How many there are in all. */
  total(store: ClusterStore, scope: Scope): number;
}

/** These, and those that lack families because of what checks of any stage find. */
export interface ReachedPart<F extends Facts = Facts> extends Omit<FoundPart, 'type'> {
  readonly type: 'reached';
  /** Whether an object is one of the total. */
  isCounted(facts: F): boolean;
}

/** Objects that show by themselves whether something is left to do, before checks do. */
export interface OwnPart<F extends Facts = Facts> {
  readonly type: 'own';
  readonly kind: FactsKind;
  readonly what: string;
  isCounted(facts: F): boolean;
  isDone(facts: F): boolean;
  /** Which of the checks of the stage would find fault with it. */
  group(facts: F): string;
}

/** A stage on the way to two families. */
export interface Stage {
  readonly stage: StageName;
  readonly name: string;
  readonly parts: readonly Part[];
  /** The layer that has both families when the stage is done. */
  readonly layer?: LayerName;
  /** What is left where that layer does not have them; else its evidence alone says it. */
  evidence?(evidence: string): string;
}

const SERVICES_OF_ONE_FAMILY: OwnPart<ServiceFacts> = {
  type: 'own',
  kind: 'Service',
  what: 'Services without both families',
  isCounted: (service) => serviceSkipReason(service) === undefined,
  isDone: ({ ipFamilies }) => isDual(ipFamilies),
  group: ({ policy }) => policy,
};

const PODS_OF_ONE_FAMILY: ReachedPart<PodFacts> = {
  type: 'reached',
  kind: 'Pod',
  what: 'pods without both families',
  total: ({ podTally }, scope) => totalOf(countsIn(podTally.entries(), scope)),
  isCounted: (pod) => podSkipReason(pod) === undefined,
};

const ALL_NODES = { type: 'found', kind: 'Node', total: ({ nodeTally }: ClusterStore) => nodeTally.total } as const;

/** Node addresses, then the pod network, then what Services can have, then the Services themselves (KEP-563). */
export const STAGES: readonly Stage[] = [
  {
    stage: 'NodeAddresses',
    name: 'node addresses',
    parts: [{ ...ALL_NODES, what: 'nodes without addresses of both families' }],
    layer: 'nodes',
  },
  {
    stage: 'PodNetwork',
    name: 'the pod network',
    parts: [{ ...ALL_NODES, what: 'nodes that do not give their pods both families' }, PODS_OF_ONE_FAMILY],
    layer: 'pods',
  },
  {
    stage: 'ServiceRange',
    name: 'what Services can have',
    parts: [],
    layer: 'services',
    evidence: (evidence) => `Cannot determine whether Services can be dual-stack (${evidence})`,
  },
  { stage: 'Services', name: 'the Services', parts: [SERVICES_OF_ONE_FAMILY] },
];
