/**
 * What the API server sent instead of the requested object: an HTTP status of 300 or more, or an ERROR event of a watch.
 * The fields are those of the Kubernetes `Status` object, as far as the answer has them.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status code, also of an error within a watch. */
  readonly status: number;
  /** `Status.reason`, such as `Expired`; empty where the answer was not a Status. */
  readonly reason: string;
  /** From `Status.details` or the Retry-After header; undefined where neither says. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The server was not reached, or the connection broke; `cause` is undici's or Node's own error. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** Such as `ECONNREFUSED` or `UND_ERR_HEADERS_TIMEOUT`; `unknown` where the cause carries none. */
  readonly code: string;

  constructor(cause: unknown) {
    super(rootMessage(cause), { cause });
    this.code = codeOf(cause) ?? 'unknown';
  }
}

/** No credentials could be had: an exec plugin failed, or a token, CA or key file cannot be read. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';

  constructor(cause: unknown) {
    // Such an error quotes what the plugin printed: credentials.
    const unreadable = cause instanceof SyntaxError;
    const why = unreadable ? 'the exec plugin did not print JSON' : shorten(rootMessage(cause));
    super(`no credentials for the API server: ${why}`, unreadable ? {} : { cause });
  }
}

/** The bytes that came are not what the protocol says. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Whether an error is what the API server or the way to it did; everything else is a fault of this program. */
export function isOfServer(error: unknown): error is Error {
  return [ApiError, NetworkError, CredentialsError, DecodeError].some((kind) => error instanceof kind);
}

/** What kind of error one that `isOfServer` is, in a word or two, one of few: such as `api 403`. */
export function kindOfError(error: Error): string {
  return error instanceof ApiError ? `api ${error.status}` : error.name;
}

const LONGEST_MESSAGE = 512;

/** Text on one line and not endless, as a log and a report want it: a proxy may answer a whole web page. */
export function shorten(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : undefined;
}

/** Errors of several connection attempts have an empty message of their own. */
function rootMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return rootMessage(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message.trim() || error.name;
}
