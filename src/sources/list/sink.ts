import { keyOf } from '../../core/kinds/facts.ts';
import type { Change, Facts, FactsKind, Unavailability } from '../../core/kinds/facts.ts';

/**
 * Where a reflector brings objects. Between `begin` and `end` come all that there are; of those known before, the ones that
 * did not come are gone. A list that breaks off begins again: `begin` may follow `begin`. What a method throws ends the reflector.
 */
export interface ReflectorSink<T> {
  begin(): void;
  put(object: T): void;
  remove(object: T): void;
  end(): void;
  /** The server does not give this resource; `begin` follows once it does. */
  unavailable(unavailability: Unavailability): void;
}

/** Turns what a reflector brings of a built-in kind into changes. */
export function changeSink(kind: FactsKind, onChange: (change: Change) => void): ReflectorSink<Facts> {
  return {
    begin: () => {
      onChange({ type: 'listing', kind });
    },
    put: (facts) => {
      onChange({ type: 'upsert', facts });
    },
    remove: (facts) => {
      onChange({ type: 'delete', kind, key: keyOf(facts) });
    },
    end: () => {
      onChange({ type: 'listed', kind });
    },
    unavailable: (reason) => {
      onChange({ type: 'unavailable', kind, reason });
    },
  };
}
