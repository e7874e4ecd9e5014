import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What happens to a connection: it is passed on, closed at once, or kept without an answer. */
export type Manner = 'pass' | 'refuse' | 'hang';

/** Is between a client and a server of 127.0.0.1, to break what runs between them. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #manner: Manner;

  private constructor(server: Server, target: number, manner: Manner) {
    this.#server = server;
    this.#target = target;
    this.#manner = manner;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#take(socket);
    });
  }

  /** @param target a port of 127.0.0.1 */
  static async start(target: number, manner: Manner = 'pass'): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target, manner);
  }

  /** Changes what happens to connections to come. */
  set(manner: Manner): void {
    this.#manner = manner;
  }

  /** Breaks all connections, and returns how many they were. */
  cut(): number {
    const clients = this.#sockets.size;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return clients;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#manner === 'refuse') {
      client.destroy();
      return;
    }
    this.#sockets.add(client);
    client.once('close', () => this.#sockets.delete(client));
    if (this.#manner === 'hang') client.resume();
    else passOn(client, this.#target);
  }
}

function passOn(client: Socket, target: number): void {
  const server = connect(target, '127.0.0.1');
  server.on('error', () => client.destroy());
  client.pipe(server).pipe(client);
  client.once('close', () => server.destroy());
  server.once('close', () => client.destroy());
}
