import { totalOf, type Scope } from '../overview/counts.ts';
import { LAYERS } from '../overview/layers.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import { layerFamilies } from '../cluster/stack.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { DUAL_IPV4_FIRST, familyWords, listOf, missingFrom, NO_FAMILY, union, type FamilyList } from '../net/addresses.ts';
import { counted, joinWithAnd } from '../words.ts';
import { layerStates, namesOf, stackPhrase, type LayerHealth, type LayerState } from './layer-state.ts';
import { remainingOf } from './migration.ts';
import { nextCheck, type ExpectationWords } from './next-check.ts';
import type { SelectedFinding } from './selection.ts';
import { reasonWords } from './words.ts';
import type { Migration } from './types.ts';

/** How that is said in a report. */
export const BY_FIELD: ExpectationWords = (families) => `spec.expectedFamilies: [${families.join(', ')}]`;

/** What the first line of a report is made from. */
export interface HeadlineInput {
  readonly evaluation: Evaluation;
  readonly store: ClusterStore;
  readonly scope: Scope;
  readonly findings: readonly SelectedFinding[];
  /** The conditions of the layers, in their order. */
  readonly health: readonly LayerHealth[];
  readonly migration: Migration | undefined;
  readonly expectationWords: ExpectationWords;
  /** A root cause in words, with its effects and without a full stop. */
  readonly wordsOf: (cause: SelectedFinding) => string;
}

/**
 * The first line of a report: what is wrong, what cannot be determined, or else what the cluster has, and what to do next. Whether the cluster is
 * healthy is said by whoever shows it, in front of it.
 */
export function headlineOf(input: HeadlineInput): string {
  const { evaluation, store, findings, health } = input;
  const states = layerStates(evaluation, store, health);
  if (findings.some(({ severity }) => severity !== 'Info')) return problems(input, states);
  const unmet = states.filter((state) => state.health.reason === 'ExpectedFamilyAbsent');
  if (unmet.length > 0) return unmetExpectation(unmet, states, input);
  const unknown = states.filter(isUndetermined);
  if (unknown.length > 0) return undetermined(states, unknown, input);
  return states.every((state) => state.health.status === 'True') ? healthy(states, input) : notExpected(states, input);
}

/** The reasons with which the condition of a layer is Unknown although all of its sources are known. */
const OF_STACK: readonly string[] = [
  'SingleStack',
  'StackMixed',
  'StackUnknown',
  'ExpectedFamilyAbsent',
  ...LAYERS.flatMap(({ unproven }) => unproven?.reason ?? []),
];
const OF_KNOWN_STACK: readonly string[] = ['SingleStack', 'StackMixed'];

/** Whether a source is unavailable without which a layer has no verdict. */
function isUnchecked({ health: { status, reason } }: LayerState): boolean {
  return status === 'Unknown' && !OF_STACK.includes(reason);
}

function isUndetermined({ health: { status, reason }, isByObjects }: LayerState): boolean {
  return status === 'Unknown' && !isByObjects && !OF_KNOWN_STACK.includes(reason);
}

function problems({ findings, wordsOf }: HeadlineInput, states: readonly LayerState[]): string {
  const causes = findings.filter(({ isRootCause }) => isRootCause);
  const [worst] = causes;
  const named = worst ? ` to fix${causes.length > 1 ? ', first' : ''}: ${wordsOf(worst)}` : '';
  return `${countsOf(findings)}; ${counted(causes.length, 'root cause')}${named}.${unchecked(states)}`;
}

/** `2 critical, 4 warnings, 1 info`. */
function countsOf(findings: readonly SelectedFinding[]): string {
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const [critical, warning, info] = [count('Critical'), count('Warning'), count('Info')];
  return [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(warning > 0 ? [counted(warning, 'warning')] : []),
    ...(info > 0 ? [`${info} info`] : []),
  ].join(', ');
}

function unchecked(states: readonly LayerState[]): string {
  const those = states.filter(isUnchecked);
  return those.length > 0 ? ` There may be more: ${namesOf(those)} could not be evaluated in full.` : '';
}

function unmetExpectation(unmet: readonly LayerState[], states: readonly LayerState[], input: HeadlineInput): string {
  const { evaluation, migration, expectationWords } = input;
  const { expected, view } = evaluation;
  const absent = unmet.reduce((all, { layer }) => union(all, missingFrom(layerFamilies(view.stack[layer.name]), expected)), NO_FAMILY);
  const present = missingFrom(absent, expected);
  const others = present.length > 0 ? present : missingFrom(absent, DUAL_IPV4_FIRST);
  const next = migration ? migration.message : `Give it to them, or expect what they have: ${expectationWords(others)}.`;
  return `${familyWords(absent)} is expected, and ${namesOf(unmet)} do not have it. ${next}${unchecked(states)}`;
}

