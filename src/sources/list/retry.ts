import { retryAfterMs } from '../../client/transport/retry-after.ts';

/** What ended a list or a watch. */
export type ReadError =
  | {
      readonly kind: 'api';
      readonly status: number;
      readonly reason: string;
      readonly retryAfterSeconds: number | undefined;
      /** Whether it came as an ERROR event of a watch that had been accepted. */
      readonly inStream: boolean;
    }
  /** No bytes for longer than the server ever is silent. */
  | { readonly kind: 'silent' }
  /** A streaming list that does not end: the server does not know of it, or it stalled. */
  | { readonly kind: 'endless' }
  /** The server closed the watch, as it does every few minutes; or something between did, at once. */
  | { readonly kind: 'ended' }
  /** The server has gone back to an older state of its etcd: what it lost cannot be determined by a watch. */
  | { readonly kind: 'restored' }
  | { readonly kind: 'network' | 'credentials' | 'undecodable' };

export interface Situation {
  /** `streaming` until a streaming list is complete; then the same stream is a `watch`. */
  readonly phase: 'streaming' | 'pages' | 'watch';
  /** How many errors there were in a row before this one. */
  readonly attempt: number;
}

export type Action =
  /** Watch on from the last resourceVersion. */
  | 'resume'
  /** List again. */
  | 'relist'
  /** List again, in pages for the next hours. */
  | 'paginate'
  /** Report the resource as unavailable: rejected, not there, or impossible to decode. List again later. */
  | 'unavailable';

export interface Decision {
  readonly action: Action;
  readonly delayMs: number;
}

/** client-go's reflector has the same base and cap. */
const BASE_MS = 800;
const CAP_MS = 30_000;
/** Somebody has to grant the permission or install the API first. */
const UNAVAILABLE_BASE_MS = 5_000;
const UNAVAILABLE_CAP_MS = 60_000;
/** An API server that just started may answer 403 and 404 until its authorizer and its APIs are up. */
const PATIENT_ATTEMPTS = 3;
/** Silence again and again: the watch may wait for a resourceVersion that a restored etcd has not reached yet. */
const SILENT_ATTEMPTS = 3;
/** One that stalled once is no server without streaming lists. */
const ENDLESS_ATTEMPTS = 1;

/**
 * What to do about a error, and after how many milliseconds.
 * @param random at least 0 and less than 1
 */
export function decide(readError: ReadError, situation: Situation, random: number): Decision {
  const action = actionFor(readError, situation);
  return { action, delayMs: Math.round(delayFor(readError, situation, action, random)) };
}

function actionFor(readError: ReadError, situation: Situation): Action {
  const { phase, attempt } = situation;
  switch (readError.kind) {
    case 'api':
      return actionForStatus(readError, situation);
    case 'endless':
      return actionForEndless(attempt);
    case 'undecodable':
      return actionForUndecodable(phase, attempt);
    case 'restored':
      return 'relist';
    case 'silent':
      return phase === 'watch' && attempt < SILENT_ATTEMPTS ? 'resume' : 'relist';
    case 'ended':
    case 'network':
    case 'credentials':
      return phase === 'watch' ? 'resume' : 'relist';
  }
}

/** What is spoilt on the way comes well the next time; what the server has does not. */
function actionForUndecodable(phase: Situation['phase'], attempt: number): Action {
  return phase !== 'watch' && attempt >= PATIENT_ATTEMPTS ? 'unavailable' : 'relist';
}

function actionForEndless(attempt: number): Action {
  return attempt < ENDLESS_ATTEMPTS ? 'relist' : 'paginate';
}

/**
 * Whether a server says that it has no streaming lists. Kubernetes 1.33 has none unless they are switched on: nothing is wrong there, and no try is
 * used up.
 */
export function hasNoStreaming(readError: ReadError, phase: Situation['phase']): boolean {
  return readError.kind === 'api' && !readError.inStream && phase === 'streaming' && isBadQuery(readError.status);
}

function actionForStatus(readError: Extract<ReadError, { readonly kind: 'api' }>, { phase, attempt }: Situation): Action {
  const { status, inStream } = readError;
  if (isUnavailable(status)) return actionForUnavailable(status, phase, attempt);
  if (hasNoStreaming(readError, phase)) return 'paginate';
  return phase === 'watch' && isPassing(status, inStream) ? 'resume' : 'relist';
}

/** A list of what the server does not have at all is not tried again in vain; a permission may come a moment after the server. */
function actionForUnavailable(status: number, phase: Situation['phase'], attempt: number): Action {
  if (attempt >= PATIENT_ATTEMPTS) return 'unavailable';
  if (phase === 'watch') return 'resume';
  return status === 403 ? 'relist' : 'unavailable';
}

function isUnavailable(status: number): boolean {
  return status === 403 || status === 404;
}

/** Seen on 1.33.13: 422, `sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled`. */
function isBadQuery(status: number): boolean {
  return status === 400 || status === 422;
}

/** A server that fails within a stream may fail at the same place for ever, so that is not. */
function isPassing(status: number, inStream: boolean): boolean {
  return status === 401 || status === 429 || (status >= 500 && !inStream);
}

function delayFor(readError: ReadError, { phase, attempt }: Situation, action: Action, random: number): number {
  if (action === 'paginate') return 0;
  if (readError.kind === 'ended' && phase === 'watch' && attempt === 0) return 0;
  if (readError.kind === 'api' && readError.retryAfterSeconds !== undefined) return retryAfterMs(readError, random);
  if (action === 'unavailable')
    return grown(UNAVAILABLE_BASE_MS, UNAVAILABLE_CAP_MS, Math.max(0, attempt - PATIENT_ATTEMPTS)) * (0.5 + random / 2);
  // Patience that is over within a moment is none.
  if (readError.kind === 'api' && isUnavailable(readError.status)) return grown(BASE_MS, CAP_MS, attempt) * (0.5 + random / 2);
  return grown(BASE_MS, CAP_MS, attempt) * random;
}

function grown(base: number, cap: number, attempt: number): number {
  return Math.min(cap, base * 2 ** Math.min(attempt, 30));
}
