import type { IncomingMessage } from 'node:http';
import type { PeerCertificate } from 'node:tls';
import { TLSSocket } from 'node:tls';

/** What a request is for: the streaming list, a page of a list, a watch from a resourceVersion, or a write. */
export type Purpose = 'stream' | 'page' | 'watch' | 'write';

/** A request as the proxy saw it. */
export interface Asked {
  /** When it came, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly method: string;
  readonly url: URL;
  /** Such as `pods`. */
  readonly resource: string;
  readonly purpose: Purpose;
  readonly authorization: string;
  /** The common name of the client's certificate; empty without one. */
  readonly client: string;
}

/** Reads what a request is for. */
export function asked(request: IncomingMessage, at: number): Asked {
  const url = new URL(request.url ?? '/', 'https://server');
  const method = request.method ?? 'GET';
  const authorization = request.headers.authorization ?? '';
  return {
    at,
    method,
    url,
    resource: resourceOf(url.pathname),
    purpose: purposeOf(method, url.searchParams),
    authorization,
    client: clientOf(request),
  };
}

function clientOf({ socket }: IncomingMessage): string {
  const certificate: Partial<PeerCertificate> = socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
  return String(certificate.subject?.CN ?? '');
}

/** `pods` of `/api/v1/pods` and of `/api/v1/namespaces/default/pods/web`. */
function resourceOf(path: string): string {
  const [root, ...rest] = path.split('/').filter((part) => part !== '');
  const parts = rest.slice(root === 'api' ? 1 : 2);
  return (parts[0] === 'namespaces' && parts.length > 2 ? parts[2] : parts[0]) ?? '';
}

function purposeOf(method: string, query: URLSearchParams): Purpose {
  if (method !== 'GET') return 'write';
  if (query.get('watch') !== 'true') return 'page';
  return query.get('sendInitialEvents') === 'true' ? 'stream' : 'watch';
}
