import { BlockList, isIP } from 'node:net';

/** Where a server listens. */
export interface BindAddress {
  /** An IP address, or `localhost`, which is 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0 takes any port that is free. */
  readonly port: number;
}

/** An address, or none: the server is not started. */
export type OptionalAddress = BindAddress | 'disabled';

/** The text is not an address; the message says what to write. */
export class BindAddressError extends Error {
  override readonly name = 'BindAddressError';
}

/** Means the loopback addresses of both families. It is never looked up. */
export const LOCALHOST = 'localhost';
/** Connections of both families arrive there. */
const ALL_ADDRESSES = '::';
const DISABLED = '0';
const LARGEST_PORT = 65_535;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Reads `host:port`, `[v6]:port` or `:port`; `0` is no address.
 * @throws BindAddressError
 */
export function parseBindAddress(text: string): OptionalAddress {
  if (text === DISABLED) return 'disabled';
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^[\]]*)\]|([^[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  if (isIP(text) === 6 || isIP(plain) === 6) throw new BindAddressError('Put an IPv6 address in brackets, such as [::1]:8080.');
  if (port === '' || plain.includes(':'))
    throw new BindAddressError('Use host:port, [IPv6 address]:port or :port, such as [::]:8080; 0 disables it.');
  if (!/^\d+$/.test(port) || Number(port) > LARGEST_PORT)
    throw new BindAddressError(`The port must be a whole number from 0 to ${LARGEST_PORT}.`);
  return { host: bracketed === undefined ? plainHost(plain) : ipv6Host(bracketed), port: Number(port) };
}

function plainHost(host: string): string {
  if (host === '') return ALL_ADDRESSES;
  if (host === LOCALHOST || isIP(host) === 4) return host;
  throw new BindAddressError('The host must be an IP address or localhost; without a host, all addresses are used.');
}

function ipv6Host(host: string): string {
  if (isIP(host) === 6) return host;
  throw new BindAddressError('Only an IPv6 address can be in brackets, such as [::1]:8080.');
}

/** The address as a flag has it. */
export function formatBindAddress({ host, port }: BindAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only processes of the same host, or of the same pod, reach the address. */
export function isLoopback({ host }: BindAddress): boolean {
  if (host === LOCALHOST) return true;
  const [address = ''] = host.split('%', 1);
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
