import type { LeaderTimings } from '../kubernetes/leader-timings.ts';
import type { TlsFiles } from '../observability/tls-files.ts';

/** The flags of `run`; durations are in milliseconds. */
export interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly bindAddress: string;
  readonly port: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly metricsAuth: 'none' | 'kubernetes';
  readonly page?: boolean;
  readonly defaultReport: boolean;
  readonly graceScale: number;
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

/** Whether the page is served: it names objects, as metrics do, so that whoever closes these need not think of it. */
export function servesPage({ page, metricsAuth }: RunOptions): boolean {
  return page ?? metricsAuth === 'none';
}

/** The files to serve TLS with; undefined where they are not named. */
export function tlsOf({ tlsCertFile: certFile, tlsPrivateKeyFile: keyFile }: RunOptions): TlsFiles | undefined {
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
}
