import type { Facts, FactsKind } from '../core/kinds/facts.ts';
import type { Interner } from '../core/kinds/interner.ts';
import type { FactSettings, Kind } from '../core/kinds/kind.ts';
import { KINDS } from '../core/kinds/registry.ts';
import { selectorText, type ResourcePlace } from '../core/kinds/source.ts';
import type { Codec } from '../client/wire/codec.ts';
import { jsonCodec, protobufCodec } from '../client/wire/codec.ts';

/** A kind of object as the API server gives it, and what is read of each. */
export interface Resource<T> {
  readonly kind: string;
  /** What freshness, metrics and logs call it. */
  readonly source: string;
  /** Empty for the core group. */
  readonly apiGroup: string;
  /** The name that RBAC rules and paths use. */
  readonly plural: string;
  /** In the order in which they are tried. */
  readonly versions: readonly string[];
  /** Where its objects are, such as `/api/v1/pods`. */
  readonly path: string;
  /** Where they are in the versions after the first, to be tried where the server does not have that. */
  readonly otherPaths?: readonly string[];
  /** What narrows its lists and watches to some of the objects that are there. */
  readonly selectors?: Readonly<Partial<Record<'fieldSelector' | 'labelSelector', string>>>;
  /** The name of the one requested object, as an RBAC rule has it. */
  readonly resourceName?: string;
  /** What it takes for the API server to have it, as a sentence: `It is served by Kubernetes 1.33 and newer.` */
  readonly servedBy: string;
  readonly codec: Codec;
  /** @returns undefined where the decoded object is not one of the kind; it is then skipped and counted */
  parse(object: unknown): T | undefined;
}

/** The resource of a kind: its objects are facts. */
export interface BuiltInResource extends Resource<Facts> {
  readonly kind: FactsKind;
}

/**
 * The resources that facts are read from, one for each kind.
 * @param interner shared by all of them, and to be kept as long as their facts
 */
export function builtInResources(interner: Interner, settings: FactSettings = {}): readonly BuiltInResource[] {
  return KINDS.map((kind) => resourceOf<FactsKind, Facts>(kind, interner, settings));
}

/** The resource of one kind. */
export function resourceOf<N extends string, F extends { readonly kind: N }>(
  kind: Kind<N, F>,
  interner: Interner,
  settings: FactSettings = {},
): Resource<F> & { readonly kind: N } {
  const { name, source, resource } = kind;
  const [path = '', ...otherPaths] = resource.versions.map((version) => pathOf(resource, version));
  return {
    kind: name,
    source,
    apiGroup: resource.group,
    plural: resource.plural,
    versions: resource.versions,
    path,
    otherPaths,
    selectors: selectorsOf(resource),
    ...(resource.narrowing.name === undefined ? {} : { resourceName: resource.narrowing.name }),
    servedBy: resource.servedBy,
    codec: resource.encoding === 'json' ? jsonCodec : protobufCodec(name),
    parse: (object) => kind.facts(object, interner, settings),
  };
}

function pathOf({ group, plural, narrowing: { namespace } }: ResourcePlace, version: string): string {
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${api}/${plural}` : `${api}/namespaces/${namespace}/${plural}`;
}

function selectorsOf({ narrowing: { name, labels } }: ResourcePlace): NonNullable<Resource<unknown>['selectors']> {
  return {
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    ...(labels === undefined ? {} : { labelSelector: selectorText(labels) }),
  };
}
