import type { Log } from '../client/transport/log.ts';
import { formatBindAddress, type BindAddress } from './bind-address.ts';
import { startHttpServer, type Handler, type Handlers, type HttpServer } from './http-server.ts';
import { onlyForLoopback } from './loopback-host.ts';
import { ADDRESS_FLAGS, isProtected, PURPOSES, type Addresses, type Purpose } from './purposes.ts';
import type { TlsOptions } from './tls-files.ts';

export interface HttpServersOptions {
  readonly addresses: Addresses;
  readonly handlers: Readonly<Record<Purpose, Handlers>>;
  /** For the servers that name objects to other hosts. Undefined: plain HTTP is served. */
  readonly tls: TlsOptions | undefined;
  /** Puts a handler of these servers behind authorization. */
  readonly authorize: (handler: Handler) => Handler;
  readonly log: Log;
}

/** The servers that are listening. */
export interface HttpServers {
  /** Where they listen, such as `[::]:8080`; nothing for a purpose whose server is disabled. */
  readonly addresses: Readonly<Partial<Record<Purpose, readonly string[]>>>;
  close(): Promise<void>;
}

/**
 * Starts a server for each purpose that has an address.
 * @throws ListenError; TlsFilesError. No server listens then.
 */
export async function startHttpServers(options: HttpServersOptions): Promise<HttpServers> {
  const servers = new Map<Purpose, HttpServer>();
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  try {
    for (const purpose of PURPOSES) {
      const address = options.addresses[purpose];
      if (address !== 'disabled') servers.set(purpose, await startFor(purpose, address, options));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const addresses = Object.fromEntries([...servers].map(([purpose, server]) => [purpose, server.addresses.map(formatBindAddress)]));
  return { addresses, close };
}

function startFor(purpose: Purpose, address: BindAddress, options: HttpServersOptions): Promise<HttpServer> {
  const { log } = options;
  const handlers = options.handlers[purpose];
  const common = { address, flag: ADDRESS_FLAGS[purpose], log };
  if (isProtected(purpose, address)) return startHttpServer({ ...common, handlers: mapped(handlers, options.authorize), tls: options.tls });
  // Nobody reads more than a word from a probe.
  return startHttpServer({ ...common, handlers: purpose === 'page' ? mapped(handlers, onlyForLoopback) : handlers });
}

function mapped(handlers: Handlers, wrap: (handler: Handler) => Handler): Handlers {
  return Object.fromEntries(Object.entries(handlers).map(([path, handler]) => [path, wrap(handler)]));
}
