import { isDual, type FamilyLabel } from '../net/addresses.ts';
import type { Facts, FactsKind, NodeFacts, PodFacts, ServiceFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { lackedByOnePodOn } from './lone-pods.ts';
import { oneFamilyReason } from './one-family-nodes.ts';
import { graceOfFamilies } from './pod-grace.ts';
import { lacksAsItsNode } from './reach.ts';
import type { ClusterView } from './view.ts';

/** What the evaluation of a kind's objects does beside asking its checks. */
export interface Role<F extends Facts = Facts> {
  /** Whether no check looks at an object. Without it each check decides for itself. */
  isIgnored?(facts: F): boolean;
  /** Whether an object may do without a family, so that it is no evidence of health where findings are rolled up. */
  mayLack?(facts: F): boolean;
  /** What the verdicts on those that name or select an object depend on, as a text: they are evaluated again when it changes. */
  profile?(facts: F, view: ClusterView): string | undefined;
  /** Whether Events on its objects are found by their keys and not by a uid. */
  readonly isKeyOfEvents?: boolean;
  /** What is counted of an object beside its findings, by label. */
  counts?(facts: F, view: ClusterView): readonly (readonly [label: string, count: number])[];
}

const NODE: Role<NodeFacts> = {
  // Events of nodes carry the name for a uid, as the kubelet's do.
  isKeyOfEvents: true,
  isIgnored: (node) => nodeSkipReason(node) !== undefined,
  // Any one family will do there (rules.md#skipped-nodes, #windows-overlay).
  mayLack: ({ windows }) => windows,
  profile: (node, view) => {
    const { having } = view.podsOn(node);
    const given = view.familiesGivenBy(node)?.join() ?? '?';
    const addresses = [...node.addresses, node.notReady, node.readyChangedAt, node.createdAt, node.uninitialized].join();
    const lone = lackedByOnePodOn(node, view).join();
    const isMadeUp = view.isMadeUp(node);
    return [given, having.IPv4 > 0, having.IPv6 > 0, lone, addresses, isMadeUp, nodeSkipReason(node), node.windows].join('/');
  },
};

const POD: Role<PodFacts> = {
  isKeyOfEvents: true,
  // Most pods have none, which takes no memory.
  profile: (pod, view) => oneFamilyReason(pod, view) ?? graceOfFamilies(pod, view) ?? (lacksAsItsNode(pod, view) ? 'asItsNode' : undefined),
};

const SERVICE: Role<ServiceFacts> = { counts: endpointsOf };

const ROLES: ReadonlyMap<FactsKind, Role> = new Map<FactsKind, Role>([
  ['Node', NODE],
  ['Pod', POD],
  ['Service', SERVICE],
]);

const NO_ROLE: Role = {};
const NONE: readonly never[] = [];

/** What is done for the objects of a kind. */
export function roleOf(kind: FactsKind): Role {
  return ROLES.get(kind) ?? NO_ROLE;
}

/** What Events on an object carry for its uid; empty where it is not known. */
export function eventUidOf(kind: FactsKind, key: string, facts: Facts | undefined): string {
  if (roleOf(kind).isKeyOfEvents) return key;
  return facts && 'uid' in facts ? facts.uid : '';
}

/** The ready targets of a dual-stack Service with a selector, by `namespace/families`. */
function endpointsOf(service: ServiceFacts, view: ClusterView): readonly (readonly [string, number])[] {
  if (service.deleting || service.selector.length === 0 || !isDual(service.ipFamilies)) return NONE;
  const ipv4 = view.readyTargets(service, 'IPv4');
  const ipv6 = view.readyTargets(service, 'IPv6');
  const both = ipv4.intersection(ipv6).size;
  const counts: readonly (readonly [FamilyLabel, number])[] = [
    ['dual', both],
    ['ipv4', ipv4.size - both],
    ['ipv6', ipv6.size - both],
  ];
  return counts.filter(([, count]) => count > 0).map(([label, count]) => [`${service.namespace}/${label}`, count] as const);
}
