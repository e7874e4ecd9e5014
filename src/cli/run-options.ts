import type { LabelSelector } from '../core/kinds/label-selector.ts';
import type { LeaderTimings } from '../client/election/leader-timings.ts';
import { formatBindAddress, isLoopback, type OptionalAddress } from '../server/bind-address.ts';
import { ADDRESS_FLAGS, isProtected, PURPOSES, type Addresses } from '../server/purposes.ts';
import type { TlsFiles } from '../server/tls-files.ts';

/** The flags of `run`; durations are in milliseconds. */
export interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly metricsBindAddress: OptionalAddress;
  readonly healthProbeBindAddress: OptionalAddress;
  readonly pageBindAddress: OptionalAddress;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly metricsAuth: 'none' | 'kubernetes';
  readonly clusterName?: string;
  readonly defaultReport: boolean;
  readonly graceScale: number;
  readonly virtualNodeSelector?: LabelSelector;
  readonly staleAfter: number;
  readonly metricsPerService: boolean;
  readonly metricsPerNode: boolean;
  readonly leaderElect?: boolean;
  readonly leaderElectLeaseDuration: number;
  readonly leaderElectRenewDeadline: number;
  readonly leaderElectRetryPeriod: number;
  readonly leaderElectResourceNamespace?: string;
  readonly leaderElectResourceName: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The timings of the election. */
export function timingsOf(options: RunOptions): LeaderTimings {
  return {
    leaseDuration: options.leaderElectLeaseDuration,
    renewDeadline: options.leaderElectRenewDeadline,
    retryPeriod: options.leaderElectRetryPeriod,
  };
}

/** Where each server listens. */
export function addressesOf(options: RunOptions): Addresses {
  return { metrics: options.metricsBindAddress, health: options.healthProbeBindAddress, page: options.pageBindAddress };
}

/**
 * What is wrong with the address of the page; undefined where nothing is. The page names objects of all namespaces, and so is not for everybody
 * who reaches the address.
 */
export function pageFault({ pageBindAddress, metricsAuth }: RunOptions): string | undefined {
  if (pageBindAddress === 'disabled' || metricsAuth !== 'none' || isLoopback(pageBindAddress)) return undefined;
  const flag = `${ADDRESS_FLAGS.page}=${formatBindAddress(pageBindAddress)}`;
  return `${flag} would show the page to everyone who reaches that address; use a loopback address such as localhost:8082, or turn authorization on with --metrics-auth=kubernetes`;
}

/** Whether a server takes tokens that others on the network may read. */
export function takesTokensOverPlainHttp(options: RunOptions): boolean {
  if (options.metricsAuth === 'none' || tlsOf(options)) return false;
  const addresses = addressesOf(options);
  return PURPOSES.some((purpose) => {
    const address = addresses[purpose];
    return address !== 'disabled' && isProtected(purpose, address);
  });
}

/** The files to serve TLS with; undefined where they are not named. */
export function tlsOf({ tlsCertFile: certFile, tlsPrivateKeyFile: keyFile }: RunOptions): TlsFiles | undefined {
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
}
