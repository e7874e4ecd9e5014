import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { HttpServer } from '../../src/server/http-server.ts';

/** A client that sends given bytes, valid or not. */
export class RawClient {
  readonly socket: Socket;
  #contacted = '';
  #closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#contacted += chunk;
    });
    // A connection that the server cuts off is what many tests are about.
    socket
      .on('error', () => undefined)
      .on('close', () => {
        this.#closed = true;
      });
  }

  static async connect({ port }: HttpServer): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** What the server has said so far. */
  get contacted(): string {
    return this.#contacted;
  }

  /** The status of each answer so far. */
  get statuses(): readonly number[] {
    return [...this.#contacted.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  get closed(): boolean {
    return this.#closed;
  }

  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until the server has closed the connection. */
  async end(): Promise<void> {
    if (!this.#closed) await once(this.socket, 'close');
  }
}

/** A request for a path, as most clients would make it. */
export function requestFor(path: string, headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, 'Host: operator', ...headers, '', ''].join('\r\n');
}
