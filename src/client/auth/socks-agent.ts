import type { Socket } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { buildConnector, Socks5ProxyAgent, type Dispatcher } from 'undici';
import { unbracketed } from './proxy-environment.ts';

/** What undici's agent has, though its types do not say so. */
interface Tunnels {
  readonly createSocks5Connection: (this: Dispatcher, host: string, port: number) => Promise<Socket>;
}

const connectTo = buildConnector({});

/**
 * The way to servers by a SOCKS5 proxy. undici takes the brackets that URLs have around an IPv6 address for a part of it: for the name of a host
 * to look up, to ask the proxy for, and to look for in a certificate.
 */
export function socksAgent(proxyUrl: string, options: Socks5ProxyAgent.Options): Dispatcher {
  const agent = new Socks5ProxyAgent(proxyUrl, {
    ...options,
    connect: (to, callback) => {
      connectTo({ ...to, hostname: unbracketed(to.hostname) }, callback);
    },
    requestTls: { checkServerIdentity: (host, certificate) => checkServerIdentity(unbracketed(host), certificate), ...options.requestTls },
  });
  const { createSocks5Connection } = Socks5ProxyAgent.prototype as unknown as Tunnels;
  return Object.assign(agent, {
    createSocks5Connection: (host: string, port: number) => createSocks5Connection.call(agent, unbracketed(host), port),
  });
}
