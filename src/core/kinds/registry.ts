import { endpointSlice } from './endpoint-slice.ts';
import type { Kind } from './kind.ts';
import { namespace } from './namespace.ts';
import { node } from './node.ts';
import { pod } from './pod.ts';
import { serviceCIDR } from './service-cidr.ts';
import { service } from './service.ts';

/** Every kind of object that is read, in the order in which they are evaluated. */
export const KINDS = [node, pod, service, endpointSlice, serviceCIDR, namespace] as const;

/** Any kind of the list. */
export type AnyKind = (typeof KINDS)[number];

/** The name of a kind of the list. */
export type KindName = AnyKind['name'];

/** The kind of a name. */
export type KindNamed<N extends KindName> = Extract<AnyKind, { readonly name: N }>;

/** The facts of the kind of a name. */
export type FactsOfKind<N extends KindName> = NonNullable<ReturnType<KindNamed<N>['facts']>>;

/** A kind as those see it that handle all alike. */
export type KindOf<N extends KindName> = Kind<N, FactsOfKind<N>>;

/** The same kinds, as those see them that handle all alike. */
export const ALL_KINDS: readonly KindOf<KindName>[] = KINDS;

const BY_NAME = Object.fromEntries(KINDS.map((kind) => [kind.name, kind])) as unknown as { readonly [N in KindName]: KindOf<N> };

/** The kind of a name. */
export function kindNamed<N extends KindName>(name: N): KindOf<N> {
  return BY_NAME[name];
}
