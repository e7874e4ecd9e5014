import type { Loss } from '../checks/check.ts';
import type { Scope } from '../overview/counts.ts';
import { ALL_KINDS, kindNamed } from '../kinds/registry.ts';
import type { Facts, FactsKind } from '../kinds/facts.ts';
import { CLUSTER, fullName, isCluster, namespaceOf, type Finding } from '../engine/finding.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { counted } from '../words.ts';
import type { Selection } from './selection.ts';
import type { AffectedObjects } from './types.ts';

const MOST_EXAMPLES = 3;

/** What a finding takes its families from: the objects that it represents, those that it reaches, and those on which it explains findings. */
export function affectedBy(finding: Finding, evaluation: Evaluation, store: ClusterStore, selection: Selection): AffectedObjects[] {
  const { check } = finding;
  return [
    ...(check.kind === CLUSTER.kind ? [] : [affected(check.kind, evaluation.objectsBehind(finding).map(fullName))]),
    ...(check.explains ? [affected(check.explains.kind, reachedNames(finding, evaluation, store, selection.scope))] : []),
    ...[...effectsByKind(finding, evaluation, selection)].map(([kind, effects]) => affected(kind, namesOf(effects))),
  ].filter(({ count }) => count > 0);
}

/**
 * A finding in words, with what it takes families from, also through what it explains: `Node worker-3 has no IPv6 podCIDR: 23 pods, 4 Services, 1 of
 * them with no IPv6 endpoint`.
 */
export function withEffects(finding: Finding, evaluation: Evaluation, store: ClusterStore, selection: Selection): string {
  const { message } = evaluation.describe(finding);
  const explained = explainedBy(finding, evaluation, selection);
  const words = [
    ...[...reachedByNoun([finding, ...explained], evaluation, store, selection.scope)].map(([noun, { size }]) => counted(size, noun)),
    ...[...byKind(explained, finding, evaluation)].map(([kind, effects]) => effectWords(kind, effects)),
  ];
  return words.length > 0 ? `${message}: ${words.join(', ')}` : message;
}

/** What some findings reach, by what it is called. */
function reachedByNoun(
  findings: readonly Finding[],
  evaluation: Evaluation,
  store: ClusterStore,
  scope: Scope,
): ReadonlyMap<string, ReadonlySet<Facts>> {
  const reached = new Map<string, Set<Facts>>();
  for (const finding of findings) {
    const { explains } = finding.check;
    for (const facts of reachedBy(finding, evaluation, store, scope)) {
      const noun = explains?.nounOf?.(facts) ?? explains?.noun ?? '';
      const those = reached.get(noun) ?? new Set();
      reached.set(noun, those.add(facts));
    }
  }
  return reached;
}

/** How many objects of a kind there are, and how many of them lost what their findings say. */
function effectWords(kind: FactsKind, effects: readonly Finding[]): string {
  const count = namesOf(effects).size;
  const [first, ...others] = effects.flatMap((finding) => {
    const loss = lossOf(finding);
    return loss ? [{ loss, families: finding.families }] : [];
  });
  const { kind: noun } = kindNamed(kind).resource;
  if (!first) return counted(count, noun);
  const lost = others.every(({ families }) => families === first.families) ? first.loss.of(first.families) : first.loss.ofSome;
  const losing = others.length + 1;
  return losing === count ? `${counted(count, noun)} ${lost}` : `${counted(count, noun)}, ${losing} of them ${lost}`;
}

function lossOf({ check }: Finding): Loss | undefined {
  return check.kind === CLUSTER.kind ? undefined : check.loss;
}

function* reachedNames(finding: Finding, evaluation: Evaluation, store: ClusterStore, scope: Scope): Generator<string> {
  for (const facts of reachedBy(finding, evaluation, store, scope)) yield fullName({ namespace: namespaceOf(facts), name: facts.name });
}

/** The objects of a scope that lack families because of a finding on what they depend on. */
export function* reachedBy(finding: Finding, evaluation: Evaluation, store: ClusterStore, scope: Scope): Generator<Facts> {
  const { check, object, families } = finding;
  if (check.kind === CLUSTER.kind || !check.explains) return;
  const { explains } = check;
  for (const key of isCluster(object) ? evaluation.keysBehind(finding) : [finding.key]) {
    for (const facts of explains.objects(key, store)) {
      if (scope(namespaceOf(facts)) && explains.includes(facts, evaluation.view) && explains.lacks(facts, families)) yield facts;
    }
  }
}

/** The findings of a report that a finding explains. */
function directEffects({ id }: Finding, evaluation: Evaluation, { ids }: Selection): readonly Finding[] {
  return [...evaluation.effectsOf(id)].filter((effect) => ids.has(effect)).flatMap((effect) => evaluation.findings.get(effect) ?? []);
}

/** The findings of a report that a finding explains, directly or through others. */
function explainedBy(finding: Finding, evaluation: Evaluation, selection: Selection): readonly Finding[] {
  const explained = new Set(directEffects(finding, evaluation, selection));
  // A set that grows while it is walked is walked to its new end.
  for (const effect of explained) for (const next of directEffects(effect, evaluation, selection)) explained.add(next);
  return [...explained];
}

function effectsByKind(finding: Finding, evaluation: Evaluation, selection: Selection): ReadonlyMap<FactsKind, readonly Finding[]> {
  return byKind(directEffects(finding, evaluation, selection), finding, evaluation);
}

/** Effects of a finding on other objects, but those on the cluster and on what the finding reaches, in the order of the kinds. */
function byKind(all: readonly Finding[], cause: Finding, evaluation: Evaluation): ReadonlyMap<FactsKind, readonly Finding[]> {
  const own = new Set([cause.key, ...evaluation.keysBehind(cause)]);
  const reached = cause.check.kind === CLUSTER.kind ? undefined : cause.check.explains?.kind;
  const effects = all.filter(({ check, key }) => check.kind !== reached && (check.kind !== cause.check.kind || !own.has(key)));
  const grouped = Map.groupBy(effects, ({ check, object }) => (isCluster(object) ? CLUSTER.kind : check.kind));
  return new Map(ALL_KINDS.flatMap(({ name }) => (grouped.has(name) ? [[name, grouped.get(name) ?? []] as const] : [])));
}

/** One object may have several findings. */
function namesOf(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(({ object }) => fullName(object)));
}

/** The same names whatever the order in which they came, so that a report changes only when its content does. */
function affected(kind: FactsKind, names: Iterable<string>): AffectedObjects {
  const examples: string[] = [];
  let count = 0;
  for (const name of names) {
    count += 1;
    keepLeast(examples, name);
  }
  return { kind: kindNamed(kind).resource.kind, count, examples };
}

/** Sorting all names of a large cluster for the sake of three would hold up everything else. */
function keepLeast(examples: string[], name: string): void {
  const last = examples.at(-1);
  if (examples.length === MOST_EXAMPLES && last !== undefined && name >= last) return;
  examples.push(name);
  examples.sort();
  if (examples.length > MOST_EXAMPLES) examples.pop();
}
