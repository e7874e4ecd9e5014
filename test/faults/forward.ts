import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Preloaded by `--import` into a process in a network namespace of its own: takes connections there, at FORWARD_FROM, and passes them on to
 * the socket FORWARD_TO of the file system, which all namespaces share. It keeps nothing running.
 */
const { FORWARD_FROM = '', FORWARD_TO = '' } = process.env;
const { hostname, port } = new URL(FORWARD_FROM);

const server = createServer((client) => {
  const upstream = connect(FORWARD_TO);
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
});
// A URL leaves the port of https out.
server.listen(Number(port || 443), hostname.replace(/^\[(.*)\]$/, '$1'));
await once(server, 'listening');
server.unref();
