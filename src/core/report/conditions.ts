import { LAYERS, NAMESPACES, type Layer } from '../overview/layers.ts';
import type { FactsKind } from '../kinds/facts.ts';
import type { Finding, FindingId } from '../engine/finding.ts';
import { pendingKinds, type ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { MOST_EVALUATIONS } from '../engine/evaluator.ts';
import { missingFrom } from '../net/addresses.ts';
import { layerFamilies, type LayerStack } from '../cluster/stack.ts';
import { clip, counted } from '../words.ts';
import { invalidParameters, parametersOf, unknownChecks, unknownParameters } from './check-settings.ts';
import { expiredAt } from './exclusions.ts';
import { reachedBy, withEffects } from './affects.ts';
import { headlineOf, type HeadlineInput } from './headline.ts';
import { selectsSome } from './scope.ts';
import type { SelectedFinding, Selection } from './selection.ts';
import type { Condition, DualStackReportSpec } from './types.ts';

/** A condition without what only the report knows: its times and its generation. */
export type ConditionDraft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const LONGEST_MESSAGE = 2048;
const CAUSES_IN_MESSAGE = 3;

/** What a report is evaluated by. */
interface Case {
  readonly evaluation: Evaluation;
  readonly store: ClusterStore;
  readonly selection: Selection;
  /** The words of findings that several conditions contain, since counting the effects takes long on a large cluster. */
  readonly wordsById: Map<FindingId, string>;
}

/** A kind of which the API server has said nothing for too long. */
export interface StaleSource {
  /** The source of the kind. */
  readonly kind: string;
  /** What is known is of this time, in milliseconds since the epoch. */
  readonly since: number;
}

/** What the first line of a report says beside its findings. */
export type HeadlineContext = Pick<HeadlineInput, 'migration' | 'expectationWords'>;

/** All conditions of a report. A state that cannot be determined is Unknown, with the reason. */
export function evaluateConditions(
  { evaluation, store, selection }: Omit<Case, 'wordsById'>,
  spec: DualStackReportSpec,
  context: HeadlineContext,
): ConditionDraft[] {
  const pending = pendingKinds(store);
  if (pending.length > 0) return syncing(pending);
  const evaluated: Case = { evaluation, store, selection, wordsById: new Map() };
  const layers = LAYERS.map((layer) => evaluateLayer(layer, needsOf(layer, spec), evaluated));
  const ready: ConditionDraft = { type: 'Ready', status: 'True', reason: 'Evaluated', message: 'The cluster is evaluated and watched.' };
  const stalled = evaluateStalled(evaluation, store, spec);
  return [ready, evaluateHealth(layers, evaluated, context), ...layers, ...(stalled ? [stalled] : [])];
}

function syncing(pending: readonly FactsKind[]): ConditionDraft[] {
  const message = `Waiting for the first list of ${pending.join(', ')}.`;
  return [{ type: 'Ready', status: 'False', reason: 'Syncing', message }, ...unevaluated('Syncing', message)];
}

/** All conditions of a report whose verdict may be wrong by now, since nothing is heard of these kinds. */
export function stale(staleSources: readonly StaleSource[]): ConditionDraft[] {
  const kinds = staleSources.map(({ kind }) => kind).join(', ');
  const since = new Date(Math.min(...staleSources.map((each) => each.since))).toISOString().replace(/\.\d+Z$/, 'Z');
  const message = cut(`The API server cannot be watched for ${kinds} since ${since}: the verdict is as of then.`);
  return [{ type: 'Ready', status: 'False', reason: 'Stale', message }, ...unevaluated('Stale', message)];
}

/** All conditions of a suspended report that has never been evaluated. */
export function suspended(): ConditionDraft[] {
  const message = 'spec.suspend is true: the status stays as it is.';
  return [{ type: 'Ready', status: 'True', reason: 'Suspended', message }, ...unevaluated('Suspended', message)];
}

function unevaluated(reason: string, message: string): ConditionDraft[] {
  return ['Healthy', ...LAYERS.map(({ condition }) => condition)].map((type) => ({ type, status: 'Unknown', reason, message }));
}

/** Which pods and Services count cannot be determined without the namespaces that a selector is about. */
function needsOf({ counts, needs }: Layer, { namespaceSelector }: DualStackReportSpec): readonly FactsKind[] {
  return counts.areNamespaced && selectsSome(namespaceSelector) ? [...needs, NAMESPACES] : needs;
}

function evaluateLayer(layer: Layer, needs: readonly FactsKind[], evaluated: Case): ConditionDraft {
  const { condition: type, unproven } = layer;
  const { evaluation, store, selection } = evaluated;
  const problems = selection.findings.filter(({ finding, severity }) => severity !== 'Info' && concerns(layer, finding, evaluated));
  if (problems.length > 0) return { type, status: 'False', reason: 'FindingsPresent', message: cut(problemWords(problems, evaluated)) };
  for (const needed of needs) {
    const availability = store.availability(needed);
    if (typeof availability === 'object') return { type, status: 'Unknown', reason: availability.reason, message: availability.message };
  }
  const stack = evaluation.view.stack[layer.name];
  if (layer.isMadeUp?.({ store, evaluation })) {
    return {
      type,
      status: 'True',
      reason: 'NoProblemFound',
      message: cut(`A virtual cluster makes these up, so they are not evaluated: ${stack.evidence}.`),
    };
  }
  if (stack.families !== 'Unknown' && unproven?.is(store)) {
    return { type, status: 'Unknown', reason: unproven.reason, message: cut(`${unproven.message}: ${stack.evidence}.`) };
  }
  return evaluateQuietLayer(type, stack, evaluation);
}

/** What keeps a family from objects of another layer is a problem of theirs too, as of the pods of a node. */
function concerns({ name, kind }: Layer, finding: Finding, { evaluation, store, selection }: Case): boolean {
  const { layer, explains } = finding.check;
  if (layer === undefined ? finding.check.kind === kind : layer === name) return true;
  return explains?.kind === kind && reachedBy(finding, evaluation, store, selection.scope).next().done !== true;
}

/** No finding alone is no health: a layer without the expected families has nothing to find fault with. */
function evaluateQuietLayer(type: string, stack: LayerStack, evaluation: Evaluation): ConditionDraft {
  const unknown = (reason: string, message: string): ConditionDraft => ({ type, status: 'Unknown', reason, message: cut(message) });
  if (stack.families === 'Unknown') return unknown('StackUnknown', `Cannot determine the IP families: ${stack.evidence}.`);
  if (stack.families === 'Mixed') return unknown('StackMixed', `Some have IPv4 only and others IPv6 only: ${stack.evidence}.`);
  const missing = missingFrom(layerFamilies(stack), evaluation.expected);
  if (missing.length > 0) return unknown('ExpectedFamilyAbsent', `${missing.join(', ')} is expected and not there: ${stack.evidence}.`);
  if (evaluation.expected.length === 0 && stack.families !== 'DualStack') {
    return unknown('SingleStack', `${stack.families} only, and nothing says that more is expected: ${stack.evidence}.`);
  }
  return { type, status: 'True', reason: 'NoProblemFound', message: cut(`${stack.evidence}.`) };
}

function evaluateHealth(layers: readonly ConditionDraft[], evaluated: Case, context: HeadlineContext): ConditionDraft {
  const { evaluation, store, selection } = evaluated;
  const { findings, scope } = selection;
  const wordsOfCause = ({ finding }: SelectedFinding): string => wordsOf(finding, evaluated);
  const message = cut(headlineOf({ evaluation, store, findings, scope, health: layers, wordsOf: wordsOfCause, ...context }));
  if (findings.some(({ severity }) => severity !== 'Info')) return { type: 'Healthy', status: 'False', reason: 'FindingsPresent', message };
  const unknown = layers.find(({ status }) => status === 'Unknown');
  if (unknown) return { type: 'Healthy', status: 'Unknown', reason: unknown.reason, message };
  return { type: 'Healthy', status: 'True', reason: 'NoProblemFound', message };
}

/** What is wrong with a spec, as the reason of the condition and a sentence. */
type SpecFault = Pick<ConditionDraft, 'reason' | 'message'>;

/**
 * Whether the spec names only what there is, and sets only what can be set. What it names beside that applies all the same, so neither Ready nor
 * Stalled follow from it.
 * @param evaluation that the report is written from; undefined while it is not evaluated
 */
export function evaluateSpec(spec: DualStackReportSpec, evaluation: Evaluation | undefined, now: number): ConditionDraft {
  const faults = specFaults(spec, evaluation);
  const [first] = faults;
  if (first) {
    const message = `${faults.map((fault) => fault.message).join(' ')} The rest of the spec applies.`;
    return { type: 'SpecValid', status: 'False', reason: first.reason, message: cut(message) };
  }
  const expired = expiredAt(spec, now);
  const ofExpired = expired > 0 ? ` ${counted(expired, 'exclusion')} expired and no longer ${expired === 1 ? 'applies' : 'apply'}.` : '';
  const message = `All checks and parameters that the spec names are valid.${ofExpired}`;
  return { type: 'SpecValid', status: 'True', reason: 'Valid', message };
}

function specFaults(spec: DualStackReportSpec, evaluation: Evaluation | undefined): readonly SpecFault[] {
  const [checks, unknown, invalid] = [unknownChecks(spec), unknownParameters(spec), invalidParameters(spec)];
  const isRefused = evaluation !== undefined && evaluation.parameters.key !== parametersOf(spec).key;
  return [
    checks.length > 0 && { reason: 'UnknownCheck', message: `${checks.join('; ')}. There is no such check, so this has no effect.` },
    unknown.length > 0 && { reason: 'UnknownParameter', message: `spec.checks: ${unknown.join('; ')}. This has no effect.` },
    invalid.length > 0 && { reason: 'InvalidParameter', message: `spec.checks: ${invalid.join('; ')}. The default applies instead.` },
    isRefused && { reason: 'TooManyEvaluations', message: TOO_MANY },
  ].filter((fault) => fault !== false);
}

const TOO_MANY =
  `All parameters of spec.checks have their defaults: the operator keeps at most ${MOST_EVALUATIONS} evaluations, which older reports and lists of ` +
  'expected families take. Use the parameters of another report, or remove them from one.';

function evaluateStalled(evaluation: Evaluation, store: ClusterStore, spec: DualStackReportSpec): ConditionDraft | undefined {
  const namespaces = store.availability(NAMESPACES);
  if (selectsSome(spec.namespaceSelector) && typeof namespaces === 'object') {
    return stalled('NamespacesUnavailable', `spec.namespaceSelector cannot be applied: ${namespaces.message}`);
  }
  const { services } = evaluation.view.stack;
  const absent = services.families === 'Unknown' ? [] : missingFrom(layerFamilies(services), evaluation.expected);
  if (absent.length === 0) return undefined;
  return stalled(
    'ExpectedFamilyAbsent',
    `spec.expectedFamilies names ${absent.join(', ')}, which Services cannot have: ${services.evidence}.`,
  );
}

function stalled(reason: string, message: string): ConditionDraft {
  return { type: 'Stalled', status: 'True', reason, message: cut(message) };
}

/** Counts, and the worst causes in words: effects are counted with their cause and not on their own. */
function problemWords(problems: readonly SelectedFinding[], evaluated: Case): string {
  const causes = problems.filter(({ isRootCause }) => isRootCause);
  const named = (causes.length > 0 ? causes : problems).slice(0, CAUSES_IN_MESSAGE);
  const count = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
  const words = named.map(({ finding }) => wordsOf(finding, evaluated));
  const more = causes.length > named.length ? ` and ${causes.length - named.length} more` : '';
  const counts = `${count('Critical')} critical and ${counted(count('Warning'), 'warning')}`;
  const origin = causes.length > 0 ? counted(causes.length, 'root cause') : 'all effects of other findings';
  return `${counts}, ${origin}: ${words.join('; ')}${more}.`;
}

function wordsOf(finding: Finding, { evaluation, store, selection, wordsById }: Case): string {
  const words = wordsById.get(finding.id) ?? withEffects(finding, evaluation, store, selection);
  wordsById.set(finding.id, words);
  return words;
}

function cut(message: string): string {
  return clip(message, LONGEST_MESSAGE);
}
