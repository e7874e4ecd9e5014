import { deniedWords } from '../addresses.ts';
import { endpointFamilyMissing } from '../checks/endpoint-family-missing.ts';
import type { PodFacts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import { podLeftOut } from '../judged.ts';
import type { Ledger } from '../ledger.ts';
import { counted } from '../words.ts';
import type { Scope } from './scope.ts';
import type { Selection } from './selection.ts';
import type { AffectedObjects } from './types.ts';

const MOST_EXAMPLES = 3;

/** What a finding takes its families from: nodes, pods and Services, each counted and with a few names. */
export function affectedBy(finding: Finding, ledger: Ledger, inventory: Inventory, selection: Selection): AffectedObjects[] {
  return [
    affected('Node', ledger.nodesBehind(finding)),
    affected('Pod', podNames(finding, ledger, inventory, selection.scope)),
    affected('Service', new Set(servicesBehind(finding, ledger, selection).map(({ object }) => `${object.namespace}/${object.name}`))),
  ].filter(({ count }) => count > 0);
}

/**
 * A finding in words, with what it takes families from: `Node worker-3 has no IPv6 podCIDR: 23 pods, 4 Services, 1 of them with no IPv6
 * endpoint`.
 */
export function withEffects(finding: Finding, ledger: Ledger, inventory: Inventory, selection: Selection): string {
  const { message } = ledger.describe(finding);
  const counts = new Map(affectedBy(finding, ledger, inventory, selection).map(({ kind, count }) => [kind, count]));
  const pods = counts.get('Pod');
  const services = counts.get('Service');
  const podNoun = finding.check.kind === 'Node' && finding.check.explains === 'hostNetwork' ? 'host-network pod' : 'pod';
  const effects = [
    ...(pods ? [counted(pods, podNoun)] : []),
    ...(services ? [serviceWords(services, servicesBehind(finding, ledger, selection))] : []),
  ];
  return effects.length > 0 ? `${message}: ${effects.join(', ')}` : message;
}

/** How many Services there are, and how many of them lost a family altogether. */
function serviceWords(count: number, effects: readonly Finding[]): string {
  const empty = effects.filter(({ check }) => check === endpointFamilyMissing);
  const [first] = empty;
  if (!first) return counted(count, 'Service');
  const lost = empty.every(({ families }) => families === first.families)
    ? `with no ${deniedWords(first.families)} endpoint`
    : 'with no endpoint of a family';
  return empty.length === count ? `${counted(count, 'Service')} ${lost}` : `${counted(count, 'Service')}, ${empty.length} of them ${lost}`;
}

function* podNames(finding: Finding, ledger: Ledger, inventory: Inventory, scope: Scope): Generator<string> {
  for (const pod of podsBehind(finding, ledger, inventory, scope)) yield `${pod.namespace}/${pod.name}`;
}

/** The pods of a scope that lack families because of a finding on their node or on the cluster. */
export function* podsBehind(finding: Finding, ledger: Ledger, inventory: Inventory, scope: Scope): Generator<PodFacts> {
  const { check, object, families } = finding;
  if (check.kind !== 'Node' || !check.explains) return;
  const isOf = (pod: PodFacts): boolean =>
    check.explains === 'podNetwork' ? podLeftOut(pod) === undefined : pod.hostNetwork && pod.state === 'Running';
  for (const node of object.kind === 'Cluster' ? ledger.nodesBehind(finding) : [object.name]) {
    for (const pod of inventory.podsOn(node)) {
      if (scope(pod.namespace) && isOf(pod) && families.some((family) => !pod.families.includes(family))) yield pod;
    }
  }
}

/** The findings of a report on Services that a finding explains. */
function servicesBehind(finding: Finding, ledger: Ledger, { ids }: Selection): Finding[] {
  return [...ledger.effectsOf(finding.id)]
    .filter((id) => ids.has(id))
    .flatMap((id) => ledger.findings.get(id) ?? [])
    .filter(({ object }) => object.kind === 'Service');
}

/** The same names whatever the order in which they came, so that a report changes only when its content does. */
function affected(kind: AffectedObjects['kind'], names: Iterable<string>): AffectedObjects {
  const examples: string[] = [];
  let count = 0;
  for (const name of names) {
    count += 1;
    keepLeast(examples, name);
  }
  return { kind, count, examples };
}

/** Sorting all names of a large cluster for the sake of three would hold up everything else. */
function keepLeast(examples: string[], name: string): void {
  const last = examples.at(-1);
  if (examples.length === MOST_EXAMPLES && last !== undefined && name >= last) return;
  examples.push(name);
  examples.sort();
  if (examples.length > MOST_EXAMPLES) examples.pop();
}
