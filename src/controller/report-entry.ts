import { isDeepStrictEqual } from 'node:util';
import { nextExpiration } from '../core/report/exclusions.ts';
import type { DualStackReport, DualStackReportStatus } from '../core/report/types.ts';
import type { ErrorLog } from '../client/transport/error-log.ts';

/** What is known of a report that is there. */
export interface Entry {
  readonly report: DualStackReport;
  /** What fences this process' writes; undefined until the first one has succeeded. */
  readonly claim: Claim | undefined;
  /** No look and no write before, as the clock's `now` has it. */
  readonly notBefore: number;
  /** No write before, whatever comes meanwhile: so the API server said in Retry-After. */
  readonly heldUntil: number;
  /** The number of its last write among those of all reports; 0 before the first one. */
  readonly lastWrite: number;
  readonly failures: number;
  /** Of its writes. */
  readonly errorLog: ErrorLog;
  /** Where an operator that takes no part in the same leader election writes this report. */
  readonly superseded: Superseded | undefined;
}

/** A `status.writerEpoch` that is this process' own in a term. */
export interface Claim {
  readonly term: number;
  readonly epoch: number;
}

interface Superseded {
  readonly term: number;
  /** When anything was last seen of that operator, as the clock's `now` has it: its time of day may be another. */
  readonly seenAt: number;
}

/** Of a `writerEpoch`, as the schema has it. */
const HIGHEST_EPOCH = Number.MAX_SAFE_INTEGER;
/** The time of evaluation is refreshed this often, in milliseconds, so that a dead operator shows. */
const REFRESH_EVERY_MS = 5 * 60_000;

/** One that may be looked at, and written, at once. */
export function newEntry(report: DualStackReport, errorLog: ErrorLog): Entry {
  return { report, claim: undefined, notBefore: 0, heldUntil: 0, lastWrite: 0, failures: 0, errorLog, superseded: undefined };
}

/** The epoch of this term; until it is taken, one more than any that was seen. */
export function claimFor({ report: { status }, claim }: Entry, term: number): Claim {
  return claim?.term === term ? claim : { term, epoch: (status?.writerEpoch ?? 0) + 1 };
}

/** Whether the schema has no epoch left for this claim. No election comes that far: somebody has raised it by hand. */
export function isExhausted({ report: { status } }: Entry, { epoch }: Claim): boolean {
  return (status?.writerEpoch ?? 0) >= HIGHEST_EPOCH && epoch !== HIGHEST_EPOCH;
}

/** A changed spec is answered at once. */
export function renewed(entry: Entry, report: DualStackReport, now: number): Entry {
  const isNewQuestion = entry.report.metadata.generation !== report.metadata.generation;
  const isRefreshed = entry.report.status?.lastEvaluationTime !== report.status?.lastEvaluationTime;
  const superseded = entry.superseded && isRefreshed ? { ...entry.superseded, seenAt: now } : entry.superseded;
  return { ...entry, report, superseded, notBefore: isNewQuestion ? 0 : entry.notBefore };
}

/** Whether a new leader says what the one before has said, and made the Events of. */
export function repeats({ report: { status: present }, claim: before }: Entry, status: DualStackReportStatus, claim: Claim): boolean {
  return before !== claim && isSame({ ...status, writerEpoch: present?.writerEpoch ?? 0 }, present);
}

/** A term that has ended says nothing: the operator that superseded it may be the leader that this one has followed. */
export function isSuperseded({ superseded }: Entry, term: number): boolean {
  return superseded?.term === term;
}

/** When to take a report back from an operator that superseded this one: long after it should have refreshed the report. */
export function takeOverTime(entry: Entry, term: number): number {
  const { superseded } = entry;
  return superseded && isSuperseded(entry, term) ? superseded.seenAt + 2 * REFRESH_EVERY_MS : 0;
}

/**
 * How long until the time of evaluation is due to be refreshed, or an exclusion expires: the report then says something else though nothing has changed. One that is still to come was not this operator's, or is of before its clock was
 * set.
 * @param time milliseconds since the epoch
 */
export function untilRefresh({ spec = {}, status }: DualStackReport, fresh: boolean, time: number): number {
  if (spec.suspend) return Infinity;
  const untilExpiration = nextExpiration(spec, time) - time;
  if (!fresh) return untilExpiration;
  const evaluatedAt = Date.parse(status?.lastEvaluationTime ?? '');
  return evaluatedAt <= time ? Math.min(evaluatedAt + REFRESH_EVERY_MS - time, untilExpiration) : 0;
}

/** Whether two statuses say the same, leaving aside when it was evaluated. */
export function isSame(status: DualStackReportStatus, present: DualStackReportStatus | undefined): boolean {
  const plain = (value: DualStackReportStatus): unknown => JSON.parse(JSON.stringify({ ...value, lastEvaluationTime: undefined }));
  return present !== undefined && isDeepStrictEqual(plain(status), plain(present));
}
