import { DueQueue } from './due.ts';
import type { FindingId } from './finding.ts';

/** What a ledger keeps of the objects of one kind, by their keys: a text made of kind and key would be made anew for each look. */
export interface Shelf {
  /** When an object's next verdict will count. */
  readonly due: DueQueue<string>;
  /** The findings on an object that has some. */
  readonly findings: Map<string, readonly FindingId[]>;
}

export function newShelf(): Shelf {
  return { due: new DueQueue(), findings: new Map() };
}
