import { checkNamed } from '../checks/registry.ts';
import { isCluster, type ObjectRef } from '../engine/finding.ts';
import type { ClusterStore } from '../cluster/cluster-store.ts';
import type { Evaluation } from '../engine/evaluation.ts';
import { withEffects } from './affects.ts';
import { publicId } from './finding-id.ts';
import type { Selection } from './selection.ts';

/** A finding of a report that no other explains, and that is critical or a warning, or explains one that is. */
export interface RootCause {
  /** The same as in the list of findings. */
  readonly id: string;
  readonly check: string;
  readonly object: ObjectRef;
  /** The key of the object in the store. */
  readonly key: string;
  /** A sentence without its full stop: what is wrong, and what that takes families from. */
  readonly message: string;
}

/** What a root cause is about, whatever it says. */
export type Fault = Pick<RootCause, 'check' | 'object' | 'key'>;

/** The root causes of a report. */
export interface RootCauses {
  readonly byId: ReadonlyMap<string, RootCause>;
  /** Whether a fault is over: its check is available and finds nothing. One that is no longer listed may be rolled up or excluded. */
  isOver(fault: Fault): boolean;
}

/** The root causes of a report. Their words are made only when they are read. */
export function rootCauses(selection: Selection, evaluation: Evaluation, store: ClusterStore): RootCauses {
  return { byId: causesById(selection, evaluation, store), isOver: (fault) => isOver(fault, evaluation) };
}

function isOver({ check: name, object, key }: Fault, evaluation: Evaluation): boolean {
  const check = checkNamed(name);
  return check === undefined || evaluation.isClear(check, isCluster(object) ? undefined : key);
}

function causesById(selection: Selection, evaluation: Evaluation, store: ClusterStore): ReadonlyMap<string, RootCause> {
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
        return withEffects(finding, evaluation, store, selection);
      },
    });
  }
  return causes;
}
