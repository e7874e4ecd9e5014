import { BlockList, isIP } from 'node:net';
import { ConfigurationError } from './kubeconfig-files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a request goes. */
interface Destination {
  /** In lower case, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: string;
}

/** Whether an entry of NO_PROXY is about a destination. */
type Exception = (destination: Destination) => boolean;

const PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };
const VARIABLES: Readonly<Record<string, string>> = { 'https:': 'HTTPS_PROXY', 'http:': 'HTTP_PROXY' };
const PROTOCOLS = ['http:', 'https:', 'socks5:', 'socks:'];

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The proxy that the environment names for the way to a server, by the rules of Go's httpproxy, which kubectl keeps to: HTTPS_PROXY (of
 * `http://` servers HTTP_PROXY) unless NO_PROXY makes an exception, each in upper or lower case; nothing on this machine has one.
 * @param server a URL of http or https
 * @returns the URL of the proxy, or undefined for none
 * @throws ConfigurationError where the variable holds no URL of a known protocol; it is not quoted, since it may hold a password
 */
export function proxyFor(server: string, environment: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const variable = VARIABLES[protocol] ?? '';
  const value = valueOf(variable, environment);
  if (value === '') return undefined;
  const destination = { host: unbracketed(hostname.toLowerCase()), port: port || (PORTS[protocol] ?? '') };
  if (isLocal(destination) || exceptionsIn(valueOf('NO_PROXY', environment)).some((isAbout) => isAbout(destination))) return undefined;
  return proxyUrlOf(value, variable);
}

function valueOf(variable: string, environment: Environment): string {
  return (environment[variable] || environment[variable.toLowerCase()] || '').trim();
}

function proxyUrlOf(value: string, variable: string): string {
  // Without a protocol it is http's. The names of servers go to a SOCKS proxy as they are, which is what the h means.
  const url = (value.includes('://') ? value : `http://${value}`).replace(/^socks5h:/, 'socks5:');
  if (URL.canParse(url) && PROTOCOLS.includes(new URL(url).protocol)) return url;
  throw new ConfigurationError(
    `${variable} is none of http://, https:// and socks5:// with a host; fix it, unset it, or list the API server in NO_PROXY`,
  );
}

function isLocal({ host }: Destination): boolean {
  return host === 'localhost' || isIn(LOOPBACK, host);
}

function isIn(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

function exceptionsIn(value: string): Exception[] {
  return value
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(exceptionOf);
}

function exceptionOf(entry: string): Exception {
  if (entry === '*') return () => true;
  const block = blockOf(entry);
  if (block) return ({ host }) => isIn(block, host);
  const { host, port } = splitPort(entry);
  const matchesPort = (destination: Destination): boolean => port === '' || port === destination.port;
  const address = addressBlock(host);
  if (address) return (destination) => isIn(address, destination.host) && matchesPort(destination);
  return (destination) => matchesDomain(destination.host, host) && matchesPort(destination);
}

/** `example.org` is about itself and what is below it, `.example.org` and `*.example.org` are about what is below. */
function matchesDomain(host: string, entry: string): boolean {
  const domain = entry.replace(/^\*(?=\.)/, '');
  if (domain === '') return false;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** Of an address and the length of its prefix. */
function blockOf(entry: string): BlockList | undefined {
  const [address = '', length = '', ...more] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > (version === 4 ? 32 : 128)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(length), version === 4 ? 'ipv4' : 'ipv6');
  return block;
}

function addressBlock(host: string): BlockList | undefined {
  return isIP(host) === 0 ? undefined : blockOf(`${host}/${isIP(host) === 4 ? 32 : 128}`);
}

function splitPort(entry: string): Destination {
  const [, host = entry, port = ''] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  return { host: unbracketed(host), port };
}

/** An IPv6 address without the brackets that it has in a URL; any other host as it is. */
export function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
