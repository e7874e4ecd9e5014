import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Log } from '../kubernetes/log.ts';
import { followTlsFiles, readTlsPair, TLS_VERSION, type TlsOptions } from './tls-files.ts';
import { Turns } from './turns.ts';

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Headers beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler is told of a request. */
export interface Asked {
  /** Without the query. */
  readonly path: string;
  /** What follows the question mark, as it came; empty where there is none. */
  readonly query: string;
  /** The header Authorization. */
  readonly authorization: string | undefined;
}

export type Handler = (asked: Asked) => Answer | Promise<Answer>;

/** What clients may take of the server. */
export interface Limits {
  /** For a request to come in as a whole, and for a TLS handshake: whoever is slower is cut off. */
  readonly requestMs: number;
  /** For an answer to be made and read to its end. */
  readonly answerMs: number;
  /** Of connections. The oldest one gives way to a new one, so that a flood of idle ones keeps nobody out. */
  readonly connections: number;
  /** Of requests that a connection sends ahead of their answers, which come one after the other. */
  readonly pipelined: number;
  /** Of answers that have not been read to their end, which are kept in memory. The oldest one gives way to a new one. */
  readonly unread: number;
  readonly headerBytes: number;
}

export const LIMITS: Limits = { requestMs: 10_000, answerMs: 60_000, connections: 256, pipelined: 16, unread: 32, headerBytes: 16 * 1024 };

export interface HttpServerOptions {
  /** `::` takes connections of both families; where IPv6 is off, 0.0.0.0 is taken in its place. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly log: Log;
  /** Undefined: plain HTTP is served. */
  readonly tls?: TlsOptions | undefined;
  readonly limits?: Limits;
}

/** A server that is listening. */
export interface HttpServer {
  readonly address: AddressInfo;
  close(): Promise<void>;
}

/** The address could not be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** How often within a limit Node looks for connections that are over it; its own default is every 30 s. */
const LOOKS_PER_LIMIT = 10;
/** What Node answers to where a machine has no IPv6. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * Serves GET and HEAD on fixed paths.
 * @throws ListenError that names the address; TlsFilesError
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { address, port, log, tls } = options;
  const closing = new AbortController();
  const { server, following } = tls ? await tlsServer(options, tls, closing.signal) : plainServer(options);
  const connections = boundConnections(server, options.limits ?? LIMITS);
  try {
    await listen(server, address, port, log);
  } catch (error) {
    closing.abort();
    await following;
    throw error;
  }
  server.on('error', (error) => {
    log.error({ reason: error.message }, 'a connection could not be taken');
  });
  return {
    address: server.address() as AddressInfo,
    close: async () => {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.destroy();
      await Promise.all([closed, following]);
    },
  };
}

interface Made {
  readonly server: Server;
  /** Resolves when the TLS files are no longer looked at. */
  readonly following: Promise<void>;
}

function plainServer(options: HttpServerOptions): Made {
  return { server: createServer(nodeLimits(options.limits ?? LIMITS), listener(options)), following: Promise.resolve() };
}

async function tlsServer(options: HttpServerOptions, tls: TlsOptions, signal: AbortSignal): Promise<Made> {
  const limits = options.limits ?? LIMITS;
  const pair = await readTlsPair(tls);
  const server = createTlsServer(
    { ...nodeLimits(limits), handshakeTimeout: limits.requestMs, minVersion: TLS_VERSION, cert: pair.cert, key: pair.key },
    listener(options),
  );
  const use = (cert: string, key: string): void => {
    server.setSecureContext({ cert, key, minVersion: TLS_VERSION });
  };
  options.log.info({ expires: pair.expires }, 'serving TLS');
  return { server, following: followTlsFiles({ ...tls, pair, use, signal, log: options.log }) };
}

function nodeLimits({ requestMs, headerBytes }: Limits): object {
  return {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.ceil(requestMs / LOOKS_PER_LIMIT),
    maxHeaderSize: headerBytes,
  };
}

/** @returns the connections that are open, those in a TLS handshake too; it changes as they do */
function boundConnections(server: Server, limits: Limits): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    destroyOldest(open, limits.connections);
  });
  return open;
}

/**
 * Makes a server listen.
 * @throws ListenError that names the address
 */
export async function listen(server: Server, address: string, port: number, log: Log): Promise<void> {
  try {
    await listening(server, address, port);
  } catch (error) {
    if (address !== '::' || !NO_IPV6.has(codeOf(error)))
      throw new ListenError(`cannot listen on ${address} port ${port}: ${wordsFor(error)}`);
    log.warn({}, 'IPv6 is switched off on this host: listening on 0.0.0.0 in place of [::]');
    await listen(server, '0.0.0.0', port, log);
  }
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function wordsFor(error: unknown): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return 'the port is in use; choose another one with --port';
    case 'EACCES':
      return 'the port is not allowed for this user; choose one above 1023 with --port';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Answers the requests of each connection in their order, and begins with one only when the answer before it has gone. */
function listener({ handlers, log, limits = LIMITS }: HttpServerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const turns = new WeakMap<Socket, Turns>();
  const unread = new Set<Socket>();
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    const made = await answer(request, handlers, log);
    if (socket.destroyed) return;
    unread.add(socket);
    destroyOldest(unread, limits.unread);
    await sent(request, response, made);
    unread.delete(socket);
  };
  return (request, response) => {
    const { socket } = request;
    const queue = turns.get(socket) ?? new Turns(limits.pipelined);
    turns.set(socket, queue);
    const taken = queue.take(async () => {
      if (socket.destroyed) return;
      const deadline = setTimeout(() => socket.destroy(), limits.answerMs);
      await respond(request, response);
      clearTimeout(deadline);
    });
    if (!taken) socket.destroy();
  };
}

/** Keeps the number of connections within a limit. Those that came first are the first of the set. */
function destroyOldest(sockets: ReadonlySet<Socket>, most: number): void {
  const [oldest] = sockets;
  if (sockets.size > most) oldest?.destroy();
}

async function answer(request: IncomingMessage, handlers: HttpServerOptions['handlers'], log: Log): Promise<Answer> {
  const url = request.url ?? '/';
  const [path = '/'] = url.split('?', 1);
  const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (!handler) return { status: 404, type: 'text/plain', body: 'not found\n' };
  if (!isRead(request)) return { status: 405, type: 'text/plain', body: 'only GET and HEAD are served\n', headers: { Allow: 'GET, HEAD' } };
  log.debug({ path }, 'request');
  try {
    return await handler({ path, query: url.slice(path.length + 1), authorization: request.headers.authorization });
  } catch (error) {
    log.error({ path, reason: String(error) }, 'a request could not be answered');
    return { status: 500, type: 'text/plain', body: 'internal error\n' };
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Sends an answer; resolves once it has gone to the client, or the client has gone. */
async function sent(request: IncomingMessage, response: ServerResponse, answered: Answer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const gone = (): void => {
    resolve(undefined);
  };
  response.once('close', gone);
  request.socket.once('close', gone);
  send(request, response, answered);
  await promise;
  request.socket.off('close', gone);
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
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
