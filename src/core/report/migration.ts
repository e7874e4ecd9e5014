import { isDual } from '../addresses.ts';
import type { NodeCheck, ServiceCheck } from '../checks/check.ts';
import { nodeAddressMissing } from '../checks/node-address-missing.ts';
import { nodePodCIDRMissing } from '../checks/node-pod-cidr-missing.ts';
import { nodePodNetworkFamilyMissing } from '../checks/node-pod-network-family-missing.ts';
import { podFamilyMissing } from '../checks/pod-family-missing.ts';
import { serviceNotUpgraded } from '../checks/service-not-upgraded.ts';
import { serviceRequirementUnmet } from '../checks/service-requirement-unmet.ts';
import { serviceSingleStack } from '../checks/service-single-stack.ts';
import type { FactsKind, IPFamilyPolicy } from '../facts.ts';
import type { Inventory } from '../inventory.ts';
import { serviceLeftOut } from '../judged.ts';
import type { Ledger } from '../ledger.ts';
import type { LayerStack } from '../stack.ts';
import { podsBehind } from './affects.ts';
import { countsIn, totalOf } from './counts.ts';
import { selectsSome } from './scope.ts';
import type { Selection } from './selection.ts';
import type { DualStackReportSpec, Migration } from './types.ts';

/** One stage, and what is left of it to do, in words; undefined where nothing is. */
interface Stage {
  readonly stage: Exclude<Migration['stage'], 'Complete'>;
  readonly name: string;
  readonly left: string | undefined;
}

/** What has to be known in order to tell what is left. */
const NEEDS: readonly FactsKind[] = ['Node', 'Pod', 'Service'];

/** The check that finds a Service of one family at fault. */
const CHECKS_OF_SERVICES: Readonly<Record<IPFamilyPolicy, ServiceCheck>> = {
  SingleStack: serviceSingleStack,
  PreferDualStack: serviceNotUpgraded,
  RequireDualStack: serviceRequirementUnmet,
};

/**
 * How far the cluster is on the way to two families: node addresses, then the pod network, then what Services can have, then the
 * Services themselves (KEP-563). What is left of nodes and pods is what checks find, without what is only good to know; what the report
 * excludes or ignores is not left to do.
 * @returns undefined where nothing says that the cluster is to have both, or it cannot be seen
 */
export function migrationOf(ledger: Ledger, inventory: Inventory, selection: Selection, spec: DualStackReportSpec): Migration | undefined {
  const needs = selectsSome(spec.namespaceSelector) ? [...NEEDS, 'Namespace' as const] : NEEDS;
  if (!isToBeDual(ledger) || needs.some((kind) => inventory.availability(kind) !== 'Synced')) return undefined;
  const stages = [
    nodeAddresses(ledger, inventory, selection),
    podNetwork(ledger, inventory, selection),
    serviceRange(ledger),
    services(inventory, selection),
  ];
  const open = stages.filter(({ left }) => left !== undefined);
  const [present, ...later] = open;
  if (!present) return { stage: 'Complete', message: `All ${stages.length} stages are done: nothing is left to do.` };
  const number = stages.indexOf(present) + 1;
  const after = later.length > 0 ? ` After that: ${later.map(({ left }) => left).join('; ')}.` : '';
  return { stage: present.stage, message: `Stage ${number} of ${stages.length}, ${present.name}: ${present.left}.${after}` };
}

/** Never told from node addresses: many machines have both families in a cluster that is to have one (rule N6). */
function isToBeDual({ expected, view: { stack } }: Ledger): boolean {
  if (expected.length > 0) return isDual(expected);
  return stack.podCIDRs.dual || [stack.pods, stack.services].some(({ families }) => families === 'DualStack');
}

function nodeAddresses(ledger: Ledger, inventory: Inventory, selection: Selection): Stage {
  const found = nodesFoundBy([nodeAddressMissing], ledger, selection).size;
  const left = someOf(found, inventory.nodeTally.total, 'nodes without addresses of both families') ?? evidenceOf(ledger.view.stack.nodes);
  return { stage: 'NodeAddresses', name: 'node addresses', left };
}

function podNetwork(ledger: Ledger, inventory: Inventory, selection: Selection): Stage {
  const nodes = nodesFoundBy([nodePodCIDRMissing, nodePodNetworkFamilyMissing], ledger, selection).size;
  const left = [
    someOf(nodes, inventory.nodeTally.total, 'nodes that do not give their pods both families'),
    someOf(podsFound(ledger, inventory, selection), totalPods(inventory, selection), 'pods without both families'),
  ].filter((words) => words !== undefined);
  return {
    stage: 'PodNetwork',
    name: 'the pod network',
    left: left.length > 0 ? left.join(', ') : evidenceOf(ledger.view.stack.pods),
  };
}

function serviceRange({ view: { stack } }: Ledger): Stage {
  const evidence = evidenceOf(stack.services);
  const left = evidence && `Services cannot be told to have both families (${evidence})`;
  return { stage: 'ServiceRange', name: 'what Services can have', left };
}

/** Before Services can have both, no finding says which of them do not. */
function services(inventory: Inventory, { scope, isUnwanted }: Selection): Stage {
  const judged = [...inventory.services.values()].filter((service) => scope(service.namespace) && serviceLeftOut(service) === undefined);
  const left = judged.filter(
    ({ namespace, name, policy, ipFamilies }) =>
      !isDual(ipFamilies) && !isUnwanted(CHECKS_OF_SERVICES[policy], { kind: 'Service', namespace, name }),
  );
  return { stage: 'Services', name: 'the Services', left: someOf(left.length, judged.length, 'Services without both families') };
}

/** The nodes of which a report wants to hear what one of these checks finds, other than what is only good to know. */
function nodesFoundBy(checks: readonly NodeCheck[], ledger: Ledger, { isUnwanted }: Selection): ReadonlySet<string> {
  const names = new Set<string>();
  for (const check of checks) {
    for (const { name, severity } of ledger.nodesFoundBy(check)) {
      if (severity !== 'Info' && !isUnwanted(check, { kind: 'Node', namespace: '', name })) names.add(name);
    }
  }
  return names;
}

/** Pods that lack a family by themselves, or because of their node. */
function podsFound(ledger: Ledger, inventory: Inventory, { findings, scope }: Selection): number {
  const uids = new Set<string>();
  for (const { finding } of findings) {
    if (finding.check === podFamilyMissing) uids.add(finding.key);
    if (finding.check !== nodePodCIDRMissing && finding.check !== nodePodNetworkFamilyMissing) continue;
    for (const { uid } of podsBehind(finding, ledger, inventory, scope)) uids.add(uid);
  }
  return uids.size;
}

function totalPods(inventory: Inventory, { scope }: Selection): number {
  return totalOf(countsIn(inventory.podTally.entries(), scope));
}

/** Why a layer does not have both families; undefined where it has. */
function evidenceOf({ families, evidence }: LayerStack): string | undefined {
  return families === 'DualStack' ? undefined : evidence;
}

function someOf(some: number, all: number, what: string): string | undefined {
  return some > 0 ? `${some} of ${all} ${what}` : undefined;
}
