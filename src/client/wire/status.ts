import { ApiError, shorten } from './errors.ts';
import { fields, number, text } from '../../core/kinds/shapes.ts';

/**
 * A `Status` object, from JSON or protobuf, as an error.
 * @param status the decoded object; whatever it lacks is made up from `httpStatus`
 * @param httpStatus the status of the response, or what to take for an ERROR event without a code
 * @param retryAfterSeconds what the Retry-After header says, which the object's own details override
 */
export function errorOfStatus(status: unknown, httpStatus: number, retryAfterSeconds?: number): ApiError {
  const { code, reason, message, details } = fields(status);
  return new ApiError(
    isErrorCode(code) ? code : httpStatus,
    text(reason),
    shorten(text(message)) || `the API server answered ${httpStatus}`,
    positive(fields(details)['retryAfterSeconds']) ?? retryAfterSeconds,
  );
}

/** A metric has a label of it: there are only so many. */
function isErrorCode(code: unknown): code is number {
  return typeof code === 'number' && Number.isInteger(code) && code >= 300 && code < 600;
}

/**
 * The seconds that a Retry-After header says.
 * @returns undefined where it is not there, or is a date: the API server sends seconds
 */
export function retryAfterOf(header: string | readonly string[] | undefined): number | undefined {
  return /^\d+$/.test(String(header)) ? Number(header) : undefined;
}

function positive(value: unknown): number | undefined {
  const seconds = number(value);
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}
