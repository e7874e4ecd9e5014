import type { AgentOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConstructor, ApiType, Cluster, ConnectOptions, DispatcherOptions, RequestContext } from '@kubernetes/client-node';
import { createConfiguration, KubeConfig, ServerConfiguration, setHeaderMiddleware } from '@kubernetes/client-node';
import type { buildConnector, Dispatcher } from 'undici';
import { Agent, ProxyAgent } from 'undici';
import { socksAgent } from './socks-agent.ts';
import { fields, text } from '../../core/kinds/shapes.ts';
import { withinTime } from './within-time.ts';

/** The API server's own limit on a request that is no watch is 60 s. */
const ANSWER_TIMEOUT_MS = 65_000;
/** Between two visits of the same socket; servers close idle ones later than this. */
const IDLE_SOCKET_MS = 30_000;
/** kubectl would wait for ever, for a person who logs in; here all requests wait. */
export const CREDENTIALS_MS = 60_000;

/**
 * Watches hold a socket each, all other requests share what is left over. HTTP/2 would put them all on one connection,
 * where a list that is read slowly holds up the rest.
 */
const POOL = { allowH2: false, headersTimeout: ANSWER_TIMEOUT_MS, keepAliveTimeout: IDLE_SOCKET_MS } as const;

/** client-node's way to authenticate, which hands over its TLS options and makes no connection pool. */
class Credentials extends KubeConfig {
  transport: DispatcherOptions = { type: 'none' };

  override createDispatcherOptions(cluster: Cluster | null, agentOptions: AgentOptions): DispatcherOptions {
    this.transport = super.createDispatcherOptions(cluster, agentOptions);
    return { type: 'none' };
  }
}

/**
 * A KubeConfig whose requests, the generated clients' too, go through one pool of connections; client-node itself makes
 * a pool for each request. The pool is replaced when the CA, the client certificate or the proxy changes, and
 * the old one closes when its last request is over.
 */
export class PooledKubeConfig extends KubeConfig {
  readonly #userAgent: string;
  #credentials: Credentials | undefined;
  #transport: DispatcherOptions | undefined;
  #pool: Dispatcher | undefined;
  /** Pools that still close. */
  readonly #retired = new Map<Dispatcher, Promise<void>>();
  /** Which credentials a request went out with. */
  readonly #used = new WeakMap<RequestContext, Credentials>();
  readonly #credentialsMs: number;
  #queue: Promise<unknown> = Promise.resolve();
  /** The last time that credentials did not come in time. */
  #late: Error | undefined;

  /**
   * @param userAgent what every request says that it comes from
   * @param credentialsMs how long credentials may take, in milliseconds
   */
  constructor(userAgent: string, credentialsMs = CREDENTIALS_MS) {
    super();
    this.#userAgent = userAgent;
    this.#credentialsMs = credentialsMs;
  }

  /**
   * Puts credentials and the pool on a request. One at a time, so that an exec plugin runs once for all who wait, also where it hangs.
   * @throws whatever client-node meets: a file that cannot be read, an exec plugin that fails; an Error that names the plugin where
   *   it hangs
   */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    const before = this.#late;
    const turn = this.#queue.then(async () => {
      // Each would wait as long again, while more come.
      if (this.#late && this.#late !== before) throw this.#late;
      await this.#authenticate(context);
    });
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  async #authenticate(context: RequestContext): Promise<void> {
    const credentials = (this.#credentials ??= this.#newCredentials());
    const work = async (): Promise<void> => credentials.applySecurityAuthentication(context);
    await withinTime(this.#credentialsMs, work, () => this.#tooLate());
    this.#used.set(context, credentials);
    context.setDispatcher(this.#poolFor(credentials.transport));
  }

  #tooLate(): Error {
    this.#credentials = undefined;
    const user = fields(this.getCurrentUser());
    const exec = user['exec'] ?? fields(fields(user['authProvider'])['config'])['exec'];
    const command = text(fields(exec)['command']);
    const what = command === '' ? 'the exec plugin did not return them' : `the exec plugin ${command} did not end`;
    return (this.#late = new Error(`${what} within ${this.#credentialsMs / 1000} s`));
  }

  /**
   * Forgets the tokens and certificates of a request that the server did not take, so that the next one obtains new ones.
   * Newer ones that were obtained meanwhile are kept.
   */
  forgetCredentialsOf(context: RequestContext): void {
    if (this.#used.get(context) === this.#credentials) this.#credentials = undefined;
  }

  /** As client-node's, with this program's name for a User-Agent. */
  override makeApiClient<T extends ApiType>(apiClientType: ApiConstructor<T>): T {
    const server = this.getCurrentCluster()?.server ?? '';
    return new apiClientType(
      createConfiguration({
        baseServer: new ServerConfiguration(server, {}),
        authMethods: { default: this },
        middleware: [setHeaderMiddleware('User-Agent', this.#userAgent)],
      }),
    );
  }

  /** Breaks off what is under way, and closes all connections. The next request would open new ones. */
  async close(): Promise<void> {
    const pools = [...this.#retired.keys(), ...(this.#pool ? [this.#pool] : [])];
    const closing = [...this.#retired.values()];
    this.#pool = undefined;
    this.#transport = undefined;
    await Promise.all([...pools.map((pool) => pool.destroy()), ...closing]);
  }

  #newCredentials(): Credentials {
    const credentials = new Credentials();
    credentials.loadFromOptions({
      clusters: this.clusters,
      users: this.users,
      contexts: this.contexts,
      currentContext: this.currentContext,
    });
    return credentials;
  }

  #poolFor(transport: DispatcherOptions): Dispatcher {
    if (this.#pool && isDeepStrictEqual(transport, this.#transport)) return this.#pool;
    if (this.#pool) this.#retire(this.#pool);
    this.#transport = transport;
    return (this.#pool = newPool(transport));
  }

  #retire(pool: Dispatcher): void {
    const gone = (): void => {
      this.#retired.delete(pool);
    };
    this.#retired.set(pool, pool.close().then(gone, gone));
  }
}

function newPool(transport: DispatcherOptions): Dispatcher {
  switch (transport.type) {
    case 'proxy': {
      const { uri, requestTls, connect } = transport;
      return new ProxyAgent({ ...POOL, uri, requestTls: tlsOf(requestTls), connect: tlsOf(connect) });
    }
    case 'socks':
      return socksAgent(transport.uri, { ...POOL, requestTls: tlsOf(transport.requestTls) });
    case 'agent':
      return new Agent({ ...POOL, connect: tlsOf(transport.connect) });
    case 'none':
      return new Agent(POOL);
  }
}

/** client-node's type of TLS options admits `timeout: undefined`, which it never sets and undici's does not admit. */
function tlsOf(options: ConnectOptions): buildConnector.BuildOptions {
  return options as buildConnector.BuildOptions;
}
