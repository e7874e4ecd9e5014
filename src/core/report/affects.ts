import type { PodFacts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import { podLeftOut } from '../judged.ts';
import type { Ledger } from '../ledger.ts';
import type { Scope } from './scope.ts';
import type { AffectedObjects } from './types.ts';

const MOST_EXAMPLES = 3;

/** What a finding takes its families from: nodes, pods and Services, each counted and with a few names. */
export function affectedBy(finding: Finding, ledger: Ledger, inventory: Inventory, scope: Scope): AffectedObjects[] {
  return [affectedNodes(finding, ledger), affectedPods(finding, ledger, inventory, scope), affectedServices(finding, ledger, scope)].filter(
    ({ count }) => count > 0,
  );
}

function affectedNodes(finding: Finding, ledger: Ledger): AffectedObjects {
  return counted('Node', ledger.nodesBehind(finding));
}

function affectedPods(finding: Finding, ledger: Ledger, inventory: Inventory, scope: Scope): AffectedObjects {
  const names = Array.from(podsBehind(finding, ledger, inventory, scope), (pod) => `${pod.namespace}/${pod.name}`);
  return counted('Pod', names);
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

function affectedServices(finding: Finding, ledger: Ledger, scope: Scope): AffectedObjects {
  const names = new Set<string>();
  for (const id of ledger.effectsOf(finding.id)) {
    const effect = ledger.findings.get(id);
    if (effect?.object.kind === 'Service' && scope(effect.object.namespace)) names.add(`${effect.object.namespace}/${effect.object.name}`);
  }
  return counted('Service', [...names]);
}

/** The same names whatever the order in which they came, so that a report changes only when its content does. */
function counted(kind: AffectedObjects['kind'], names: readonly string[]): AffectedObjects {
  return { kind, count: names.length, examples: [...names].sort().slice(0, MOST_EXAMPLES) };
}
