import type { Unavailability } from '../../core/kinds/facts.ts';
import { fields, items, text, type Shape } from '../../core/kinds/shapes.ts';
import type { Clock } from '../../core/clock.ts';
import { bytesOf, type Requester } from '../../client/transport/connection.ts';
import { ApiError, DecodeError } from '../../client/wire/errors.ts';
import type { Resource } from '../resources.ts';
import { withDeadline } from '../../client/transport/deadline.ts';

/** The error of a list that makes a resource unavailable: it is rejected or not there, or cannot be decoded. */
export type UnavailableError = ApiError | DecodeError;

export interface DiscoveryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An API server lists its versions from memory. */
const DISCOVERY_MS = 10_000;
const MOST_BYTES = 1024 * 1024;
/** More versions of one group than any had at a time. */
const MOST_VERSIONS = 8;

/** Whether an error says that the server does not give a resource, rather than that it is busy or failed. */
export function makesUnavailable(error: unknown): error is UnavailableError {
  return error instanceof DecodeError || (error instanceof ApiError && (error.status === 403 || error.status === 404));
}

/** Whether an error says that the permission is missing. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Why a resource is not given, with the rule or the version that it takes. */
export function unavailabilityOf(resource: Resource<unknown>, error: UnavailableError): Unavailability {
  const { apiGroup, plural, source, resourceName, servedBy } = resource;
  if (error instanceof DecodeError) {
    return { reason: 'Malformed', message: `What the API server gives of ${source} cannot be decoded; the log says why.` };
  }
  if (error.status === 404) return { reason: 'NotFound', message: `The API server does not serve ${apiOf(resource)}. ${servedBy}` };
  const names = resourceName === undefined ? '' : `, resourceNames: ["${resourceName}"]`;
  return {
    reason: 'Forbidden',
    message: `Not allowed to list and watch ${apiOf(resource)}: grant a ClusterRole with the rule {apiGroups: ["${apiGroup}"], resources: ["${plural}"]${names}, verbs: ["list", "watch"]}.`,
  };
}

/**
 * The same, after asking the server whether it has a resource that it did not find in another version.
 * @throws the signal's reason once it aborts
 */
export async function discoverUnavailability(
  connection: Requester,
  resource: Resource<unknown>,
  error: UnavailableError,
  options: DiscoveryOptions,
): Promise<Unavailability> {
  const unavailability = unavailabilityOf(resource, error);
  // The core group has one version only.
  if (unavailability.reason !== 'NotFound' || resource.apiGroup === '') return unavailability;
  const served = await otherVersions(connection, resource, options);
  if (served.length === 0) return unavailability;
  const message = `The API server serves ${apiOf(resource)} as ${served.join(', ')}, and not as ${resource.versions.join(' or ')}. ${resource.servedBy}`;
  return { reason: 'Unsupported', message };
}

function apiOf({ apiGroup, plural }: Resource<unknown>): string {
  return apiGroup === '' ? plural : `${plural}.${apiGroup}`;
}

/** The versions in which the server has the resource, of those that are not read. */
async function otherVersions(connection: Requester, resource: Resource<unknown>, options: DiscoveryOptions): Promise<readonly string[]> {
  const group = `/apis/${resource.apiGroup}`;
  const versions = items((await discovered(connection, group, options))['versions'])
    .map((one) => text(fields(one)['version']))
    .filter((version) => version !== '' && !resource.versions.includes(version))
    .slice(0, MOST_VERSIONS);
  const served: string[] = [];
  for (const version of versions) {
    const { resources } = await discovered(connection, `${group}/${version}`, options);
    if (items(resources).some((one) => fields(one)['name'] === resource.plural)) served.push(version);
  }
  return served;
}

/** @returns an empty object where the server does not say */
async function discovered(connection: Requester, path: string, { clock, signal: outer }: DiscoveryOptions): Promise<Shape> {
  try {
    return await withDeadline(clock, outer, DISCOVERY_MS, async ({ signal }) => {
      const { body } = await connection.request(path, { headers: { Accept: 'application/json' }, signal });
      const tooLong = (): Error => new DecodeError(`the answer about ${path} is larger than ${MOST_BYTES} bytes`);
      return fields(JSON.parse((await bytesOf(body, MOST_BYTES, tooLong)).toString('utf8')));
    });
  } catch (error) {
    if (outer.aborted) throw error;
    return {};
  }
}
