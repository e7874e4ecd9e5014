import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Certificate } from '../client/support/certificates.ts';

/** A proxy through which clients reach servers; whatever they ask for, they get the one server behind it. */
export interface ForwardProxy {
  readonly port: number;
  /** What was asked for: `host:port` each time. */
  readonly asked: readonly string[];
  /** The passwords that came with it. */
  readonly passwords: readonly string[];
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** An HTTP proxy that takes CONNECT. */
export function startHttpProxy(target: number): Promise<ForwardProxy> {
  return takingConnect(createHttpServer(), target);
}

/** The same by TLS. */
export function startHttpsProxy(target: number, certificate: Certificate): Promise<ForwardProxy> {
  return takingConnect(createHttpsServer(certificate), target);
}

async function takingConnect(server: HttpServer, target: number): Promise<ForwardProxy> {
  const [asked, passwords]: [string[], string[]] = [[], []];
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const [, credentials = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
    if (credentials !== '') passwords.push(Buffer.from(credentials, 'base64').toString());
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    tunnel(client, target);
  });
  return listening(server, asked, passwords);
}

/** A SOCKS5 proxy (RFC 1928) that asks for a password (RFC 1929) where the client has one. */
export async function startSocksProxy(target: number, address = '127.0.0.1'): Promise<ForwardProxy> {
  const [asked, passwords]: [string[], string[]] = [[], []];
  const server = createServer((client) => {
    client.on('error', () => undefined);
    talkSocks(client, asked, passwords).then(
      () => {
        tunnel(client, target);
      },
      () => client.destroy(),
    );
  });
  return listening(server, asked, passwords, address);
}

async function listening(
  server: Server,
  asked: readonly string[],
  passwords: readonly string[],
  address = '127.0.0.1',
): Promise<ForwardProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, asked, passwords, cut, close };
}

function tunnel(client: Socket, target: number): void {
  const upstream = connect(target, '127.0.0.1');
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
  client.once('close', () => upstream.destroy());
}

const [NO_AUTHENTICATION, PASSWORD] = [0, 2];

async function talkSocks(client: Socket, asked: string[], passwords: string[]): Promise<void> {
  const read = reader(client);
  const [, count = 0] = await read(2);
  const method = (await read(count)).includes(PASSWORD) ? PASSWORD : NO_AUTHENTICATION;
  client.write(Buffer.of(5, method));
  if (method === PASSWORD) {
    const user = await read((await read(2))[1] ?? 0);
    const password = await read((await read(1))[0] ?? 0);
    passwords.push(`${user.toString()}:${password.toString()}`);
    client.write(Buffer.of(1, 0));
  }
  const [, , , type] = await read(4);
  const host = type === 3 ? (await read((await read(1))[0] ?? 0)).toString() : (await read(type === 4 ? 16 : 4)).toString('hex');
  asked.push(`${host}:${(await read(2)).readUInt16BE()}`);
  client.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
}

/** Reads so many bytes at a time, and leaves the rest to whoever reads next. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    if (count === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes) return bytes;
      await once(socket, 'readable');
    }
  };
}
