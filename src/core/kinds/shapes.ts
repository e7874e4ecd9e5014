/**
 * Reading values of which nothing is known: an object may come from an API server, or from a dump that anybody wrote.
 * Each of these gives a safe empty value for what is of the wrong shape, and never throws.
 */
export type Shape = Readonly<Record<string, unknown>>;

const EMPTY: Shape = Object.freeze({});
const NOTHING: readonly unknown[] = Object.freeze([]);

/** The value if it is an object, else an empty one. */
export function fields(value: unknown): Shape {
  return isShape(value) ? value : EMPTY;
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null;
}

/** The value if it is a string, else the empty string. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value if it is a list, else an empty one. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NOTHING;
}

/** The strings of a list that are not empty; none where it is not a list. */
export function texts(value: unknown): string[] {
  return items(value).filter((item): item is string => typeof item === 'string' && item !== '');
}

/** The value if it is a finite number, else undefined. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;

/**
 * A time of the API in milliseconds since the epoch: RFC 3339 text in JSON, `{seconds, nanos}` in protobuf.
 * @returns 0 where the value is neither, before 1970, or later than there are dates
 */
export function timeOf(value: unknown): number {
  if (typeof value === 'string') return RFC3339.test(value) ? asDate(Date.parse(value)) : 0;
  const { seconds, nanos } = fields(value);
  return asDate((number(seconds) ?? 0) * 1000 + Math.floor((number(nanos) ?? 0) / 1e6));
}

/** The last time that a Date can hold. */
const LAST_MS = 8.64e15;

function asDate(ms: number): number {
  return ms > 0 && ms <= LAST_MS ? ms : 0;
}
