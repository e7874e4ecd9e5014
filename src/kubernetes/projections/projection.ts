import type { Facts } from '../../core/facts.ts';
import type { Interner } from './interner.ts';

/**
 * An object of one kind, decoded from protobuf or JSON, as the facts that are kept of it. Takes whatever comes: what is
 * missing or of the wrong type reads as its default.
 * @returns undefined where the object has no name that an API server would take, and so is none
 */
export type Projection<F extends Facts> = (object: unknown, interner: Interner) => F | undefined;
