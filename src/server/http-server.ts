import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer, type ServerOptions } from 'node:https';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Log } from '../client/transport/log.ts';
import type { BindAddress } from './bind-address.ts';
import { Connections } from './connections.ts';
import { addressOf, listenOn, type ListenOptions } from './listen.ts';
import { followTlsFiles, readTlsPair, TLS_VERSION, type FollowOptions, type TlsOptions, type TlsPair } from './tls-files.ts';

/** An answer of the server. */
export interface HttpResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Headers beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler gets of a request. */
export interface HttpRequest {
  /** Without the query. */
  readonly path: string;
  /** What follows the question mark, as it came; empty where there is none. */
  readonly query: string;
  /** The header Authorization. */
  readonly authorization: string | undefined;
  /** The header Host. */
  readonly host?: string | undefined;
}

export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** What clients may take of the server. */
export interface Limits {
  /** For a request to come in as a whole, and for a TLS handshake: whoever is slower is cut off. */
  readonly requestMs: number;
  /** For an answer to be made and read to its end. */
  readonly answerMs: number;
  /** Of connections. The oldest one without a request gives way to a new one, so that a flood of idle ones keeps nobody out. */
  readonly connections: number;
  /** Of requests that a connection sends ahead of their answers, which come one after the other. */
  readonly pipelined: number;
  /** Of answers that have not been read to their end, which are kept in memory. The oldest one gives way to a new one. */
  readonly unread: number;
  readonly headerBytes: number;
}

export const LIMITS: Limits = { requestMs: 10_000, answerMs: 60_000, connections: 256, pipelined: 16, unread: 32, headerBytes: 16 * 1024 };

/** What is served, by path. */
export type Handlers = Readonly<Record<string, Handler>>;

export interface HttpServerOptions extends ListenOptions {
  readonly handlers: Handlers;
  /** Undefined: plain HTTP is served. */
  readonly tls?: TlsOptions | undefined;
  readonly limits?: Limits;
}

/** A server that is listening. */
export interface HttpServer {
  /** Where it listens: one address, or the loopback addresses that the host has. */
  readonly addresses: readonly BindAddress[];
  /** Of all its addresses. */
  readonly port: number;
  close(): Promise<void>;
}

/** How often within a limit Node looks for connections that are over it; its own default is every 30 s. */
const LOOKS_PER_LIMIT = 10;

/**
 * Serves GET and HEAD on fixed paths. The limits are those of all its addresses together.
 * @throws ListenError that names the address; TlsFilesError
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, tls, limits = LIMITS } = options;
  const pair = tls && (await readTlsPair(tls));
  const connections = new Connections(limits.connections);
  const answering = listener(options, connections);
  const secured: TlsServer[] = [];
  const make = (): Server => {
    if (!pair) return bounded(createServer(nodeLimits(limits), answering), connections);
    const server = createTlsServer(tlsLimits(limits, pair), answering);
    secured.push(server);
    return bounded(server, connections);
  };
  const servers = await listenOn(make, options);
  for (const server of servers) {
    server.on('error', (error) => {
      log.error({ reason: error.message }, 'could not accept a connection');
    });
  }
  const closing = new AbortController();
  const following = tls && pair ? followPair(secured, { ...tls, pair, log, signal: closing.signal }) : undefined;
  const addresses = servers.map(addressOf);
  return {
    addresses,
    port: addresses[0]?.port ?? 0,
    close: async () => {
      closing.abort();
      const closed = servers.map((server) => once(server, 'close'));
      for (const server of servers) server.close();
      connections.destroy();
      await Promise.all([...closed, following]);
    },
  };
}

/** Has servers use what the TLS files have, now and whenever they change. Resolves when the files are no longer looked at. */
function followPair(servers: readonly TlsServer[], options: Omit<FollowOptions, 'use'>): Promise<void> {
  options.log.info({ expires: options.pair.expires }, 'serving TLS');
  const use = (cert: string, key: string): void => {
    for (const server of servers) server.setSecureContext({ cert, key, minVersion: TLS_VERSION });
  };
  return followTlsFiles({ ...options, use });
}

function tlsLimits(limits: Limits, { cert, key }: TlsPair): ServerOptions {
  return { ...nodeLimits(limits), handshakeTimeout: limits.requestMs, minVersion: TLS_VERSION, cert, key };
}

function nodeLimits({ requestMs, headerBytes }: Limits): object {
  return {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.ceil(requestMs / LOOKS_PER_LIMIT),
    maxHeaderSize: headerBytes,
  };
}

/** Bounds how many connections there are, of all servers that share the limit. */
function bounded(server: Server, connections: Connections): Server {
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
  });
  return server;
}

/** Answers the requests of each connection in their order, and begins with one only when the answer before it has gone. */
function listener(
  { handlers, log, limits = LIMITS }: HttpServerOptions,
  connections: Connections,
): (request: IncomingMessage, response: ServerResponse) => void {
  const queues = new WeakMap<Socket, LimitFunction>();
  const unread = new Set<Socket>();
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    const made = await answer(request, handlers, log);
    if (socket.destroyed) return;
    unread.add(socket);
    destroyOldest(unread, limits.unread);
    await sent(request, response, made);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    if (socket.destroyed) return;
    const deadline = setTimeout(() => socket.destroy(), limits.answerMs);
    try {
      await respond(request, response);
    } catch (error) {
      log.error({ path: pathOf(request), reason: String(error) }, 'could not handle a request');
      if (response.headersSent) socket.destroy();
      else await sent(request, response, INTERNAL_ERROR);
    } finally {
      clearTimeout(deadline);
      unread.delete(socket);
    }
  };
  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket) ?? pLimit(1);
    queues.set(socket, queue);
    if (queue.activeCount + queue.pendingCount >= limits.pipelined) {
      socket.destroy();
      return;
    }
    queue(serve, request, response)
      .finally(connections.hold(socket))
      .catch(() => socket.destroy());
  };
}

const INTERNAL_ERROR: HttpResponse = { status: 500, type: 'text/plain', body: 'internal error\n' };

/** Keeps the number of connections within a limit. Those that came first are the first of the set. */
function destroyOldest(sockets: ReadonlySet<Socket>, most: number): void {
  const [oldest] = sockets;
  if (sockets.size > most) oldest?.destroy();
}

async function answer(request: IncomingMessage, handlers: Handlers, log: Log): Promise<HttpResponse> {
  const path = pathOf(request);
  const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (!handler) return { status: 404, type: 'text/plain', body: 'not found\n' };
  if (!isRead(request)) return { status: 405, type: 'text/plain', body: 'only GET and HEAD are served\n', headers: { Allow: 'GET, HEAD' } };
  log.debug({ path }, 'request');
  const { authorization, host } = request.headers;
  return handler({ path, query: (request.url ?? '').slice(path.length + 1), authorization, host });
}

/** Without the query, which may carry what is no business of a log. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url;
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Sends an answer; resolves once it has gone to the client, or the client has gone. */
async function sent(request: IncomingMessage, response: ServerResponse, answered: HttpResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const gone = (): void => {
    resolve(undefined);
  };
  response.once('close', gone);
  request.socket.once('close', gone);
  try {
    send(request, response, answered);
    await promise;
  } finally {
    response.off('close', gone);
    request.socket.off('close', gone);
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, headers = {} }: HttpResponse): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    // Nobody reads what else comes with such a request.
    ...(isRead(request) ? {} : { Connection: 'close' }),
    ...headers,
  });
  // Node leaves the body out where the request was HEAD.
  response.end(body);
}
