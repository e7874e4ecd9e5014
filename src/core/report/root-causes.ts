import type { ObjectRef } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { Ledger } from '../ledger.ts';
import { withEffects } from './affects.ts';
import { publicId } from './finding-id.ts';
import type { Selection } from './selection.ts';

/** A critical finding or a warning of a report that no other of these explains. */
export interface RootCause {
  /** The same as in the list of findings. */
  readonly id: string;
  readonly check: string;
  readonly object: ObjectRef;
  /** The key of the object in the inventory. */
  readonly key: string;
  /** A sentence without its full stop: what is wrong, and what that takes families from. */
  readonly message: string;
}

/** The root causes of a report, by id. Their words are made only where they are asked for. */
export function rootCauses(selection: Selection, ledger: Ledger, inventory: Inventory): ReadonlyMap<string, RootCause> {
  const causes = new Map<string, RootCause>();
  for (const { finding, isRootCause } of selection.findings) {
    if (!isRootCause) continue;
    const { check, object, key } = finding;
    const id = publicId(finding);
    causes.set(id, {
      id,
      check: check.name,
      object,
      key,
      get message() {
        return withEffects(finding, ledger, inventory, selection);
      },
    });
  }
  return causes;
}
