import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Log } from '../kubernetes/log.ts';

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type Handler = () => Answer | Promise<Answer>;

export interface HttpServerOptions {
  /** `::` takes connections of both families; where IPv6 is off, 0.0.0.0 is taken in its place. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly log: Log;
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

const HEADERS_TIMEOUT_MS = 10_000;
const LARGEST_HEADER = 16 * 1024;
const MOST_CONNECTIONS = 256;
/** A connection on which nothing moves for so long is closed, so that clients that do not read cannot take all of them. */
const LONGEST_SILENCE_MS = 60_000;
/** What Node answers to where a machine has no IPv6. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * Serves GET and HEAD on fixed paths.
 * @throws ListenError that names the address
 */
export async function startHttpServer({ address, port, handlers, log }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: LARGEST_HEADER }, (request, response) => {
    answer(request, handlers, log).then(
      ({ status, type, body }) => {
        send(response, status, type, body);
      },
      (error: unknown) => {
        log.error({ path: request.url, reason: String(error) }, 'a request could not be answered');
        send(response, 500, 'text/plain', 'internal error\n');
      },
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(LONGEST_SILENCE_MS);
  await listen(server, address, port, log);
  server.on('error', (error) => {
    log.error({ reason: error.message }, 'a connection could not be taken');
  });
  return {
    address: server.address() as AddressInfo,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
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

async function answer(request: IncomingMessage, handlers: HttpServerOptions['handlers'], log: Log): Promise<Answer> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (!handler) return { status: 404, type: 'text/plain', body: 'not found\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, type: 'text/plain', body: 'only GET and HEAD are served\n' };
  log.debug({ path }, 'request');
  return handler();
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  // Node leaves the body out where the request was HEAD.
  response.end(body);
}
