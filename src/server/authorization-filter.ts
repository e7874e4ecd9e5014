import { createHmac, randomBytes } from 'node:crypto';
import type { Access } from '../client/requests/access-review.ts';
import { reviewAdvice } from '../client/requests/access-review.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../client/transport/log.ts';
import { ErrorLog } from '../client/transport/error-log.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { HttpResponse, Handler } from './http-server.ts';

/**
 * How long an answer of the API server counts. controller-runtime keeps what it learns of a token for 1 min and a permission for 5 min: here
 * one minute after a permission was taken away the door is shut. A refused request counts shorter than the 30 s there, for whoever waits for a permission.
 */
const ALLOWED_MS = 60_000;
const REFUSED_MS = 10_000;
/** Apart from each other, so that a flood of made-up tokens does not push out those that count. */
const MOST_ALLOWED = 256;
const MOST_REFUSED = 1024;
/** So that such a flood does not become one on the API server, where it would hold up what the operator itself asks for. */
const MOST_REVIEWS = 8;
/** As controller-runtime's. */
const REVIEW_TIMEOUT_MS = 10_000;

export interface AuthorizationFilterOptions {
  /** Asks the API server. */
  readonly review: (token: string, path: string, signal: AbortSignal) => Promise<Access>;
  readonly clock: Clock;
  readonly log: Log;
}

/** `unknown` where the access review failed, `busy` where there are too many concurrent ones. */
type Decision = Access | 'unknown' | 'busy';

/** Lets those through to a handler whom the API server allows to get its path, by their bearer token. */
export class AuthorizationFilter {
  readonly #options: AuthorizationFilterOptions;
  readonly #allowed: ExpiringMap<string, Access>;
  readonly #refused: ExpiringMap<string, Access>;
  readonly #underWay = new Map<string, Promise<Decision>>();
  readonly #errorLog: ErrorLog;
  /** Tokens are not kept: what is known of them goes by a digest that is of use to nobody else. */
  readonly #secret = randomBytes(32);

  constructor(options: AuthorizationFilterOptions) {
    const { log, clock } = options;
    const now = (): number => clock.now();
    this.#options = options;
    this.#allowed = new ExpiringMap({ lifeMs: ALLOWED_MS, size: MOST_ALLOWED, now });
    this.#refused = new ExpiringMap({ lifeMs: REFUSED_MS, size: MOST_REFUSED, now });
    this.#errorLog = new ErrorLog(log, clock);
  }

  /** The handler behind the authorization filter. Without permission the response is 401 or 403; 500 or 503 where the access review failed. */
  guard(handler: Handler): Handler {
    return async (request) => {
      const token = bearerToken(request.authorization);
      if (token === undefined) return UNAVAILABLE.unauthenticated;
      const access = await this.#accessOf(token, request.path);
      return access === 'allowed' ? handler(request) : UNAVAILABLE[access];
    };
  }

  async #accessOf(token: string, path: string): Promise<Decision> {
    const key = createHmac('sha256', this.#secret).update(`${path} ${token}`).digest('base64');
    const known = this.#allowed.get(key) ?? this.#refused.get(key);
    if (known) return known;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    if (this.#underWay.size >= MOST_REVIEWS) return 'busy';
    const review = this.#review(key, token, path).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, review);
    return review;
  }

  async #review(key: string, token: string, path: string): Promise<Decision> {
    try {
      const access = await this.#options.review(token, path, AbortSignal.timeout(REVIEW_TIMEOUT_MS));
      (access === 'allowed' ? this.#allowed : this.#refused).set(key, access);
      this.#errorLog.recovered({}, 'checking access to the metrics works again');
      return access;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const advice = reviewAdvice(error);
      const fields = advice === undefined ? { reason } : { reason, advice };
      this.#errorLog.failed(
        advice ?? 'review',
        fields,
        'could not ask the API server who may read the metrics, denying all requests until it answers',
      );
      return 'unknown';
    }
  }
}

/** The token of a header as RFC 6750 has it; undefined where there is none. */
function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +([^\s,]+) *$/i.exec(authorization)?.[1];
}

const UNAVAILABLE = {
  unauthenticated: unavailability(401, 'a bearer token that the API server accepts is required\n', { 'WWW-Authenticate': 'Bearer' }),
  forbidden: unavailability(403, 'the API server does not allow this user to get this path\n'),
  unknown: unavailability(500, 'could not ask the API server whether this is allowed\n'),
  busy: unavailability(503, 'too many concurrent authorization requests\n', { 'Retry-After': '1' }),
} as const satisfies Record<Exclude<Decision, 'allowed'>, HttpResponse>;

function unavailability(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, type: 'text/plain', body, headers };
}
