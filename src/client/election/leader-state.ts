import { isDeepStrictEqual } from 'node:util';
import type { Lease, LeaseRecord } from './leader-lease.ts';
import { JITTER_FACTOR, type LeaderTimings } from './leader-timings.ts';
import { microTime } from '../requests/micro-time.ts';

/**
 * The rules of an election by a lease, as client-go has them: no clock but the candidate's own is believed, and a leader gives up before
 * another can take over. They hold as long as the clocks of candidates run at speeds that differ by less than
 * leaseDuration : renewDeadline. All times are in milliseconds of the candidate's own clock.
 */

/** A candidate of the leader election. */
export interface Candidate {
  /** Of this process alone. */
  readonly identity: string;
  readonly timings: LeaderTimings;
}

/** What a candidate knows. */
export interface LeaderState {
  /** The lease as it was last read or written; undefined where there is none, or it was never read. */
  readonly lease: Lease | undefined;
  /** When what the lease says was first seen. */
  readonly seenAt: number;
  /** When the request was sent by which this candidate last took or renewed the lease; undefined where it is not its own. */
  readonly heldFrom: number | undefined;
}

/** The standing of a candidate that knows nothing yet. */
export const NEWCOMER: LeaderState = { lease: undefined, seenAt: 0, heldFrom: undefined };

/**
 * Whether a candidate leads. client-go counts from the answer; the others may have seen the lease long before that, so this counts from
 * the request.
 */
export function leads({ heldFrom }: LeaderState, { renewDeadline }: LeaderTimings, now: number): boolean {
  return heldFrom !== undefined && now < heldFrom + renewDeadline;
}

/** The standing after the lease was read. What was seen before and says the same was not renewed. */
export function afterRead(leaderState: LeaderState, { identity }: Candidate, lease: Lease | undefined, now: number): LeaderState {
  const isKnown = isDeepStrictEqual(lease?.record, leaderState.lease?.record);
  return {
    lease,
    seenAt: isKnown ? leaderState.seenAt : now,
    heldFrom: lease?.record.holderIdentity === identity ? leaderState.heldFrom : undefined,
  };
}

/** The standing after the lease was written as the candidate's own. */
export function afterWrite(lease: Lease, sentAt: number, now: number): LeaderState {
  return { lease, seenAt: now, heldFrom: sentAt };
}

/** When another's lease runs out: the duration that it was taken for after it was first seen. */
function runsOutAt({ lease, seenAt }: LeaderState, { leaseDuration }: LeaderTimings): number {
  const seconds = lease?.record.leaseDurationSeconds ?? 0;
  return seenAt + (seconds > 0 ? seconds * 1_000 : leaseDuration);
}

/** Whether the lease is the candidate's own, or no longer anybody's. */
export function mayTake(leaderState: LeaderState, { identity, timings }: Candidate, now: number): boolean {
  const holder = leaderState.lease?.record.holderIdentity ?? '';
  return holder === '' || holder === identity || now >= runsOutAt(leaderState, timings);
}

/**
 * What the lease is to say for the candidate to take or renew it.
 * @param time milliseconds since the epoch
 */
export function recordFor({ lease }: LeaderState, { identity, timings: { leaseDuration } }: Candidate, time: number): LeaseRecord {
  const before = lease?.record;
  const renews = before?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.floor(leaseDuration / 1_000),
    acquireTime: renews ? before.acquireTime : microTime(time),
    renewTime: microTime(time),
    leaseTransitions: (before?.leaseTransitions ?? 0) + (before && !renews ? 1 : 0),
  };
}

/**
 * What the lease is to say so that anybody may take it at once; as client-go's release.
 * @param time milliseconds since the epoch
 */
export function releasedRecord({ leaseTransitions }: Pick<LeaseRecord, 'leaseTransitions'>, time: number): LeaseRecord {
  return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: microTime(time), renewTime: microTime(time), leaseTransitions };
}

/**
 * How long to wait before the lease is looked at again. Followers wait for as different times as client-go's, but the retry period at most
 * where client-go's wait that at least: a lease that was given back would lie for 4.4 s with its defaults. And they look when it runs out.
 * @param random at least 0 and less than 1
 */
export function pauseFor(leaderState: LeaderState, { timings }: Candidate, now: number, random: number): number {
  const { retryPeriod, renewDeadline } = timings;
  if (leads(leaderState, timings, now)) return Math.min(retryPeriod, (leaderState.heldFrom ?? now) + renewDeadline - now);
  const pause = retryPeriod / (1 + JITTER_FACTOR * random);
  const left = runsOutAt(leaderState, timings) - now;
  return left > 0 ? Math.min(pause, left) : pause;
}
