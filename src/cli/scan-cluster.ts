import type { Change } from '../core/kinds/facts.ts';
import { kindNamed } from '../core/kinds/registry.ts';
import type { ClusterIdentity } from '../core/cluster/platform.ts';
import { systemClock } from '../client/transport/clock.ts';
import { connect, type Connection, type ConnectionOptions } from '../client/transport/connection.ts';
import { ApiError, isOfServer } from '../client/wire/errors.ts';
import { ConfigurationError } from '../client/auth/kubeconfig-files.ts';
import { DeadlineError } from '../client/transport/deadline.ts';
import { readServerVersion } from '../client/requests/server-version.ts';
import { listEverything } from '../sources/list/snapshot.ts';
import { VERSION } from './version.ts';
import type { Progress } from './progress.ts';
import { ScanError } from './scan-error.ts';
import type { ScanOptions } from './scan-options.ts';

/** What came of listing a cluster. */
export interface ClusterRead {
  /** How many objects had no name that an API server would take, and were passed over. */
  readonly passedOver: number;
  readonly identity: ClusterIdentity;
}

/**
 * Lists the cluster of a kubeconfig.
 * @throws ScanError where it cannot be listed
 */
export async function readCluster(
  { kubeconfig, context, timeout, virtualNodeSelector }: ScanOptions,
  push: (change: Change) => void,
  progress: Progress,
): Promise<ClusterRead> {
  const connection = connected({ kubeconfig, context, version: VERSION });
  const listed = new Map<string, number>();
  try {
    const signal = AbortSignal.timeout(timeout);
    const version = readServerVersion(connection, { clock: systemClock, signal });
    const snapshot = await listEverything({
      connection,
      clock: systemClock,
      signal,
      settings: { virtualNodes: virtualNodeSelector },
      onChange: push,
      onListed: (kind, objects) => {
        listed.set(kindNamed(kind).resource.plural, objects);
        progress.say(() => `listing ${[...listed].map(([plural, count]) => `${count} ${plural}`).join(', ')}`);
      },
    });
    if (snapshot.listed === 0)
      throw new ScanError(`the API server ${connection.server} could not list any kind: ${snapshot.unavailable[0] ?? ''}`);
    const name = connection.kubeConfig.getCurrentCluster()?.name;
    return { passedOver: snapshot.dropped, identity: { name, version: await version } };
  } catch (error) {
    throw explained(error, connection.server, timeout);
  } finally {
    await connection.close();
  }
}

function connected(options: ConnectionOptions): Connection {
  try {
    return connect(options);
  } catch (error) {
    throw error instanceof ConfigurationError ? new ScanError(error.message) : error;
  }
}

/** @returns the error itself where it is a fault of this program */
function explained(error: unknown, server: string, timeout: number): unknown {
  if (error instanceof ScanError) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new ScanError(`the API server ${server} could not be listed within ${timeout / 1000} s; --timeout gives it longer`);
  if (error instanceof DeadlineError) return new ScanError(`the API server ${server} does not answer`);
  if (error instanceof ApiError) return new ScanError(`the API server ${server} answered ${error.status}: ${error.message}`);
  return isOfServer(error) ? new ScanError(`the API server ${server} cannot be listed: ${error.message}`) : error;
}
