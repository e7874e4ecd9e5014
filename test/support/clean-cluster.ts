import { connect, textOf, type Connection } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { Admin, type Written } from '../faults/admin.ts';
import { waitFor } from './waiting.ts';

/** All objects of a cluster by their paths. */
export type Objects = ReadonlyMap<string, Metadata>;

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources?: readonly Resource[] }[];
  }[];
}

interface Resource {
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** A kind of objects that can be listed and deleted. */
interface Collection {
  readonly path: string;
  readonly resource: string;
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const METADATA = 'application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadataList';
/** The API server and its controllers write these all the time, or some time after the start. */
const WRITTEN_BY_THE_CLUSTER =
  /^\/apis?\/(?:coordination|flowcontrol|apiregistration|discovery|networking)[^/]*\/|^\/api\/v1\/namespaces\/[^/]+\/endpoints\//;
const AT_ONCE = 16;
const CLEAN_MS = 45_000;
/** Removing more takes longer than starting another control plane. */
const MOST_REMOVED = 400;

/** Every object of a cluster that can be deleted. */
export async function objectsOf(controlPlane: ControlPlane): Promise<Objects> {
  return withConnection(controlPlane, list);
}

/**
 * Deletes every object but these, and what they belong to: finalizers that nobody would look after are taken off namespaces.
 * @throws Error when there are very many, or when some are still there after a while, with their paths
 */
export async function removeAllBut(kept: Objects, controlPlane: ControlPlane): Promise<void> {
  await withConnection(controlPlane, async (connection) => {
    const admin = new Admin(connection);
    const extras = async (): Promise<readonly (readonly [string, Metadata])[]> =>
      [...(await list(connection))].filter(([path, { uid }]) => kept.get(path)?.uid !== uid);
    const { length } = await extras();
    if (length > MOST_REMOVED) throw new Error(`${length} objects would have to be removed`);
    const isClean = async (): Promise<boolean> => {
      const extra = await extras();
      await inGroups(extra, ([path]) => remove(admin, path));
      return extra.length === 0 || Promise.reject(new Error(`still there: ${extra.map(([path]) => path).join(', ')}`));
    };
    await waitFor('a clean cluster', isClean, { deadlineMs: CLEAN_MS, everyMs: 200 });
  });
}

/** Whether a cluster has the objects that it had at its start, and nobody but the cluster itself has written any of them since. */
export function isAsItBegan(before: Objects, now: Objects): boolean {
  if (before.size !== now.size) return false;
  return [...before].every(([path, { uid, resourceVersion }]) => {
    const object = now.get(path);
    return object?.uid === uid && (object.resourceVersion === resourceVersion || WRITTEN_BY_THE_CLUSTER.test(path));
  });
}

async function withConnection<T>(controlPlane: ControlPlane, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = connect({ kubeconfig: controlPlane.kubeconfig, version: '0.0.0' });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

async function list(connection: Connection): Promise<Objects> {
  const objects = new Map<string, Metadata>();
  await inGroups(await collectionsOf(connection), async (collection) => {
    for (const metadata of await metadataIn(connection, collection)) objects.set(pathOf(collection, metadata), metadata);
  });
  return objects;
}

async function collectionsOf(connection: Connection): Promise<readonly Collection[]> {
  const groups = [...(await discovered(connection, '/api')), ...(await discovered(connection, '/apis'))];
  return groups.flatMap(({ metadata: { name }, versions: [newest] }) => {
    // They are those of the core group once more.
    if (!newest || name === 'events.k8s.io') return [];
    const path = name ? `/apis/${name}/${newest.version}` : `/api/${newest.version}`;
    const resources = newest.resources?.filter(({ verbs }) => verbs.includes('list') && verbs.includes('delete')) ?? [];
    return resources.map(({ resource }) => ({ path, resource }));
  });
}

async function discovered(connection: Connection, path: string): Promise<Discovery['items']> {
  return ((await read(connection, path, DISCOVERY)) as Discovery).items;
}

async function metadataIn(connection: Connection, { path, resource }: Collection): Promise<readonly Metadata[]> {
  try {
    const { items } = (await read(connection, `${path}/${resource}`, METADATA)) as {
      readonly items: readonly { metadata: Metadata }[] | null;
    };
    return (items ?? []).map(({ metadata }) => metadata);
  } catch (error) {
    // Its definition has gone meanwhile.
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

async function read(connection: Connection, path: string, accept: string): Promise<unknown> {
  const { body } = await connection.request(path, { headers: { Accept: accept } });
  return JSON.parse(await textOf(body));
}

function pathOf({ path, resource }: Collection, { namespace, name }: Metadata): string {
  return namespace === undefined ? `${path}/${resource}/${name}` : `${path}/namespaces/${namespace}/${resource}/${name}`;
}

async function remove(admin: Admin, path: string): Promise<void> {
  await admin.delete(path);
  if (!/^\/api\/v1\/namespaces\/[^/]+$/.test(path)) return;
  // A namespace controller would take seconds, and there may be none. What is still in the namespace is deleted by itself.
  const namespace = await admin.get<Written>(path).catch(() => undefined);
  if (namespace) await admin.replace(`${path}/finalize`, { ...namespace, spec: { finalizers: [] } }).catch(ignoreGone);
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
}

/** Works on all items, some at a time. */
async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await Promise.all(items.slice(from, from + AT_ONCE).map(work));
}
