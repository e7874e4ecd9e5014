import { isDual } from '../net/addresses.ts';
import type { ObjectCheck } from '../checks/check.ts';
import { OBJECT_CHECKS } from '../checks/registry.ts';
import type { Scope } from '../overview/counts.ts';
import { LAYERS, NAMESPACES } from '../overview/layers.ts';
import type { StageName } from '../checks/check.ts';
import { STAGES, type OwnPart, type Part, type ReachedPart, type Stage } from '../overview/stages.ts';
import type { Facts, FactsKind } from '../kinds/facts.ts';
import { CLUSTER, isCluster, namespaceOf, refOf, type Finding } from '../engine/finding.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { counted } from '../words.ts';
import { reachedBy } from './affects.ts';
import { selectsSome } from './scope.ts';
import type { SelectedFinding, Selection } from './selection.ts';
import type { DualStackReportSpec, Migration } from './types.ts';

/** What a report is determined from. */
interface Source {
  readonly evaluation: Evaluation;
  readonly store: ClusterStore;
  readonly selection: Selection;
}

/** What has to be known in order to determine what is left. */
const NEEDS: readonly FactsKind[] = LAYERS.map(({ kind }) => kind);

/**
 * How far the cluster is on the way to two families. What is left of a stage is what its checks find, without what is only info; what the report
 * excludes or ignores is not left to do.
 * @returns undefined where nothing says that the cluster is to have both, or it cannot be seen
 */
export function migrationOf(
  evaluation: Evaluation,
  store: ClusterStore,
  selection: Selection,
  spec: DualStackReportSpec,
): Migration | undefined {
  const needs = selectsSome(spec.namespaceSelector) ? [...NEEDS, NAMESPACES] : NEEDS;
  if (!isToBeDual(evaluation) || needs.some((kind) => store.availability(kind) !== 'Synced')) return undefined;
  const source = { evaluation, store, selection };
  const stages = STAGES.map((stage) => ({ ...stage, left: leftOf(stage, source) }));
  const [present, ...later] = stages.filter(({ left }) => left !== undefined);
  if (!present) return { stage: 'Complete', message: `All ${stages.length} stages are done${restOf(selection)}.` };
  const number = stages.indexOf(present) + 1;
  const after = later.length > 0 ? ` After that: ${later.map(({ left }) => left).join('; ')}.` : '';
  return { stage: present.stage, message: `Stage ${number} of ${stages.length}, ${present.name}: ${present.left}.${after}` };
}

/** What is of no stage, and yet is in the way of the end. */
function restOf({ findings }: Selection): string {
  const others = findings.filter(({ finding: { check }, severity }) => severity !== 'Info' && !('remains' in check)).length;
  const rest = [
    ...remainingOf(findings),
    ...(others > 0 ? [`${counted(others, 'finding')} ${others === 1 ? 'needs' : 'need'} a fix`] : []),
  ];
  return rest.length > 0 ? `, but ${rest.join(', ')}` : ': nothing is left to do';
}

/** What findings leave to do although they belong to no stage: `3 pods have no address`. */
export function remainingOf(findings: readonly SelectedFinding[]): readonly string[] {
  return OBJECT_CHECKS.flatMap((check) => {
    const count = findings.filter(({ finding }) => finding.check === check).length;
    return count > 0 && check.remains ? [check.remains(count)] : [];
  });
}

/** Never determined from node addresses: many machines have both families in a cluster that is to have one (rules.md#families-a-node-gives). */
function isToBeDual({ expected, view: { stack } }: Evaluation): boolean {
  if (expected.length > 0) return isDual(expected);
  return stack.podCIDRs.dual || [stack.pods, stack.services].some(({ families }) => families === 'DualStack');
}

/** What is left of a stage to do, in words; undefined where nothing is. */
function leftOf(stage: Stage, source: Source): string | undefined {
  const left = stage.parts.map((part) => leftOfPart(stage.stage, part, source)).filter((words) => words !== undefined);
  return left.length > 0 ? left.join(', ') : evidenceOf(stage, source.evaluation);
}

