import { HttpMethod } from '@kubernetes/client-node';
import type { Requester } from '../transport/connection.ts';
import { textOf } from '../transport/connection.ts';
import { ApiError, DecodeError } from '../wire/errors.ts';
import { fields, number, text, type Shape } from '../../core/kinds/shapes.ts';

/** What a lease says. Its times are for people to read: candidates go by their own clocks. */
export interface LeaseRecord {
  /** Who leads; empty where nobody does. */
  readonly holderIdentity: string;
  /** 0 where it is not said. */
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  /** How often the leader has changed. */
  readonly leaseTransitions: number;
}

/** A lease as the API server has it. */
export interface Lease {
  readonly record: LeaseRecord;
  /** As it came, resourceVersion and all: what is written goes back with it, and only onto that version. */
  readonly object: Shape;
}

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** Where the lease is kept. All of these throw ApiError (409 where another was first), NetworkError, CredentialsError or DecodeError. */
export interface LeaseStore {
  /** @returns undefined where there is none */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  create(record: LeaseRecord, signal: AbortSignal): Promise<Lease>;
  /** Writes onto a version of the lease. */
  update(onto: Lease, record: LeaseRecord, signal: AbortSignal): Promise<Lease>;
}

const API_GROUP = 'coordination.k8s.io';
const API_VERSION = `${API_GROUP}/v1`;
const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' };

/** A Lease of coordination.k8s.io/v1, as the API server keeps it. */
export function leaseStore(connection: Requester, { namespace, name }: LeaseName): LeaseStore {
  const collection = `/apis/${API_VERSION}/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${collection}/${encodeURIComponent(name)}`;
  const write = async (method: HttpMethod, to: string, object: object, signal: AbortSignal): Promise<Lease> => {
    const body = JSON.stringify({ ...object, apiVersion: API_VERSION, kind: 'Lease' });
    const response = await connection.request(to, { method, headers: JSON_HEADERS, body, signal });
    return parseLease(await textOf(response.body));
  };
  return {
    read: async (signal) => {
      try {
        const response = await connection.request(path, { headers: { Accept: 'application/json' }, signal });
        return parseLease(await textOf(response.body));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    create: (record, signal) => write(HttpMethod.POST, collection, { metadata: { name, namespace }, spec: record }, signal),
    update: ({ object }, record, signal) =>
      write(HttpMethod.PUT, path, { ...object, spec: { ...fields(object['spec']), ...record } }, signal),
  };
}

function parseLease(body: string): Lease {
  try {
    const object = fields(JSON.parse(body));
    const spec = fields(object['spec']);
    return {
      object,
      record: {
        holderIdentity: text(spec['holderIdentity']),
        leaseDurationSeconds: number(spec['leaseDurationSeconds']) ?? 0,
        acquireTime: text(spec['acquireTime']),
        renewTime: text(spec['renewTime']),
        leaseTransitions: number(spec['leaseTransitions']) ?? 0,
      },
    };
  } catch (error) {
    throw new DecodeError('the API server answered with a Lease that is not JSON', { cause: error });
  }
}

/** What to do about an answer because of which nobody can lead. */
export function leaseAdvice({ namespace }: LeaseName, { status }: ApiError): string | undefined {
  if (status === 403) {
    return `grant a Role in the namespace ${namespace} with the rule {apiGroups: ["${API_GROUP}"], resources: ["leases"], verbs: ["get", "create", "update"]}`;
  }
  if (status === 404) {
    return `the namespace ${namespace} has to exist (another is named with --leader-elect-resource-namespace), and the API server has to serve ${API_VERSION}`;
  }
  return undefined;
}
