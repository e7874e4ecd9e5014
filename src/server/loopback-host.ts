import { isIP } from 'node:net';
import { isLoopback, LOCALHOST } from './bind-address.ts';
import type { Handler, HttpResponse } from './http-server.ts';

/** 421, Misdirected Request. */
const MISDIRECTED: HttpResponse = {
  status: 421,
  type: 'text/plain',
  body: 'this page is served on loopback only: open it as localhost, 127.0.0.1 or [::1], such as http://localhost:8082\n',
};

/**
 * Lets only requests through to a handler that name loopback as their host. A website can have its own name resolve to 127.0.0.1 (DNS
 * rebinding): a browser behind a port forward then reads the page for it, and sends that name as the host.
 */
export function onlyForLoopback(handler: Handler): Handler {
  return (request) => (isLoopbackHost(request.host) ? handler(request) : MISDIRECTED);
}

/** Whether a header Host is `localhost` or a loopback address, with any port or none. */
function isLoopbackHost(header = ''): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^[\]%]*)\]|([^:[\]]*))(?::\d*)?$/.exec(header) ?? [];
  const host = (bracketed ?? plain).toLowerCase();
  if (bracketed === undefined && host === LOCALHOST) return true;
  return isIP(host) === (bracketed === undefined ? 4 : 6) && isLoopback({ host, port: 0 });
}
