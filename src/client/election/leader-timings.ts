/** How long a leader's word counts, in milliseconds. */
export interface LeaderTimings {
  /** How long the others wait for a sign of the leader before one of them takes its place. */
  readonly leaseDuration: number;
  /** How long a leader that cannot renew its lease goes on before it stops writing. */
  readonly renewDeadline: number;
  /** How often a leader renews its lease, and the others look at it at the latest. */
  readonly retryPeriod: number;
}

/** Those of client-go, and so of Kubernetes' own controllers. */
export const DEFAULT_TIMINGS: LeaderTimings = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 };

/** By how much waits differ, so that candidates do not go in step; client-go's. */
export const JITTER_FACTOR = 1.2;

/**
 * What is wrong with timings, by the rules of client-go's NewLeaderElector; a lease carries its duration in whole seconds.
 * @returns undefined where nothing is
 */
export function timingsFault({ leaseDuration, renewDeadline, retryPeriod }: LeaderTimings): string | undefined {
  if (leaseDuration < 1_000 || leaseDuration % 1_000 !== 0) return 'the lease duration has to be whole seconds, one at least';
  if (leaseDuration <= renewDeadline) return 'the lease duration has to be longer than the renew deadline';
  if (renewDeadline <= retryPeriod * JITTER_FACTOR)
    return `the renew deadline has to be longer than ${JITTER_FACTOR} times the retry period`;
  return retryPeriod > 0 ? undefined : 'the retry period has to be longer than 0';
}
