import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Connection } from '../../../src/client/transport/connection.ts';
import { PooledKubeConfig } from '../../../src/client/auth/pooled-kube-config.ts';

/** What the server does about one request. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An API server that answers the requests in the order in which they come, each as the script says; beyond its end it stays silent. */
export class ScriptedServer {
  readonly requests: { readonly path: string; readonly query: URLSearchParams; readonly headers: IncomingMessage['headers'] }[] = [];
  readonly sockets = new Set<Socket>();
  /** Sockets that were ever opened. */
  opened = 0;
  readonly #script: Answer[];
  readonly #server = createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://server');
    this.requests.push({ path, query, headers: request.headers });
    this.#script.shift()?.(response, request);
  });

  constructor(script: readonly Answer[]) {
    this.#script = [...script];
    this.#server.on('connection', (socket) => {
      this.opened += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  async connect(): Promise<Connection> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const config = new PooledKubeConfig('test');
    config.loadFromClusterAndUser({ name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'u' });
    return new Connection(config, 'test');
  }

  /** Adds to the end of the script. */
  then(...answers: readonly Answer[]): void {
    this.#script.push(...answers);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A watch of these frames that stays open. */
export function stream(...frames: readonly (string | Buffer)[]): Answer {
  return (response) => {
    response.writeHead(200);
    response.flushHeaders();
    for (const frame of frames) response.write(frame);
  };
}

/** The same, but it ends as it does when its time is over. */
export function streamAndEnd(...frames: readonly (string | Buffer)[]): Answer {
  return (response) => {
    response.writeHead(200);
    for (const frame of frames) response.write(frame);
    response.end();
  };
}

/** The same, but the connection breaks once the frames are sent. */
export function streamAndBreak(...frames: readonly (string | Buffer)[]): Answer {
  return (response) => {
    response.writeHead(200);
    response.write(frames.join(''), () => {
      setImmediate(() => response.destroy());
    });
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A Kubernetes Status as the whole answer. */
export function failure(code: number, reason: string, message = reason, headers: Readonly<Record<string, string>> = {}): Answer {
  return json(code, { kind: 'Status', code, reason, message }, headers);
}

/** A line of a JSON watch. */
export function event(type: string, name: string, resourceVersion: string): string {
  return line(type, { metadata: { name, resourceVersion } });
}

export function bookmark(resourceVersion: string): string {
  return line('BOOKMARK', { metadata: { resourceVersion } });
}

/** The end of a streaming list. */
export function initialEventsEnd(resourceVersion: string): string {
  return line('BOOKMARK', { metadata: { resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } } });
}

export function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

export function page(names: readonly string[], resourceVersion: string, continueToken = ''): Answer {
  const items = names.map((name) => ({ metadata: { name, resourceVersion: '1' } }));
  return json(200, { metadata: { resourceVersion, continue: continueToken }, items });
}
