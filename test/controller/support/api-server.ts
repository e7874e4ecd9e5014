import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DualStackReport, DualStackReportSpec, DualStackReportStatus, ReportMetadata } from '../../../src/core/report/types.ts';
import { Connection } from '../../../src/client/transport/connection.ts';
import { ApiError } from '../../../src/client/wire/errors.ts';
import { PooledKubeConfig } from '../../../src/client/auth/pooled-kube-config.ts';
import { REPORT_PATH } from '../../../src/client/requests/report-resource.ts';
import { ReportStore } from './report-store.ts';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** An API server that has DualStackReports and allows nothing else. */
export class ApiServer {
  readonly requests: Asked[] = [];
  readonly store = new ReportStore();
  /** What happens before a request is answered; it may throw, or take its time. */
  before: (asked: Asked) => void | Promise<void> = () => undefined;
  readonly #watches = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      if (error instanceof ApiError) sendStatus(response, error);
      else response.destroy();
    });
  });

  async connect(): Promise<Connection> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const config = new PooledKubeConfig('test');
    config.loadFromClusterAndUser({ name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'u' });
    return new Connection(config, 'test');
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#watches.size;
  }

  requestsOf(method: string): readonly Asked[] {
    return this.requests.filter((asked) => asked.method === method);
  }

  create(name: string, parts: { readonly status?: DualStackReportStatus } = {}): void {
    this.#emit('ADDED', this.store.create(name, parts));
  }

  editSpec(name: string, spec: DualStackReportSpec): void {
    this.#emit('MODIFIED', this.store.editSpec(name, spec));
  }

  delete(name: string): void {
    this.#emit('DELETED', this.store.delete(name));
  }

  /** Ends all watches. What happens until `work` is done cannot be watched: the watchers have to list again. */
  forget(work: () => void): void {
    const watches = [...this.#watches];
    this.#watches.clear();
    work();
    for (const watch of watches)
      watch.end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }));
  }

  /** Breaks all connections off. */
  breakOff(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://server');
    const asked = {
      method: request.method ?? '',
      path,
      query,
      contentType: request.headers['content-type'],
      body: await text(request),
    };
    this.requests.push(asked);
    await this.before(asked);
    if (!path.startsWith(REPORT_PATH)) throw new ApiError(403, 'Forbidden', `forbidden: cannot get ${path}`);
    if (asked.method === 'GET') this.#watch(query, response);
    else this.#write(asked, response);
  }

  #watch(query: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (query.get('sendInitialEvents')) {
      for (const report of this.store.all) response.write(line('ADDED', report));
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      response.write(line('BOOKMARK', { metadata: { resourceVersion: this.store.version, annotations } }));
    }
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }

  #write({ method, path, body }: Asked, response: ServerResponse): void {
    const { metadata, status } = JSON.parse(body) as { metadata: ReportMetadata; status?: DualStackReportStatus };
    const isStatus = method === 'PATCH' && path === `${REPORT_PATH}/${metadata.name}/status`;
    const report = isStatus && status ? this.store.apply(metadata, status) : this.store.create(metadata.name);
    response.writeHead(isStatus ? 200 : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(report));
    this.#emit(isStatus ? 'MODIFIED' : 'ADDED', report);
  }

  #emit(type: string, report: DualStackReport): void {
    for (const watch of this.#watches) watch.write(line(type, report));
  }
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function sendStatus(response: ServerResponse, { status: code, reason, message }: ApiError): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', code, reason, message }));
}
