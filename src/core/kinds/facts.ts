import { kindNamed, type FactsOfKind, type KindName, type KindOf } from './registry.ts';

export type { EndpointSliceFacts } from './endpoint-slice.ts';
export type { NamespaceFacts } from './namespace.ts';
export type { NodeFacts, NodeRole } from './node.ts';
export type { PodFacts, PodState, SandboxState } from './packed-pod.ts';
export type { ServiceCIDRFacts } from './service-cidr.ts';
export type { IPFamilyPolicy, ServiceFacts, ServiceType } from './service.ts';
export type { Owner } from './service-owner.ts';

export type FactsKind = KindName;
export type FactsOf<K extends FactsKind> = FactsOfKind<K>;
export type Facts = { readonly [K in FactsKind]: FactsOf<K> }[FactsKind];

/** What makes an object's facts the same object's later facts, as their kind says. */
export function keyOf(facts: Facts): string {
  const kind: Pick<KindOf<FactsKind>, 'key'> = kindNamed(facts.kind);
  return kind.key(facts);
}

/**
 * Whether two states of one object are alike in all that is kept of it.
 * @param one as it was projected, with its facts for properties of its own
 */
export function sameFacts(one: Facts, other: Facts): boolean {
  const those = other as unknown as Readonly<Record<string, unknown>>;
  const these = one as unknown as Readonly<Record<string, unknown>>;
  // This runs for each event of a watch, so it makes no list of the fields.
  for (const field in these) if (these[field] !== those[field] && !sameTexts(these[field], those[field])) return false;
  return true;
}

/** Lists of families and labels are shared, and need no comparison of their members. */
function sameTexts(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((text, index) => text === other[index]);
}

/**
 * One step of the cluster's history as a reflector reports it. Between `listing` and `listed` of a kind come all
 * its objects; those that were known before and did not come are gone.
 */
export type Change =
  | { readonly type: 'upsert'; readonly facts: Facts }
  | { readonly type: 'delete'; readonly kind: FactsKind; readonly key: string }
  | { readonly type: 'listing'; readonly kind: FactsKind }
  /** `gap`: why only some of its objects are known, in a sentence, where that is so. */
  | { readonly type: 'listed'; readonly kind: FactsKind; readonly gap?: string }
  | { readonly type: 'unavailable'; readonly kind: FactsKind; readonly reason: Unavailability };

/** Why the API server does not give a kind, and what would make it. `Unsupported`: it has other versions of it only. */
export interface Unavailability {
  readonly reason: 'Forbidden' | 'NotFound' | 'Unsupported' | 'Malformed';
  /** One sentence that names the rule or the version that is needed. */
  readonly message: string;
}
