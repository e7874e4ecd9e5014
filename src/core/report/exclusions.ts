import type { Check } from '../checks/check.ts';
import type { ObjectRef } from '../engine/finding.ts';
import type { DualStackReportSpec, Exclusion } from './types.ts';

/** Whether a report accepts what a check finds on an object. */
export type IsExcluded = (check: Check, object: ObjectRef) => boolean;

/**
 * What the exclusions of a report match, without those that have expired.
 * @param now milliseconds since the epoch
 */
export function exclusionsAt({ exclusions = [] }: DualStackReportSpec, now: number): IsExcluded {
  const matchers = exclusions.filter((exclusion) => expirationOf(exclusion) > now).map(matcherOf);
  return (check, object) => matchers.some((matches) => matches(check, object));
}

/** How many exclusions of a report no longer apply. */
export function expiredAt({ exclusions = [] }: DualStackReportSpec, now: number): number {
  return exclusions.filter((exclusion) => expirationOf(exclusion) <= now).length;
}

/** When the next exclusion of a report expires, in milliseconds since the epoch; Infinity where none will. */
export function nextExpiration({ exclusions = [] }: DualStackReportSpec, now: number): number {
  return Math.min(Infinity, ...exclusions.map(expirationOf).filter((expiration) => expiration > now));
}

/** The API server takes times only. */
function expirationOf({ expirationTime }: Exclusion): number {
  return expirationTime === undefined ? Infinity : Date.parse(expirationTime);
}

function matcherOf({ group, kind, namespace, name, check: checkName }: Exclusion): IsExcluded {
  const pattern = name === undefined ? undefined : new RegExp(`^${name.split('*').map(RegExp.escape).join('.*')}$`, 's');
  return (check, object) =>
    (group === undefined || group === object.group) &&
    (kind === undefined || kind === object.kind) &&
    (namespace === undefined || namespace === object.namespace) &&
    (checkName === undefined || checkName === check.name) &&
    (pattern === undefined || pattern.test(object.name));
}