function leftOfPart(stage: StageName, part: Part, source: Source): string | undefined {
  if (part.type === 'own') return leftOfOwn(stage, part, source);
  const { store, selection } = source;
  const found = part.type === 'found' ? countFound(stage, part.kind, source) : countReached(stage, part, source);
  return someOf(found, part.total(store, selection.scope), part.what);
}

/** On how many objects checks of a stage find what the report wants to hear of, other than what is only info. */
function countFound(stage: StageName, kind: FactsKind, { evaluation, selection: { isUnwanted } }: Source): number {
  const found = new Set<string>();
  for (const check of checksOf(stage).filter((each) => each.kind === kind)) {
    for (const { key, object, severity } of evaluation.foundBy(check))
      if (severity !== 'Info' && !isUnwanted(check, object)) found.add(key);
  }
  return found.size;
}

/** How many objects lack a family by themselves, or because of others. */
function countReached(stage: StageName, part: ReachedPart, source: Source): number {
  const { evaluation, store, selection } = source;
  const { findings, scope } = selection;
  const { kind } = part;
  const reached = new Set<Facts>();
  for (const { finding, severity } of findings) {
    const { check } = finding;
    if (!check.migration || severity === 'Info') continue;
    if (check.kind === kind && check.migration.stage === stage) for (const facts of ownObjects(finding, source)) reached.add(facts);
    if (check.explains?.kind !== kind) continue;
    const isOnCluster = check.kind === CLUSTER.kind;
    const all = isOnCluster ? reachedInCluster(finding, evaluation, store, scope) : reachedBy(finding, evaluation, store, scope);
    for (const facts of all) if (part.isCounted(facts)) reached.add(facts);
  }
  return reached.size;
}

/** The objects that a finding is on, or that it represents as far as the report wants to hear of them. */
function ownObjects(finding: Finding, { evaluation, store, selection: { scope, isUnwanted } }: Source): readonly Facts[] {
  const { check, key, object } = finding;
  if (check.kind === CLUSTER.kind) return [];
  const objects = store.objects(check.kind);
  if (!isCluster(object)) return [objects.get(key)].filter((facts) => facts !== undefined);
  const represented = evaluation.keysBehind(finding).flatMap((one) => objects.get(one) ?? []);
  return represented.filter((facts) => scope(namespaceOf(facts)) && !isUnwanted(check, refOf(facts)));
}

/** The objects of a scope that lack families because of what a check of the cluster finds. Looks at all of their kind. */
function* reachedInCluster({ check, families }: Finding, { view }: Evaluation, store: ClusterStore, scope: Scope): Generator<Facts> {
  const { explains } = check;
  if (!explains) return;
  for (const facts of store.objects(explains.kind).values()) {
    if (scope(namespaceOf(facts)) && explains.includes(facts, view) && explains.lacks(facts, families)) yield facts;
  }
}

/** Before a stage is reached, no finding shows what is left to do. So whether the report wants the findings of the check decides what counts. */
function leftOfOwn(stage: StageName, part: OwnPart, { store, selection: { scope, isUnwanted } }: Source): string | undefined {
  const checks = new Map(checksOf(stage).map((check) => [check.migration?.of, check]));
  const counted = [...store.objects(part.kind).values()].filter((facts) => scope(namespaceOf(facts)) && part.isCounted(facts));
  const left = counted.filter((facts) => {
    const check = checks.get(part.group(facts));
    return !part.isDone(facts) && !(check && isUnwanted(check, refOf(facts)));
  });
  return someOf(left.length, counted.length, part.what);
}

function checksOf(stage: StageName): readonly ObjectCheck[] {
  return OBJECT_CHECKS.filter(({ migration }) => migration?.stage === stage);
}

/** Why a layer does not have both families; undefined where it has, or the stage is of none. */
function evidenceOf(stage: Stage, { view: { stack } }: Evaluation): string | undefined {
  if (!stage.layer) return undefined;
  const { families, evidence } = stack[stage.layer];
  if (families === 'DualStack') return undefined;
  return stage.evidence ? stage.evidence(evidence) : evidence;
}

function someOf(some: number, all: number, what: string): string | undefined {
  return some > 0 ? `${some} of ${all} ${what}` : undefined;
}
