import type { LabelSelector } from './label-selector.ts';
import type { LabelSet } from './labels.ts';
import type { Fields } from './fields.ts';
import type { Interner } from './interner.ts';
import { sourceId, type Narrowing, type ResourcePlace } from './source.ts';

/** The least that facts are: they say of which kind they are. */
export interface FactsOfSome<N extends string = string> {
  readonly kind: N;
}

/**
 * Which objects of another kind are affected when an object of this kind changes.
 * `names`: those with these keys. `selects`: those in its namespace that have these labels, all of them where the set is empty, none where there is none.
 */
export type Link<F extends FactsOfSome> =
  | { readonly type: 'names'; readonly to: string; keys(facts: F): readonly string[] }
  | { readonly type: 'selects'; readonly to: string; selector(facts: F): LabelSet | undefined };

/** What the administrator says of objects, beside what they say themselves. */
export interface FactSettings {
  /** Nodes with these labels are virtual. */
  readonly virtualNodes?: LabelSelector | undefined;
}

/** A kind of object that is read: all that the rest of the program knows of it. */
export interface Kind<N extends string = string, F extends FactsOfSome = FactsOfSome, S extends string = string> {
  /** Unique among the kinds; mostly what the API server calls it. */
  readonly name: N;
  readonly resource: ResourcePlace;
  /** What freshness, metrics and logs call it: {@link sourceId} of its resource. */
  readonly source: string;
  /** Whether an API server or a dump may be without it while nothing is wrong, so that `scan` prints no line about it. */
  readonly optional: boolean;
  /** Whether checks that need it have something else to go by where it is not to be had; else they are Unknown then. */
  readonly hasFallback: boolean;
  /** `evaluated`: checks look at each of its objects. `context`: it helps to evaluate others. `selection`: reports select others by it. */
  readonly role: 'evaluated' | 'context' | 'selection';
  readonly fields: Fields;
  /** Why its objects are listed and watched, as a sentence: the reason for the permission. */
  readonly reason: string;
  readonly links: readonly Link<F>[];
  /**
   * An object, decoded from protobuf or JSON, as the facts that are kept of it. Takes whatever comes: what is missing or of the wrong type reads as
   * its default.
   * @returns undefined where the object is none, such as one without a name that an API server would take
   */
  facts(object: unknown, interner: Interner, settings?: FactSettings): F | undefined;
  /** What makes an object's facts the same object's later facts. */
  key(facts: F): string;
  /** Why an object is not evaluated; undefined where it is. */
  skip(facts: F): S | undefined;
  /** The same facts in less memory, for a kind of which there are very many. */
  packed?(facts: F): F;
}

interface ResourceDeclaration extends Omit<ResourcePlace, 'kind' | 'encoding' | 'narrowing'> {
  /** Where it is not the name of the declaration. */
  readonly kind?: string;
  readonly encoding?: ResourcePlace['encoding'];
  readonly narrowing?: Narrowing;
}

type Defaulted = 'resource' | 'source' | 'optional' | 'hasFallback' | 'role' | 'links' | 'skip';

type Declaration<N extends string, F extends FactsOfSome<N>, S extends string> = Omit<Kind<N, F, S>, Defaulted> &
  Partial<Pick<Kind<N, F, S>, 'optional' | 'hasFallback' | 'role' | 'skip'>> & {
    readonly resource: ResourceDeclaration;
    readonly links?: readonly Link<F>[];
  };

/** Completes the declaration of a kind. Without a `skip` all its objects are evaluated; without a `role` it is context. */
export function defineKind<const N extends string, F extends FactsOfSome<N>, S extends string = never>(
  declaration: Declaration<N, F, S>,
): Kind<N, F, S> {
  const resource: ResourcePlace = { kind: declaration.name, encoding: 'protobuf', narrowing: {}, ...declaration.resource };
  return {
    optional: false,
    hasFallback: false,
    role: 'context',
    links: [],
    skip: () => undefined,
    ...declaration,
    resource,
    source: sourceId(resource),
  };
}

/** That a change of an object affects those of another kind which it names by their keys. */
export function names<F extends FactsOfSome>(to: string, keys: (facts: F) => readonly string[]): Link<F> {
  return { type: 'names', to, keys };
}

/** That a change of an object affects those of another kind which it selects by their labels, in its own namespace. */
export function selects<F extends FactsOfSome>(to: string, selector: (facts: F) => LabelSet | undefined): Link<F> {
  return { type: 'selects', to, selector };
}
