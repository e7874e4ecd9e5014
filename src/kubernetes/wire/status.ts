import { ApiError, shorten } from '../errors.ts';
import { fields, number, text } from './shapes.ts';

/**
 * A `Status` object, from JSON or protobuf, as an error.
 * @param status the decoded object; whatever it lacks is made up from `httpStatus`
 * @param httpStatus the status of the response, or what to take for an ERROR event without a code
 * @param retryAfterSeconds what the Retry-After header says, which the object's own details override
 */
export function errorOfStatus(status: unknown, httpStatus: number, retryAfterSeconds?: number): ApiError {
  const { code, reason, message, details } = fields(status);
  const known = number(code);
  return new ApiError(
    known !== undefined && known >= 300 ? known : httpStatus,
    text(reason),
    shorten(text(message)) || `the API server answered ${httpStatus}`,
    positive(fields(details)['retryAfterSeconds']) ?? retryAfterSeconds,
  );
}

function positive(value: unknown): number | undefined {
  const seconds = number(value);
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}
