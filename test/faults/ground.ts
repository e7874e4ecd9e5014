import { isDeepStrictEqual } from 'node:util';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { connect, type Connection } from '../../src/client/transport/connection.ts';
import type { ControlPlane, ControlPlaneOptions } from '../control-plane/control-plane.ts';
import { installDefinition, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { giveBack, takeControlPlane } from '../support/shared-control-planes.ts';
import { Admin } from './admin.ts';
import { KINDS, Objects, type Kind, type Look } from './objects.ts';
import { storeOf, statusOf, timeless } from './truth.ts';

/** Objects by kind and number, and how each looks. */
export type Cluster = readonly (readonly [Kind, number, Look])[];

/** A small cluster with something to find in it. */
const CLUSTER: Cluster = [
  ['Node', 0, 1],
  ['Node', 1, 0],
  ['Pod', 0, 1],
  ['Pod', 1, 0],
  ['Service', 0, 1],
  ['Service', 1, 0],
  ['EndpointSlice', 0, 0],
];

/** A small cluster in which nothing is wrong, and one Service of one family. */
export const HEALTHY: Cluster = [
  ['Node', 0, 1],
  ['Node', 1, 1],
  ['Pod', 0, 1],
  ['Pod', 1, 1],
  ['Service', 0, 2],
  ['Service', 3, 0],
];

const PATIENCE = { deadlineMs: 45_000, everyMs: 25 } as const;

/** What the operator that is verified against the truth can know. */
interface Circumstances {
  /** Milliseconds since the epoch by its clock, where that is not the machine's. */
  readonly now?: () => number;
  /** The kinds that it may not read. */
  readonly forbidden?: readonly string[];
}

const START_MS = 120_000;

/** A control plane without controllers, so that a cluster has the objects that are written into it and no others. */
export function startBareControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  return takeControlPlane({ users: [OPERATOR], ...options, controllerManager: false, scheduler: false, kwok: false });
}

/** A ground with the definition of reports, for the tests of a `describe`: to be called in its body. */
export function useGround(options: ControlPlaneOptions = {}): Ground {
  const ground = new Ground();
  before('start etcd and an API server', async function () {
    this.timeout(START_MS);
    ground.begin(await startBareControlPlane(options));
    await installDefinition(ground.controlPlane);
  });
  after('give them back', async function () {
    this.timeout(START_MS);
    await ground.end();
  });
  return ground;
}

interface Parts {
  readonly controlPlane: ControlPlane;
  readonly connection: Connection;
  readonly admin: Admin;
  readonly objects: Objects;
}

/** A cluster without controllers, whose objects a test writes. */
export class Ground {
  #parts: Parts | undefined;

  /** Takes a control plane, which it gives back in the end. */
  begin(controlPlane: ControlPlane): void {
    const connection = connect({ kubeconfig: controlPlane.kubeconfig, version: '0.0.0' });
    const admin = new Admin(connection);
    this.#parts = { controlPlane, connection, admin, objects: new Objects(admin) };
  }

  async end(): Promise<void> {
    await this.#parts?.connection.close();
    if (this.#parts) await giveBack(this.#parts.controlPlane);
  }

  get controlPlane(): ControlPlane {
    return this.#running.controlPlane;
  }

  /** The admin's, which no proxy is in the way of. */
  get connection(): Connection {
    return this.#running.connection;
  }

  get admin(): Admin {
    return this.#running.admin;
  }

  get objects(): Objects {
    return this.#running.objects;
  }

  /** A small cluster, and no report. */
  async reset(cluster = CLUSTER): Promise<void> {
    await this.objects.clear();
    for (const { metadata } of await this.#reports()) await this.admin.delete(`${REPORTS_PATH}/${metadata.name}`);
    for (const [kind, number, look] of cluster) await this.objects.put(kind, number, look);
  }

  /** Changes something that a report and every watch but that of reports must notice. */
  async change(): Promise<void> {
    for (const kind of KINDS) await this.objects.put(kind, 2, 1);
    await this.objects.put('Service', 1, 1);
    await this.objects.delete('EndpointSlice', 0);
  }

  /** Waits until a report says what is true, and returns it. */
  async untilTrue({ name = 'cluster', ...circumstances }: Circumstances & { readonly name?: string } = {}): Promise<DualStackReport> {
    return eventually(async () => {
      const report = await this.admin.get<DualStackReport>(`${REPORTS_PATH}/${name}`);
      await this.expectTrue([report], circumstances);
      return report;
    }, PATIENCE);
  }

  /**
   * Compares what all reports say with what is true at a time.
   * @returns how many they are
   * @throws Error with both where they differ, or where there is no report
   */
  async expectTruth(now: number): Promise<number> {
    const reports = await this.#reports();
    if (reports.length === 0) throw new Error('there is no report');
    await this.expectTrue(reports, { now: () => now });
    return reports.length;
  }

  /** @throws Error where a report does not say what is true */
  async expectTrue(reports: readonly DualStackReport[], { now = Date.now, forbidden = [] }: Circumstances = {}): Promise<void> {
    const store = await storeOf(this.connection, forbidden);
    for (const report of reports) {
      const [said, truth] = [timeless(report.status), statusOf(report, store, now())];
      if (!isDeepStrictEqual(said, truth)) throw new Error(`${report.metadata.name} is not true: ${JSON.stringify([said, truth])}`);
    }
  }

  async #reports(): Promise<readonly DualStackReport[]> {
    return (await this.admin.get<{ readonly items: readonly DualStackReport[] }>(REPORTS_PATH)).items;
  }

  get #running(): Parts {
    if (!this.#parts) throw new Error('the control plane is not running yet: use it in hooks and tests only');
    return this.#parts;
  }
}
