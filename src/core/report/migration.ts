import { IPV6, isDual } from '../addresses.ts';
import { serviceNotUpgraded } from '../checks/service-not-upgraded.ts';
import { serviceSingleStack } from '../checks/service-single-stack.ts';
import type { FactsKind, NodeFacts } from '../facts.ts';
import type { Inventory } from '../inventory.ts';
import { nodeLeftOut, podLeftOut } from '../judged.ts';
import type { Ledger } from '../ledger.ts';
import { countsIn, totalOf } from './counts.ts';
import type { Scope } from './scope.ts';
import type { Selection } from './selection.ts';
import type { Migration } from './types.ts';

/** One stage, and what is left of it to do, in words; undefined where nothing is. */
interface Stage {
  readonly stage: Exclude<Migration['stage'], 'Complete'>;
  readonly name: string;
  readonly left: string | undefined;
}

/** What has to be known in order to tell what is left. */
const NEEDS: readonly FactsKind[] = ['Node', 'Pod', 'Service'];

/**
 * How far the cluster is on the way to two families: node addresses, then the pod network, then what Services can have, then the
 * Services themselves (KEP-563). Nodes that need not have both (rule N7, IPv6-mostly networks), and Services that the report excludes or
 * ignores, are not left to do.
 * @returns undefined where nothing says that the cluster is to have both, or it cannot be seen
 */
export function migrationOf(ledger: Ledger, inventory: Inventory, selection: Selection): Migration | undefined {
  if (!isToBeDual(ledger) || NEEDS.some((kind) => inventory.availability(kind) !== 'Synced')) return undefined;
  const stages = [
    nodeAddresses(ledger, inventory),
    podNetwork(ledger, inventory, selection.scope),
    serviceRange(ledger),
    services(ledger, inventory, selection),
  ];
  const open = stages.filter(({ left }) => left !== undefined);
  const [present, ...later] = open;
  if (!present) return { stage: 'Complete', message: `All ${stages.length} stages are done: nothing is left to do.` };
  const number = stages.indexOf(present) + 1;
  const after = later.length > 0 ? ` After that: ${later.map(({ left }) => left).join('; ')}.` : '';
  return { stage: present.stage, message: `Stage ${number} of ${stages.length}, ${present.name}: ${present.left}.${after}` };
}

function isToBeDual({ expected, view: { stack } }: Ledger): boolean {
  if (expected.length > 0) return isDual(expected);
  return stack.podCIDRs.dual || [stack.nodes, stack.pods, stack.services].some(({ families }) => families === 'DualStack');
}

function nodeAddresses({ expected, view: { stack } }: Ledger, inventory: Inventory): Stage {
  const nodes = migratingNodes(inventory);
  const ipv6Mostly = expected.length === 0 && stack.nodes.families === 'DualStack';
  const lacking = nodes.filter(({ addressFamilies }) => !isDual(addressFamilies) && !(ipv6Mostly && addressFamilies === IPV6));
  const left = nodes.length === 0 ? 'there is no node' : someOf(lacking.length, nodes.length, 'nodes without addresses of both families');
  return { stage: 'NodeAddresses', name: 'node addresses', left };
}

function podNetwork({ view: { stack } }: Ledger, inventory: Inventory, scope: Scope): Stage {
  const nodes = migratingNodes(inventory);
  const lacking = stack.podCIDRs.inUse ? nodes.filter(({ podCIDRFamilies }) => !isDual(podCIDRFamilies)).length : 0;
  const { single, total } = migratingPods(inventory, scope);
  const left = [
    someOf(lacking, nodes.length, 'nodes without podCIDRs of both families'),
    someOf(single, total, 'pods without both families'),
  ].filter((words) => words !== undefined);
  if (left.length === 0 && stack.pods.families === 'Unknown') left.push(stack.pods.evidence);
  return { stage: 'PodNetwork', name: 'the pod network', left: left.length > 0 ? left.join(', ') : undefined };
}

function serviceRange({ view: { stack } }: Ledger): Stage {
  const { families, evidence } = stack.services;
  const left = families === 'DualStack' ? undefined : `Services cannot be told to have both families (${evidence})`;
  return { stage: 'ServiceRange', name: 'what Services can have', left };
}

function services({ view: { stack } }: Ledger, inventory: Inventory, { findings, scope }: Selection): Stage {
  const counts = countsIn(inventory.serviceTally.entries(), scope);
  const total = totalOf(counts);
  const found = findings.filter(({ finding: { check } }) => check === serviceSingleStack || check === serviceNotUpgraded).length;
  // Before Services can have both, no finding says which of them do not.
  const left = stack.services.families === 'DualStack' ? found : total - counts.dual;
  return { stage: 'Services', name: 'the Services', left: someOf(left, total, 'Services without both families') };
}

/** The nodes that are to have both families: Windows has no second one for pods (rule K3). */
function migratingNodes(inventory: Inventory): NodeFacts[] {
  return [...inventory.nodes.values()].filter((node) => nodeLeftOut(node) === undefined && !node.windows);
}

function migratingPods(inventory: Inventory, scope: Scope): { readonly single: number; readonly total: number } {
  const counts = countsIn(inventory.podTally.entries(), scope);
  const onWindows = [...inventory.nodes.values()]
    .filter((node) => node.windows && nodeLeftOut(node) === undefined)
    .flatMap(({ name }) => [...inventory.podsOn(name)])
    .filter((pod) => podLeftOut(pod) === undefined && scope(pod.namespace));
  const singleOnWindows = onWindows.filter(({ families }) => !isDual(families)).length;
  const total = totalOf(counts);
  return { single: total - counts.dual - singleOnWindows, total: total - onWindows.length };
}

function someOf(some: number, all: number, what: string): string | undefined {
  return some > 0 ? `${some} of ${all} ${what}` : undefined;
}
