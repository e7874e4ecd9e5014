import { LAYERS, type Layer } from '../overview/layers.ts';
import { totalOf, type CountsByLabel } from '../overview/counts.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { LayerFamilies } from '../cluster/stack.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { capitalized, counted, joinWithAnd } from '../words.ts';

/** The condition of a layer, as far as the first line of a report depends on it. */
export interface LayerHealth {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What is known of one layer. */
export interface LayerState {
  readonly layer: Layer;
  readonly health: LayerHealth;
  readonly families: LayerFamilies;
  /** Its objects by families, in the whole cluster. */
  readonly counts: CountsByLabel;
  /** Whether its evidence is made up. */
  readonly isMadeUp: boolean;
  /** Whether only its objects show its families, since nothing says which they can have. */
  readonly isByObjects: boolean;
}

const EVERYWHERE = (): boolean => true;

/**
 * What is known of each layer.
 * @param health the conditions of the layers, in their order
 */
export function layerStates(evaluation: Evaluation, store: ClusterStore, health: readonly LayerHealth[]): readonly LayerState[] {
  const state = { evaluation, store };
  return LAYERS.flatMap((layer, index): LayerState[] => {
    const condition = health[index];
    if (!condition) return [];
    const { families } = evaluation.view.stack[layer.name];
    const counts = layer.stackCounts?.(state) ?? layer.counts.in(state, EVERYWHERE);
    const common = condition.reason === 'StackUnknown' && evaluation.expected.length === 0 ? commonFamily(counts) : undefined;
    return [
      {
        layer,
        health: condition,
        families: common ?? families,
        counts,
        isByObjects: common !== undefined,
        isMadeUp: layer.isMadeUp?.(state) ?? false,
      },
    ];
  });
}

/** The one family that all objects have. */
function commonFamily(counts: CountsByLabel): 'IPv4' | 'IPv6' | undefined {
  const total = totalOf(counts);
  if (total === 0) return undefined;
  if (counts.ipv4 === total) return 'IPv4';
  return counts.ipv6 === total ? 'IPv6' : undefined;
}

/** Layers by name: `nodes, pods and all 3 Services`. */
export function namesOf(states: readonly LayerState[]): string {
  return joinWithAnd(states.map(nameOf));
}

/** Whether the names are those of a single object. */
function isOneObject([first, ...others]: readonly LayerState[]): boolean {
  return first !== undefined && others.length === 0 && first.isByObjects && totalOf(first.counts) === 1;
}

function nameOf({ layer: { noun }, isByObjects, counts }: LayerState): string {
  if (!isByObjects) return `${noun}s`;
  const total = totalOf(counts);
  if (total === 1) return `the only ${noun}`;
  return total === 2 ? `both ${noun}s` : `all ${total} ${noun}s`;
}

const FAMILY_WORDS: Readonly<Record<LayerFamilies, string>> = {
  DualStack: 'dual-stack',
  IPv4: 'IPv4 only',
  IPv6: 'IPv6 only',
  Mixed: 'mixed (some IPv4 only, others IPv6 only)',
  Unknown: 'unknown',
};

/** What layers have, as the beginning of a sentence: `Single-stack IPv4 in all layers`, `2 of 4 nodes are dual-stack; pods and Services are IPv4 only`. */
export function stackPhrase(states: readonly LayerState[]): string {
  const [first] = states;
  const isAll = states.length === LAYERS.length && states.every(({ families, isMadeUp }) => families === first?.families && !isMadeUp);
  if (first && isAll) return commonPhrase(first.families, states);
  // What most layers have comes first.
  const groups = [...Map.groupBy(states, phraseOf)].sort(([, some], [, others]) => others.length - some.length);
  const phrases = groups.map(([phrase, those]) =>
    those.some(isSentence) ? phrase : `${namesOf(those)} ${isOneObject(those) ? 'is' : 'are'} ${phrase}`,
  );
  return capitalized(phrases.join('; '));
}

function commonPhrase(families: LayerFamilies, states: readonly LayerState[]): string {
  const where = states.some(({ isByObjects }) => isByObjects) ? `: ${namesOf(states)}` : ' in all layers';
  if (families === 'DualStack' || families === 'Mixed') return `${families === 'Mixed' ? 'Mixed' : 'Dual-stack'}${where}`;
  return `Single-stack ${families}${where}`;
}

/** What a layer has; a whole sentence where it differs from layer to layer. */
function phraseOf(state: LayerState): string {
  const { families, counts, layer, isMadeUp } = state;
  if (isMadeUp) return `the addresses of ${layer.noun}s are made up by a virtual cluster`;
  if (!isPartial(state)) return FAMILY_WORDS[families];
  return `${counts.dual} of ${counted(totalOf(counts), layer.noun)} ${counts.dual === 1 ? 'is' : 'are'} dual-stack`;
}

function isSentence(state: LayerState): boolean {
  return state.isMadeUp || isPartial(state);
}

/** Whether a layer is dual-stack because some of its objects are. */
function isPartial(state: LayerState | undefined): boolean {
  return (
    state?.families === 'DualStack' && !state.isMadeUp && state.layer.stackCounts !== undefined && state.counts.dual < totalOf(state.counts)
  );
}
