/** Whether a goal is met. Where the run is smaller or shorter than the goal says, it tells nothing: `unjudged`. */
export type Verdict = 'met' | 'missed' | 'unjudged';

/** One line of the table: what was measured, and what it was to be. */
export interface Row {
  /** Stays the same from version to version, so that results can be compared. */
  readonly id: string;
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly verdict: Verdict;
  /** Everything behind it, in the units that the names end in. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** The verdict on a goal, for a run that is what the goal says or is not. */
export function verdictOn(isMet: boolean, isAsGoalSays: boolean): Verdict {
  if (!isAsGoalSays) return 'unjudged';
  return isMet ? 'met' : 'missed';
}
