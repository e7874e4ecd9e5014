import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pino } from 'pino';
import { usesServiceAccount } from '../client/auth/configuration.ts';
import { connect, type Connection } from '../client/transport/connection.ts';
import { systemClock } from '../client/transport/clock.ts';
import { ConfigurationError } from '../client/auth/kubeconfig-files.ts';
import type { Log } from '../client/transport/log.ts';
import { ListenError } from '../server/listen.ts';
import { TlsFilesError } from '../server/tls-files.ts';
import { App, type Election } from './app.ts';
import { VERSION } from './version.ts';
import type { ExitCode } from './exit-code.ts';
import { addressesOf, takesTokensOverPlainHttp, timingsOf, tlsOf, type RunOptions } from './run-options.ts';

/**
 * Runs the operator until SIGTERM or SIGINT.
 * @returns 0 when it was stopped; 1 when it cannot go on, or got a second signal before it had ended, which it has logged
 */
export async function run(options: RunOptions): Promise<ExitCode> {
  const log = pino(
    { level: options.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  );
  const stop = new AbortController();
  const hurried = Promise.withResolvers<ExitCode>();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      log.warn({ signal }, 'second signal received, exiting immediately');
      hurried.resolve(1);
      return;
    }
    log.info({ signal }, 'stopping');
    stop.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    return await Promise.race([serve(options, log, stop.signal), hurried.promise]);
  } catch (error) {
    log.fatal(isExplained(error) ? { reason: error.message } : { err: error }, 'the operator cannot continue');
    return 1;
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
}

async function serve(options: RunOptions, log: Log, signal: AbortSignal): Promise<ExitCode> {
  const connection: Connection = connect({ kubeconfig: options.kubeconfig, context: options.context, version: VERSION });
  if (takesTokensOverPlainHttp(options))
    log.warn({}, 'tokens for the metrics come over plain HTTP, where others may read them; serve TLS with --tls-cert-file');
  log.info({ version: VERSION, node: process.version, server: connection.server }, 'starting');
  try {
    const app = new App({
      connection,
      log,
      clock: systemClock,
      version: VERSION,
      addresses: addressesOf(options),
      tls: tlsOf(options),
      metricsAuth: options.metricsAuth,
      clusterName: options.clusterName,
      defaultReport: options.defaultReport ? 'cluster' : undefined,
      graceScale: options.graceScale,
      virtualNodeSelector: options.virtualNodeSelector,
      staleAfterMs: options.staleAfter,
      metricsPerService: options.metricsPerService,
      metricsPerNode: options.metricsPerNode,
      election: electionOf(options, connection),
    });
    await app.run(signal);
    return 0;
  } finally {
    await connection.close();
  }
}

/** A process on somebody's kubeconfig may have no permission for a lease, nor a namespace for it, and is mostly alone: it does without. */
function electionOf(options: RunOptions, { namespace }: Connection): Election | undefined {
  if (!(options.leaderElect ?? usesServiceAccount(options))) return undefined;
  return {
    lease: { namespace: options.leaderElectResourceNamespace ?? (namespace || 'default'), name: options.leaderElectResourceName },
    identity: `${hostname()}_${randomUUID()}`,
    timings: timingsOf(options),
  };
}

/** Errors whose message says what to do; of all others the stack is needed. */
function isExplained(error: unknown): error is Error {
  return error instanceof ConfigurationError || error instanceof ListenError || error instanceof TlsFilesError;
}
