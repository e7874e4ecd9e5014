import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findHomeDir, KubeConfig } from '@kubernetes/client-node';
import type { Cluster, Context, User } from '@kubernetes/client-node';
import { ConfigurationError, readKubeConfigs } from './kubeconfig-files.ts';
import { PooledKubeConfig } from './pooled-kube-config.ts';
import { proxyFor } from './proxy-environment.ts';
import { fields, text } from '../../core/kinds/shapes.ts';

/** Where to find the API server. Without `kubeconfig`: KUBECONFIG, then ~/.kube/config, then the pod's service account. */
export interface ConfigurationSource {
  /** The path of a kubeconfig. */
  readonly kubeconfig?: string | undefined;
  /** The context to use in place of the current one. */
  readonly context?: string | undefined;
}

const PROXIES = ['http:', 'https:', 'socks5:', 'socks:'];

/**
 * Loads the configuration, and checks all that can be checked without a request. The current cluster has the proxy of the environment
 * where it names none itself.
 * @param userAgent what every request will say that it comes from
 * @throws ConfigurationError that names what is wrong and the fix
 */
export function loadConfiguration(source: ConfigurationSource, userAgent: string): PooledKubeConfig {
  const files = filesOf(source);
  const found = files.length > 0 ? readKubeConfigs(files) : inClusterConfig();
  if (source.context !== undefined) found.setCurrentContext(source.context);
  check(found, files.length > 0 ? `the kubeconfig ${files.join(delimiter)}` : 'the in-cluster configuration');
  const config = new PooledKubeConfig(userAgent);
  const { clusters, users, contexts, currentContext } = found;
  const current = found.getCurrentCluster();
  config.loadFromOptions({
    clusters: clusters.map((cluster) => (cluster === current ? withProxy(cluster) : cluster)),
    users,
    contexts,
    currentContext,
  });
  return config;
}

/** Whether there is no kubeconfig, so that the service account of the pod is what is used. */
export function usesServiceAccount(source: ConfigurationSource): boolean {
  return filesOf(source).length === 0;
}

function filesOf({ kubeconfig }: ConfigurationSource): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) {
    const existing = listed.filter((file) => existsSync(file));
    if (existing.length > 0) return existing;
    throw new ConfigurationError(`KUBECONFIG names no file that exists: ${listed.join(', ')}; fix it, unset it, or use --kubeconfig`);
  }
  const home = findHomeDir();
  const own = home === null ? undefined : join(home, '.kube', 'config');
  return own !== undefined && existsSync(own) ? [own] : [];
}

/** client-node's last resorts, without the very last: an API server on http://localhost:8080 is no longer a thing. */
function inClusterConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (config.getCurrentUser()?.authProvider === undefined) {
    throw new ConfigurationError(
      'no API server is configured: there is no KUBECONFIG, no ~/.kube/config, and no service account as in a pod; name a kubeconfig with --kubeconfig',
    );
  }
  if (!process.env['KUBERNETES_SERVICE_HOST'] || !process.env['KUBERNETES_SERVICE_PORT']) {
    throw new ConfigurationError(
      'there is a service account, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as they are in a pod; name a kubeconfig with --kubeconfig',
    );
  }
  return config;
}

function check(config: KubeConfig, origin: string): void {
  const context = contextOf(config, origin);
  const cluster = config.getCluster(context.cluster);
  const user = config.getUser(context.user);
  if (!cluster) throw missing('cluster', context.cluster, context, origin);
  if (!user) throw missing('user', context.user, context, origin);
  checkServer(cluster, origin);
  checkProxy(cluster, origin);
  checkFiles(cluster, user, origin);
}

function contextOf(config: KubeConfig, origin: string): Context {
  const known = config.contexts.map(({ name }) => name).join(', ') || 'none';
  const name = config.currentContext as string | undefined;
  if (!name) {
    throw new ConfigurationError(
      `${origin} has no current context; name one with --context or \`kubectl config use-context\` (it has: ${known})`,
    );
  }
  const context = config.contexts.find((one) => one.name === name);
  if (!context) {
    throw new ConfigurationError(`${origin} has no context ${name}; name another with --context (it has: ${known})`);
  }
  return context;
}

function missing(what: 'cluster' | 'user', name: string | undefined, context: Context, origin: string): ConfigurationError {
  const fault = name ? `names the ${what} ${name}, which is not there` : `names no ${what}`;
  return new ConfigurationError(
    `context ${context.name} of ${origin} ${fault}; add it (\`kubectl config set-${what === 'user' ? 'credentials' : what}\`) or use another context`,
  );
}

function checkServer({ name, server, skipTLSVerify }: Cluster, origin: string): void {
  const protocol = URL.canParse(server) ? new URL(server).protocol : undefined;
  if (protocol === 'https:' || (protocol === 'http:' && skipTLSVerify)) return;
  if (protocol === 'http:') {
    throw new ConfigurationError(
      `cluster ${name} of ${origin} has the server ${server}: Kubernetes' client for JavaScript takes http:// only with \`insecure-skip-tls-verify: true\` beside it; add that, or use https://`,
    );
  }
  throw new ConfigurationError(`cluster ${name} of ${origin} has the server ${server}, which is not a URL such as https://10.0.0.1:6443`);
}

function checkProxy({ name, proxyUrl }: Cluster, origin: string): void {
  if (!proxyUrl || (URL.canParse(proxyUrl) && PROXIES.includes(new URL(proxyUrl).protocol))) return;
  throw new ConfigurationError(`cluster ${name} of ${origin} has a proxy-url that is none of http://, https:// and socks5://`);
}

/** client-node knows the kubeconfig's proxy-url only, and not the environment's, which counts where the kubeconfig names none. */
function withProxy(cluster: Cluster): Cluster {
  const proxyUrl = cluster.proxyUrl || proxyFor(cluster.server, process.env);
  return proxyUrl ? { ...cluster, proxyUrl } : cluster;
}

function checkFiles(cluster: Cluster, user: User, origin: string): void {
  const files: readonly (readonly [what: string, file: unknown])[] = [
    [`certificate-authority of cluster ${cluster.name}`, cluster.caFile],
    [`client-certificate of user ${user.name}`, user.certFile],
    [`client-key of user ${user.name}`, user.keyFile],
    [`token file of user ${user.name}`, fields(fields(user.authProvider)['config'])['tokenFile']],
  ];
  for (const [what, file] of files) {
    if (text(file) !== '' && !isReadable(text(file))) {
      throw new ConfigurationError(`the ${what} in ${origin} is ${text(file)}, which cannot be read`);
    }
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
