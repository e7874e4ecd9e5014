import { existsSync } from 'node:fs';
import { startControlPlane, type ControlPlane } from '../test/control-plane/control-plane.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../test/support/cluster.ts';
import { waitFor } from '../test/support/waiting.ts';
import { Api } from './api.ts';
import { Audit } from './audit.ts';
import { Filler, type Filled } from './filler.ts';
import { BUNDLE, Operator } from './operator.ts';
import type { BenchOptions, Size } from './options.ts';

/** What is in etcd, and how long it took to get there. */
export interface FilledServer extends Filled {
  readonly filledInMs: number;
}

/** What the measures work with. */
export interface Bench {
  readonly options: BenchOptions;
  readonly controlPlane: ControlPlane;
  readonly api: Api;
  readonly filler: Filler;
  readonly audit: Audit;
  /** Starts the operator as its ServiceAccount; it is stopped with the benchmark at the latest. */
  readonly startOperator: (nodeFlags?: readonly string[]) => Operator;
  /** Fills the cluster; what ran on the API server before must have ended. */
  readonly fill: () => Promise<FilledServer>;
}

/** What the filler writes is at most so many bytes a pod, other objects and indexes included; and as much again for changes. */
const ETCD_BYTES_PER_POD = 40_000;
const ETCD_LEAST_BYTES = 8 * 2 ** 30;
/** The API server holds about 47 kB for each pod: it has all of them twice. Go then collects garbage before it takes much more. */
const SERVER_BYTES_PER_POD = 58_000;
const SERVER_LEAST_BYTES = 2 ** 30;

/**
 * Starts a control plane without controllers, so that nothing but the benchmark changes the cluster, and runs some work on it.
 * @returns what the work returns, when everything that was started has ended
 */
export async function withBench<T>(options: BenchOptions, work: (bench: Bench) => Promise<T>): Promise<T> {
  if (!existsSync(BUNDLE)) throw new Error('there is no bundle to measure: `npm run build` makes it');
  const audit = new Audit(OPERATOR.name);
  const operators: Operator[] = [];
  const controlPlane = await startControlPlane(controlPlaneOptions(options.size, audit));
  const api = new Api(controlPlane);
  try {
    await installOperatorManifests(controlPlane);
    const filler = await Filler.build(controlPlane, options.size);
    const startOperator = (nodeFlags: readonly string[] = []): Operator => {
      const kubeconfig = controlPlane.kubeconfigFor(OPERATOR.name);
      const operator = Operator.start({ kubeconfig, home: controlPlane.dir, nodeFlags });
      operators.push(operator);
      return operator;
    };
    return await work({ options, controlPlane, api, filler, audit, startOperator, fill: () => fillWhileDown(controlPlane, api, filler) });
  } finally {
    await Promise.all(operators.map((operator) => operator.stop()));
    api.close();
    await controlPlane.stop();
    audit.remove();
  }
}

function controlPlaneOptions({ pods }: Size, audit: Audit): Parameters<typeof startControlPlane>[0] {
  const limit = SERVER_LEAST_BYTES + pods * SERVER_BYTES_PER_POD;
  return {
    controllerManager: false,
    scheduler: false,
    kwok: false,
    users: [OPERATOR],
    etcdQuotaBytes: ETCD_LEAST_BYTES + pods * ETCD_BYTES_PER_POD,
    // What was changed is dropped from etcd soon after: a million changes would fill it.
    apiServerFlags: ['--etcd-compaction-interval=30s', ...audit.flags],
    // It reads all pods before it is ready.
    startDeadlineMs: 600_000,
    environment: { GOMEMLIMIT: String(limit) },
  };
}

async function fillWhileDown(controlPlane: ControlPlane, api: Api, filler: Filler): Promise<FilledServer> {
  let filled: FilledServer | undefined;
  await controlPlane.restartApiServer({}, async () => {
    const started = performance.now();
    filled = { ...(await filler.fill()), filledInMs: performance.now() - started };
  });
  // Custom resources are served a little later than all others.
  await waitFor('DualStackReports to be served', () => api.get(`${REPORTS_PATH}?resourceVersion=0`));
  if (!filled) throw new Error('the API server was restarted, and nothing was filled');
  return filled;
}
