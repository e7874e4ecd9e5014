import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { HttpMethod } from '@kubernetes/client-node';
import { RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { request } from 'undici';
import type { ConfigurationSource } from '../auth/configuration.ts';
import { loadConfiguration } from '../auth/configuration.ts';
import { ApiError, CredentialsError, DecodeError, NetworkError, shorten } from '../wire/errors.ts';
import type { PooledKubeConfig } from '../auth/pooled-kube-config.ts';
import { decodeStatus } from '../wire/codec.ts';
import { fields } from '../../core/kinds/shapes.ts';
import { errorOfStatus, retryAfterOf } from '../wire/status.ts';

export interface ConnectionOptions extends ConfigurationSource {
  /** The program's version, for the User-Agent. */
  readonly version: string;
}

export interface RequestOptions {
  /** GET where it is not said. */
  readonly method?: HttpMethod;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Aborting it ends the request and the reading of its body. */
  readonly signal?: AbortSignal;
  /** The longest silence within the body, in milliseconds; 0 for none. 65 s where it is not said. */
  readonly bodyTimeoutMs?: number;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read to its end or destroyed, else its connection stays taken. Its errors are those of `chunksOf`. */
  readonly body: Readable;
}

/** The part of a connection that a reflector needs. */
export type Requester = Pick<Connection, 'request'>;

const DEFAULT_BODY_TIMEOUT_MS = 65_000;
/** A Status is small; of a proxy's error page the beginning is enough. */
const ERROR_BODY_LIMIT_BYTES = 64 * 1024;
/** An object that is written or read alone; etcd takes 1.5 MiB of one. */
export const TEXT_LIMIT_BYTES = 4 * 1024 * 1024;
const FIRST_ERROR = 300;

/** The way to one API server: every request of the program goes through the one pool of connections of its `kubeConfig`. */
export class Connection {
  /** For `makeApiClient` of generated clients. */
  readonly kubeConfig: PooledKubeConfig;
  /** Such as `https://10.96.0.1:443`. */
  readonly server: string;
  /** The context's namespace: the pod's own within a cluster. */
  readonly namespace: string | undefined;
  readonly #userAgent: string;

  /** @param kubeConfig with a current cluster that has a server, as `loadConfiguration` gives it */
  constructor(kubeConfig: PooledKubeConfig, userAgent: string) {
    this.kubeConfig = kubeConfig;
    this.server = kubeConfig.getCurrentCluster()?.server ?? '';
    this.namespace = kubeConfig.getContextObject(kubeConfig.currentContext)?.namespace?.trim();
    this.#userAgent = userAgent;
  }

  /**
   * Sends a request to a path of the API server, such as `/api/v1/pods`.
   * @returns the response once its headers are there, whose status is below 300
   * @throws ApiError for every other answer; NetworkError where none came; CredentialsError; the signal's reason once it aborts
   */
  async request(path: string, options: RequestOptions = {}): Promise<ApiResponse> {
    const { signal } = options;
    signal?.throwIfAborted();
    const context = await unlessAborted(this.#authenticated(path, options), signal);
    const response = await this.#send(context, options);
    if (response.statusCode < FIRST_ERROR) return { status: response.statusCode, headers: response.headers, body: response.body };
    const error = await errorOf(response);
    signal?.throwIfAborted();
    if (error.status === 401) this.kubeConfig.forgetCredentialsOf(context);
    throw error;
  }

  /** Breaks off all requests and closes the connections. */
  async close(): Promise<void> {
    await this.kubeConfig.close();
  }

  async #authenticated(path: string, { method = 'GET', query = {}, headers = {} }: RequestOptions): Promise<RequestContext> {
    const context = new RequestContext(`${this.server}${path}`, method);
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, String(value));
    context.setHeaderParam('User-Agent', this.#userAgent);
    for (const [name, value] of Object.entries(headers)) context.setHeaderParam(name, value);
    try {
      await this.kubeConfig.applySecurityAuthentication(context);
    } catch (error) {
      throw new CredentialsError(error);
    }
    return context;
  }

  async #send(context: RequestContext, options: RequestOptions): Promise<Dispatcher.ResponseData> {
    const { signal, body, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS } = options;
    try {
      const answer = request(context.getUrl(), {
        method: context.getHttpMethod(),
        headers: context.getHeaders(),
        bodyTimeout: bodyTimeoutMs,
        ...dispatcherOf(context),
        ...(body === undefined ? {} : { body }),
        ...(signal ? { signal } : {}),
      });
      // undici lets go of a request only once its connection is there, which takes ten seconds where nobody answers.
      return await unlessAborted(answer, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw new NetworkError(error);
    }
  }
}

/** For what knows of no signal, as an exec plugin, which may take its time. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const settled = new AbortController();
  try {
    await Promise.race([work, once(signal, 'abort', { signal: settled.signal })]);
    signal.throwIfAborted();
    return await work;
  } finally {
    settled.abort();
  }
}

function dispatcherOf(context: RequestContext): { dispatcher?: Dispatcher } {
  const dispatcher = context.getDispatcher();
  return dispatcher ? { dispatcher } : {};
}

/**
 * Finds the API server and makes the way to it; nothing is sent yet.
 * @throws ConfigurationError where it is not clear which server, or how
 */
export function connect(options: ConnectionOptions): Connection {
  const userAgent = `dualstack-operator/${options.version}`;
  return new Connection(loadConfiguration(options, userAgent), userAgent);
}

/**
 * The chunks of a response's body.
 * @throws NetworkError where the connection breaks; the signal's reason once it aborts
 */
export async function* chunksOf(body: Readable, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    signal?.throwIfAborted();
    throw new NetworkError(error);
  }
}

/**
 * Hands a response's body on, chunk by chunk, until its end. For long streams: waiting for each chunk costs more than what is done with it.
 * @param take what it throws ends the reading, and is thrown again
 * @throws as `chunksOf`
 */
export async function readChunks(body: Readable, take: (chunk: Buffer) => void, signal?: AbortSignal): Promise<void> {
  const faults: unknown[] = [];
  body.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (fault) {
      faults.push(fault);
      body.destroy();
    }
  });
  try {
    await finished(body);
  } catch (error) {
    if (faults.length > 0) throw faults[0];
    signal?.throwIfAborted();
    throw new NetworkError(error);
  }
}

/**
 * The whole body of a response as text.
 * @throws as `chunksOf`; DecodeError where it is longer than the answer to a request for one object can be
 */
export async function textOf(body: Readable, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body, signal)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > TEXT_LIMIT_BYTES) throw new DecodeError(`the API server answered more than ${TEXT_LIMIT_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function errorOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<ApiError> {
  const seconds = retryAfterOf(headers['retry-after']);
  const bytes = await beginningOf(body);
  const status = decodeStatus(bytes);
  if (fields(status)['message'] !== undefined) return errorOfStatus(status, statusCode, seconds);
  const words = shorten(bytes.toString('utf8'));
  return new ApiError(statusCode, '', words || `the API server answered ${statusCode}`, seconds);
}

/** The error itself is what matters: a body that breaks off gives what has come of it. */
async function beginningOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(body)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ERROR_BODY_LIMIT_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
  }
  return Buffer.concat(chunks).subarray(0, ERROR_BODY_LIMIT_BYTES);
}
