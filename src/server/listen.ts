import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Log } from '../client/transport/log.ts';
import { formatBindAddress, LOCALHOST, type BindAddress } from './bind-address.ts';

/** Nothing can listen on the address. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface ListenOptions {
  readonly address: BindAddress;
  /** The flag that sets the address, for messages. */
  readonly flag: string;
  readonly log: Log;
}

/** What Node reports where a host does not have an address, or not its family. */
const NO_SUCH_ADDRESS = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);
const LOOPBACKS = ['127.0.0.1', '::1'] as const;
/** How often a free port is looked for that is free for both families. */
const ATTEMPTS = 10;

/**
 * Listens on an address. `::` takes connections of both families; where IPv6 is off, 0.0.0.0 is taken in its place. `localhost` takes a
 * server for each family that the host has.
 * @param make makes a server that does not listen yet
 * @returns the servers that listen, one at least
 * @throws ListenError that names the address and the flag
 */
export async function listenOn(make: () => Server, options: ListenOptions): Promise<readonly Server[]> {
  return options.address.host === LOCALHOST ? listenOnLoopback(make, options, ATTEMPTS) : [await listenOnOne(make, options)];
}

/** The address on which a server listens. */
export function addressOf(server: Server): BindAddress {
  const { address: host, port } = server.address() as AddressInfo;
  return { host, port };
}

async function listenOnOne(make: () => Server, { address, flag, log }: ListenOptions): Promise<Server> {
  try {
    return await listening(make(), address);
  } catch (error) {
    if (address.host !== '::' || !isMissing(error)) throw listenError(address, flag, error);
  }
  log.warn({ flag }, 'IPv6 is switched off on this host: listening on 0.0.0.0 in place of [::]');
  return listenOnOne(make, { address: { ...address, host: '0.0.0.0' }, flag, log });
}

async function listenOnLoopback(make: () => Server, options: ListenOptions, attempts: number): Promise<readonly Server[]> {
  const { address, flag } = options;
  const servers: Server[] = [];
  for (const host of LOOPBACKS) {
    // Both have the same port.
    const one = { host, port: servers[0] ? addressOf(servers[0]).port : address.port };
    try {
      servers.push(await listening(make(), one));
    } catch (error) {
      if (isMissing(error)) continue;
      for (const server of servers) server.close();
      const isTakenForOneFamily = servers.length > 0 && codeOf(error) === 'EADDRINUSE';
      if (isTakenForOneFamily && address.port === 0 && attempts > 1) return listenOnLoopback(make, options, attempts - 1);
      throw listenError(one, flag, error);
    }
  }
  if (servers.length > 0) return servers;
  throw new ListenError(
    `cannot listen on ${formatBindAddress(address)}: this host has neither ${LOOPBACKS.join(' nor ')}; choose another address with ${flag}`,
  );
}

async function listening(server: Server, { host, port }: BindAddress): Promise<Server> {
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

function listenError(address: BindAddress, flag: string, error: unknown): ListenError {
  return new ListenError(`cannot listen on ${formatBindAddress(address)}: ${reasonOf(error, flag)}`);
}

function reasonOf(error: unknown, flag: string): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `the port is in use; choose another one with ${flag}`;
    case 'EACCES':
      return `the port is not allowed for this user; choose one above 1023 with ${flag}`;
    case 'EADDRNOTAVAIL':
      return `this host does not have the address (EADDRNOTAVAIL); choose another one with ${flag}`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function isMissing(error: unknown): boolean {
  return NO_SUCH_ADDRESS.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
