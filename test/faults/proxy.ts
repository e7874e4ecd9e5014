import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Agent } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';
import type { Certificate } from '../client/support/certificates.ts';
import { selfSigned } from '../client/support/certificates.ts';
import { asked, type Asked } from './asked.ts';
import { Exchange, type OpenWatch, type Surroundings } from './exchange.ts';

/** The name by which the API server may be called. */
export const API_SERVER = 'api.cluster.test';

/** What the proxy does about a request in place of passing it on. */
export type Fault = (exchange: Exchange) => void | Promise<void>;

/** What happens to a connection before any request: it is taken, closed at once, reset at once, or kept without an answer. */
export type Door = 'open' | 'closing' | 'resetting' | 'mute';

/** A fault for some requests, until it is lifted. */
export interface Rule {
  /** The requests that met it, in order. */
  readonly met: readonly Asked[];
  lift(): void;
}

interface ActiveRule {
  readonly met: Asked[];
  readonly matches: (request: Asked) => boolean;
  readonly fault: Fault;
}

/** An API server behind the proxy. */
export interface Target {
  readonly server: string;
  readonly caFile: string;
}

/**
 * Is between a client and an API server, speaks HTTP/1.1 over TLS with both, and breaks what its rules say. Credentials pass
 * through. Watches are passed on frame by frame, so that what is put between two frames is between them.
 */
export class FaultProxy {
  /** All requests so far, in order. */
  readonly requests: Asked[] = [];
  /** What the client has to trust. */
  certificate: Certificate;
  readonly #front: Server;
  readonly #tls: TlsServer;
  readonly #surroundings: Surroundings;
  /** Connections, each with the one that carries it on to where TLS ends: a socket of TLS itself cannot be reset. */
  readonly #sockets = new Map<Socket, Socket | undefined>();
  readonly #watches = new Set<OpenWatch>();
  readonly #rules = new Set<ActiveRule>();
  #door: Door = 'open';
  /** Connections ever taken. */
  connections = 0;

  private constructor(target: Target, certificate: Certificate) {
    this.certificate = certificate;
    this.#surroundings = {
      base: target.server,
      agent: new Agent({ keepAlive: true, ca: readFileSync(target.caFile) }),
      watches: this.#watches,
      reset: ({ socket }) => {
        const [client] = [...this.#sockets].find(([, inner]) => inner?.localPort === socket.remotePort) ?? [];
        if (client) reset(client);
      },
    };
    this.#tls = createTlsServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      this.#answer(request, response);
    });
    this.#tls.keepAliveTimeout = 0;
    this.#front = createServer((socket) => {
      this.#take(socket);
    });
  }

  /** Starts it on a free port of `listen.host`, 127.0.0.1 by default, or on a socket of the file system. */
  static async start(target: Target, listen: ListenOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, selfSigned('fault-proxy', [API_SERVER]));
    proxy.#front.listen(listen.path === undefined ? { port: 0, host: '127.0.0.1', ...listen } : listen);
    proxy.#tls.listen(0, '127.0.0.1');
    await Promise.all([once(proxy.#front, 'listening'), once(proxy.#tls, 'listening')]);
    return proxy;
  }

  get port(): number {
    return (this.#front.address() as AddressInfo).port;
  }

  /** Watches that are open now, of one resource or of all. */
  watches(resource?: string): readonly OpenWatch[] {
    return [...this.#watches].filter(({ request }) => resource === undefined || request.resource === resource);
  }

  /** What becomes of connections to come. */
  set door(door: Door) {
    this.#door = door;
  }

  /** Lets a fault happen to the requests that match; of several rules the first counts. */
  on(matches: (request: Asked) => boolean, fault: Fault): Rule {
    const rule: ActiveRule = { met: [], matches, fault };
    this.#rules.add(rule);
    return {
      met: rule.met,
      lift: () => {
        this.#rules.delete(rule);
      },
    };
  }

  /** Breaks all connections, and returns how many they were. */
  cut(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets.keys()) reset(socket);
    return count;
  }

  /** Has nobody listen, so that connections are refused, and breaks those that are open. @returns what lets it listen again, on the same port */
  refuse(): () => Promise<void> {
    const listen = this.refuseOthers();
    this.cut();
    return listen;
  }

  /** Has nobody listen; connections that are open stay so. @returns what lets it listen again, on the same port */
  refuseOthers(): () => Promise<void> {
    const { address, port } = this.#front.address() as AddressInfo;
    this.#front.close();
    return async () => {
      this.#front.listen(port, address);
      await once(this.#front, 'listening');
    };
  }

  /** Shows another certificate from the next connection on. */
  present(certificate: Certificate): void {
    this.certificate = certificate;
    this.#tls.setSecureContext(certificate);
  }

  /** Lifts all faults. What waits for an answer, or is silent, stays so: no client learns that its packets were lost. */
  clear(): void {
    this.#rules.clear();
    this.#door = 'open';
  }

  async close(): Promise<void> {
    this.clear();
    const closed = [this.#front, this.#tls].map((server) => once(server, 'close'));
    this.#front.close();
    this.#tls.close();
    this.cut();
    this.#tls.closeAllConnections();
    this.#surroundings.agent.destroy();
    await Promise.all(closed);
  }

  #take(socket: Socket): void {
    this.connections += 1;
    socket.on('error', () => undefined);
    if (this.#door === 'closing') socket.destroy();
    else if (this.#door === 'resetting') socket.resetAndDestroy();
    else {
      const inner = this.#door === 'open' ? carryOn(socket, (this.#tls.address() as AddressInfo).port) : undefined;
      this.#sockets.set(socket, inner);
      socket.once('close', () => this.#sockets.delete(socket));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const what = asked(request, performance.now());
    this.requests.push(what);
    const exchange = new Exchange(what, request, response, this.#surroundings);
    const rule = [...this.#rules].find(({ matches }) => matches(what));
    if (!rule) {
      exchange.pass();
      return;
    }
    rule.met.push(what);
    // A fault that fails is a fault of the test: the client must not wait for it.
    Promise.resolve(rule.fault(exchange)).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  }
}

function carryOn(client: Socket, port: number): Socket {
  const inner = connect(port, '127.0.0.1');
  inner.on('error', () => client.destroy());
  client.pipe(inner).pipe(client);
  client.once('close', () => inner.destroy());
  inner.once('close', () => client.destroy());
  return inner;
}

/** One that is being closed already can no longer be reset, and would stay for ever; one of the file system cannot be reset at all. */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
