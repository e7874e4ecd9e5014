import { existsSync } from 'node:fs';
import { startControlPlane, type ControlPlane } from '../test/control-plane/control-plane.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../test/support/cluster.ts';
import { waitFor } from '../test/support/waiting.ts';
import { Api } from './api.ts';
import { Filler, type Filled } from './filler.ts';
import { BUNDLE, Operator } from './operator.ts';
import type { BenchOptions, Size } from './options.ts';

/** What the measures work with. */
export interface Bench {
  readonly options: BenchOptions;
  readonly controlPlane: ControlPlane;
  readonly api: Api;
  readonly filler: Filler;
  /** Starts the operator as its ServiceAccount; it is stopped with the benchmark at the latest. */
  readonly startOperator: (nodeFlags?: readonly string[]) => Operator;
  /** Fills the cluster, and restarts the API server on it; what ran there before must have ended. */
  readonly fill: (onFilled: (filled: Filled) => void) => Promise<void>;
}

/** What the filler writes is no more than so many bytes a pod, other objects and indexes included. */
const ETCD_BYTES_PER_POD = 20_000;
/** A change takes as much as a pod until etcd is compacted, which is every five minutes: time for most of a million of them. */
const ETCD_BYTES_FOR_CHANGES = 16 * 2 ** 30;
/** The API server holds about 47 kB for each pod: it has all of them twice. Go then collects garbage before it takes much more. */
const SERVER_BYTES_PER_POD = 70_000;
const SERVER_LEAST_BYTES = 2 ** 30;

/**
 * Starts a control plane without controllers, so that nothing but the benchmark changes the cluster, and runs some work on it.
 * @returns what the work returns, when everything that was started has ended
 */
export async function withBench<T>(options: BenchOptions, work: (bench: Bench) => Promise<T>): Promise<T> {
  if (!existsSync(BUNDLE)) throw new Error('there is no bundle to measure: `npm run build` makes it');
  const operators: Operator[] = [];
  const controlPlane = await startControlPlane(controlPlaneOptions(options.size));
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
    return await work({
      options,
      controlPlane,
      api,
      filler,
      startOperator,
      fill: (onFilled) => fillWhileDown(controlPlane, api, filler, onFilled),
    });
  } finally {
    await Promise.all(operators.map((operator) => operator.stop()));
    api.close();
    await controlPlane.stop();
  }
}

function controlPlaneOptions({ pods }: Size): Parameters<typeof startControlPlane>[0] {
  const limit = SERVER_LEAST_BYTES + pods * SERVER_BYTES_PER_POD;
  return {
    controllerManager: false,
    scheduler: false,
    kwok: false,
    users: [OPERATOR],
    etcdQuotaBytes: ETCD_BYTES_FOR_CHANGES + pods * ETCD_BYTES_PER_POD,
    // Of everybody's requests, the log would slow the API server down.
    audit: [OPERATOR.name],
    // It reads all pods before it is ready.
    startDeadlineMs: 600_000,
    environment: { GOMEMLIMIT: String(limit) },
  };
}

async function fillWhileDown(controlPlane: ControlPlane, api: Api, filler: Filler, onFilled: (filled: Filled) => void): Promise<void> {
  await controlPlane.restartApiServer({}, async () => {
    onFilled(await filler.fill());
  });
  // Custom resources are served a little later than all others.
  await waitFor('DualStackReports to be served', () => api.get(`${REPORTS_PATH}?resourceVersion=0`));
}