function undetermined(states: readonly LayerState[], unknown: readonly LayerState[], input: HeadlineInput): string {
  const known = states.filter((state) => !unknown.includes(state));
  const isSkipped = ({ layer }: LayerState, reason: string): boolean => (layer.counts.skipped(input.store, () => true)[reason] ?? 0) > 0;
  const isRedacted = unknown.some((state) => isSkipped(state, 'unreadable'));
  const before = known.length > 0 ? `${stackPhrase(known)}. ` : '';
  if (isRedacted) {
    // What is on redacted nodes can be read itself.
    const others = unknown.filter((state) => isSkipped(state, 'onSkippedNode') && !isSkipped(state, 'unreadable'));
    const redacted = unknown.filter((state) => !others.includes(state));
    const nor = others.length > 0 ? ` Nor can ${namesOf(others)} be evaluated.` : '';
    return `${before}Cannot determine the IP families of ${namesOf(redacted)}: their addresses are redacted.${nor} Use files that have the addresses.`;
  }
  const skipped = unknown.every(isEmpty) ? unknown.flatMap((state) => skippedOf(state, input)) : [];
  if (skipped.length > 0) return `${before}No ${namesOf(unknown)} to evaluate (skipped: ${skipped.join('; ')}).`;
  if (known.length === 0 && unknown.every(isEmpty)) {
    return `Nothing to evaluate: there are ${joinWithAnd(LAYERS.map(({ noun }) => `no ${noun}s`))}.`;
  }
  const [first, ...others] = [...Map.groupBy(unknown, (state) => whyUnknown(state, input))];
  if (!first) return before;
  const [why, those] = first;
  const rest = others.flatMap(([, layers]) => layers);
  const more = rest.length > 0 ? ` Nor can ${namesOf(rest)} be evaluated.` : '';
  return `${before}${those.some(isUnchecked) ? 'Cannot evaluate' : 'Cannot determine the IP families of'} ${namesOf(those)}: ${why}${more}`;
}

/** What is skipped of a layer that only its objects show, by reason: `3 virtual`. */
function skippedOf({ layer }: LayerState, { store, scope }: HeadlineInput): readonly string[] {
  const reasons = reasonWords(layer.counts.skipped(store, scope));
  return reasons === '' || !layer.stackCounts ? [] : [reasons];
}

function isEmpty({ counts, health }: LayerState): boolean {
  return health.reason === 'StackUnknown' && totalOf(counts) === 0;
}

/** Why a layer is not determined, and what helps where that is known. */
function whyUnknown({ layer: { name, unproven }, health: { reason, message } }: LayerState, { evaluation }: HeadlineInput): string {
  const { evidence } = evaluation.view.stack[name];
  if (reason === unproven?.reason) return `${evidence}. ${unproven.next}`;
  return reason === 'StackUnknown' ? `${evidence}.` : message;
}

function healthy(states: readonly LayerState[], input: HeadlineInput): string {
  const { expected } = input.evaluation;
  const has = `${expected.length === 1 ? expectedPhrase(states, expected) : stackPhrase(states)}${expected.length > 0 ? ', as expected' : ''}`;
  const single = expected.length === 1 ? [] : ofOneFamily(input);
  const remaining = remainingOf(input.findings);
  const but = remaining.length > 0 ? `, but ${joinWithAnd(remaining)}` : '';
  if (input.findings.length > 0)
    return `${[`${has}${but}`, ...single].join('; ')}. To read: ${counted(input.findings.length, 'info finding')}.`;
  return `${[has, ...single].join('; ')}. Nothing to fix.`;
}

function expectedPhrase(states: readonly LayerState[], expected: FamilyList): string {
  return states.every(({ families }) => families === expected[0]) ? stackPhrase(states) : `${familyWords(expected)} in all layers`;
}

/** What has one family where all layers have both, and no finding that needs a fix: `4 of 8 pods and 1 of 3 Services have one family`. */
function ofOneFamily({ evaluation, store, scope }: HeadlineInput): readonly string[] {
  const state = { evaluation, store };
  const shares = LAYERS.flatMap((layer) => {
    const { counts, noun, name } = layer;
    const those = (counts.areNamespaced ? undefined : layer.stackCounts?.(state)) ?? counts.in(state, scope);
    const single = those.ipv4 + those.ipv6;
    return single > 0 && evaluation.view.stack[name].families === 'DualStack' ? [`${single} of ${counted(totalOf(those), noun)}`] : [];
  });
  return shares.length > 0
    ? [`${joinWithAnd(shares)} ${shares.length === 1 && shares[0]?.startsWith('1 ') ? 'has' : 'have'} one family`]
    : [];
}

/** Without an expectation, one family is neither healthy nor a fault. */
function notExpected(states: readonly LayerState[], input: HeadlineInput): string {
  const { view } = input.evaluation;
  const primary = view.stack.services.primary ?? view.stack.nodes.primary;
  const both = union(listOf([primary]), DUAL_IPV4_FIRST);
  const infos = input.findings.length > 0 ? ` To read: ${counted(input.findings.length, 'info finding')}.` : '';
  return `${stackPhrase(states)}.${infos} ${nextCheck(states, both, input.expectationWords)}.`;
}
