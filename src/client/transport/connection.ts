import { once } from 'node:events';
import type { HttpMethod } from '@kubernetes/client-node';
import { RequestContext } from '@kubernetes/client-node';
import { getGlobalDispatcher } from 'undici';
import type { ConfigurationSource } from '../auth/configuration.ts';
import { loadConfiguration } from '../auth/configuration.ts';
import { ApiError, CredentialsError, DecodeError, NetworkError, shorten } from '../wire/errors.ts';
import type { PooledKubeConfig } from '../auth/pooled-kube-config.ts';
import { decodeStatus } from '../wire/codec.ts';
import { fields } from '../../core/kinds/shapes.ts';
import { errorOfStatus, retryAfterOf } from '../wire/status.ts';
import { dispatch, type ApiResponse, type ResponseBody } from './response.ts';

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
    if (response.status < FIRST_ERROR) return response;
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

  async #send(context: RequestContext, options: RequestOptions): Promise<ApiResponse> {
    const { signal, body, bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS } = options;
    const { origin, pathname, search } = new URL(context.getUrl());
    const answer = dispatch(
      context.getDispatcher() ?? getGlobalDispatcher(),
      {
        origin,
        path: `${pathname}${search}`,
        method: context.getHttpMethod(),
        headers: context.getHeaders(),
        bodyTimeout: bodyTimeoutMs,
        ...(body === undefined ? {} : { body }),
      },
      signal,
    );
    // undici lets go of a request only once its connection is there, which takes ten seconds where nobody answers.
    return unlessAborted(answer, signal);
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

/**
 * Finds the API server and makes the way to it; nothing is sent yet.
 * @throws ConfigurationError where it is not clear which server, or how
 */
export function connect(options: ConnectionOptions): Connection {
  const userAgent = `dualstack-operator/${options.version}`;
  return new Connection(loadConfiguration(options, userAgent), userAgent);
}

/**
 * The whole body of a response.
 * @param limit the most bytes that it may have
 * @param tooLong makes the error for a longer one, of which no more is read
 * @param onChunk called as each part comes
 * @throws as `ResponseBody.read`, or what `tooLong` makes
 */
export async function bytesOf(body: ResponseBody, limit: number, tooLong: () => Error, onChunk?: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  await body.read((chunk) => {
    size += chunk.length;
    if (size > limit) throw tooLong();
    chunks.push(chunk);
    onChunk?.();
  });
  return Buffer.concat(chunks);
}

/**
 * The whole body of a response as text.
 * @throws as `ResponseBody.read`; DecodeError where it is longer than the answer to a request for one object can be
 */
export async function textOf(body: ResponseBody): Promise<string> {
  const tooLong = (): Error => new DecodeError(`the API server answered more than ${TEXT_LIMIT_BYTES} bytes`);
  return (await bytesOf(body, TEXT_LIMIT_BYTES, tooLong)).toString('utf8');
}

async function errorOf({ status: httpStatus, headers, body }: ApiResponse): Promise<ApiError> {
  const seconds = retryAfterOf(headers['retry-after']);
  const bytes = await beginningOf(body);
  const status = decodeStatus(bytes);
  if (fields(status)['message'] !== undefined) return errorOfStatus(status, httpStatus, seconds);
  const words = shorten(bytes.toString('utf8'));
  return new ApiError(httpStatus, '', words || `the API server answered ${httpStatus}`, seconds);
}

/** The error itself is what matters: a body that breaks off, or is too long, gives what has come of it. */
async function beginningOf(body: ResponseBody): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const enough = new Error('enough of the body has come');
  try {
    await body.read((chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ERROR_BODY_LIMIT_BYTES) throw enough;
    });
  } catch (error) {
    if (error !== enough && !(error instanceof NetworkError)) throw error;
  }
  return Buffer.concat(chunks).subarray(0, ERROR_BODY_LIMIT_BYTES);
}
