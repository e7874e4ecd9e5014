import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { HttpMethod } from '@kubernetes/client-node';
import { API_GROUP } from '../../core/report/api.ts';
import type { Requester } from '../transport/connection.ts';
import { microTime } from './micro-time.ts';
import { writeInTime, type Patience } from './timely-write.ts';

/** The object that an Event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for objects of no namespace. */
  readonly namespace: string;
  readonly name: string;
  /** `kubectl describe` finds Events by it. */
  readonly uid: string;
}

/** What an Event says. */
export interface NewEvent {
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  /** What was done about it, in one word. */
  readonly action: string;
  /** At most 1 kB. */
  readonly note: string;
}

const CONTROLLER = `${API_GROUP}/dualstack-operator`;
/** Events about objects of no namespace live here, by convention. */
const NAMESPACE_OF_CLUSTER = 'default';
const LONGEST_PREFIX = 200;
const LONGEST_NOTE = 1000;

/**
 * Creates an Event of events.k8s.io/v1.
 * @throws ApiError 403 where the verb create on events is missing; NetworkError, also where no answer comes in time; the signal's reason once
 *   it aborts
 */
export async function createEvent(connection: Requester, newEvent: NewEvent, patience: Patience): Promise<void> {
  const { regarding, type, reason, action, note } = newEvent;
  const namespace = regarding.namespace || NAMESPACE_OF_CLUSTER;
  const { apiVersion, kind, name, uid } = regarding;
  await writeInTime(connection, `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`, patience, {
    method: HttpMethod.POST,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // generateName would have to end in a letter or digit; by convention a dot divides the two.
      metadata: { name: `${prefixOf(name)}.${randomBytes(8).toString('hex')}`, namespace },
      eventTime: microTime(patience.clock.time()),
      reportingController: CONTROLLER,
      reportingInstance: hostname(),
      regarding: { apiVersion, kind, name, ...(regarding.namespace ? { namespace } : {}), ...(uid ? { uid } : {}) },
      type,
      reason,
      action,
      note: note.slice(0, LONGEST_NOTE),
    }),
  });
}

/** Each part of a name between dots begins and ends with a letter or digit (RFC 1123), a part that is cut too. */
function prefixOf(name: string): string {
  return name.slice(0, LONGEST_PREFIX).replace(/[-.]+$/u, '');
}
