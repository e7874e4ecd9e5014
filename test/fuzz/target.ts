import fc from 'fast-check';

/** Something that bytes or texts of any kind are given to. */
export interface Target {
  readonly name: string;
  /** Its part of all cases. */
  readonly weight: number;
  /** What a case may end in, all of which should be seen. */
  readonly outcomes: readonly string[];
  /**
   * Plays so many cases.
   * @param note called with what each ended in
   * @throws where a case ended in anything else, with the smallest such case
   */
  play(runs: number, seed: number, note: (outcome: string) => void): void;
}

/** No case is large enough to take longer, in milliseconds of processor time. */
const LONGEST_MS = 3000;

interface TargetParts<T> {
  readonly name: string;
  readonly weight: number;
  readonly outcomes: readonly string[];
  readonly arbitrary: fc.Arbitrary<T>;
  /** @returns one of the outcomes; what it throws is a finding */
  readonly run: (value: T) => string;
}

/** Makes a target of what its cases are and what is done with one. */
export function target<T>({ name, weight, outcomes, arbitrary, run }: TargetParts<T>): Target {
  const timed = (value: T): string => {
    const before = performance.now();
    const cpu = process.cpuUsage();
    const outcome = run(value);
    if (performance.now() - before < LONGEST_MS) return outcome;
    // A busy machine is no hang.
    const { user } = process.cpuUsage(cpu);
    if (user / 1000 < LONGEST_MS) return outcome;
    throw new Error(`it took ${Math.round(user / 1000)} ms`);
  };
  return {
    name,
    weight,
    outcomes,
    play: (runs, seed, note) => {
      const property = fc.property(arbitrary, (value) => {
        const outcome = timed(value);
        if (!outcomes.includes(outcome)) throw new Error(`an outcome that is not known: ${outcome}`);
        note(outcome);
      });
      fc.assert(property, { numRuns: runs, seed });
    },
  };
}
