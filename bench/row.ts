/** Whether a goal is met. Where the run is smaller or shorter than the goal says, it has no result: `notMeasured`. */
export type Outcome = 'met' | 'missed' | 'notMeasured';

/** One line of the table: what was measured, and what it was to be. */
export interface Row {
  /** Stays the same from version to version, so that results can be compared. */
  readonly id: string;
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly outcome: Outcome;
  /** Everything behind it, in the units that the names end in. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** The outcome on a goal, for a run that is what the goal says or is not. */
export function outcomeOn(isMet: boolean, isAsGoalSays: boolean): Outcome {
  if (!isAsGoalSays) return 'notMeasured';
  return isMet ? 'met' : 'missed';
}
