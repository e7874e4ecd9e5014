import type { DualStackReport } from '../core/report/types.ts';

/** The time of evaluation is refreshed this often, in milliseconds, so that a dead operator shows. */
export const REFRESH_EVERY_MS = 5 * 60_000;

/** What is known of a report, and of its writing. */
export interface Entry {
  readonly report: DualStackReport;
  /** What fences this process' writes; undefined until the first one has succeeded. */
  readonly claim: Claim | undefined;
  /** No look and no write before, in milliseconds since the epoch. */
  readonly notBefore: number;
  readonly failures: number;
  /** Where an operator that does not stand for the same election writes this report. */
  readonly superseded: Superseded | undefined;
}

/** A `status.writerEpoch` that is this process' own in a term. */
export interface Claim {
  readonly term: number;
  readonly epoch: number;
}

interface Superseded {
  readonly term: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** A report that is seen for the first time. */
export function newEntry(report: DualStackReport): Entry {
  return { report, claim: undefined, notBefore: 0, failures: 0, superseded: undefined };
}

/** The epoch of this term; until it is taken, one more than any that was seen. */
export function claimFor({ report: { status }, claim }: Entry, term: number): Claim {
  return claim?.term === term ? claim : { term, epoch: (status?.writerEpoch ?? 0) + 1 };
}

/** A changed spec is answered at once. */
export function renewed(entry: Entry, report: DualStackReport): Entry {
  const isNewQuestion = entry.report.metadata.generation !== report.metadata.generation;
  return { ...entry, report, notBefore: isNewQuestion ? 0 : entry.notBefore };
}

/** A term that has ended says nothing: the operator that superseded it may be the leader that this one has followed. */
export function isSuperseded({ superseded }: Entry, term: number): boolean {
  return superseded?.term === term;
}

/** When to take a report back from an operator that superseded this one: long after it should have refreshed the report. */
export function takeOverTime(entry: Entry, term: number): number {
  const { superseded, report } = entry;
  if (!superseded || !isSuperseded(entry, term)) return 0;
  const evaluatedAt = report.status?.evaluatedAt ? Date.parse(report.status.evaluatedAt) : 0;
  return Math.max(superseded.at, evaluatedAt) + 2 * REFRESH_EVERY_MS;
}
