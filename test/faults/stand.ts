import { isDeepStrictEqual } from 'node:util';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { connect, type Connection } from '../../src/kubernetes/connection.ts';
import { App } from '../../src/operator/app.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { FieldsLog, type LogLine } from '../operator/support/fields-log.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { waitFor } from '../support/waiting.ts';
import { Admin } from './admin.ts';
import type { Asked } from './asked.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { KINDS, Objects, type Kind, type Look } from './objects.ts';
import { FaultProxy } from './proxy.ts';
import { ScaledClock } from './scaled-clock.ts';
import { inventoryOf, statusOf, timeless } from './truth.ts';

/** All kinds that the operator watches, with the plurals of their paths. */
export const WATCHED: Readonly<Record<string, string>> = {
  Node: 'nodes',
  Pod: 'pods',
  Service: 'services',
  EndpointSlice: 'endpointslices',
  ServiceCIDR: 'servicecidrs',
  Namespace: 'namespaces',
  DualStackReport: 'dualstackreports',
};

const REPORT = `${REPORTS_PATH}/cluster`;
const PATIENCE = { deadlineMs: 45_000, everyMs: 25 } as const;

/** Requests by the kind that they are for, in the order in which they came. */
export function byKind(requests: readonly Asked[]): ReadonlyMap<string, readonly Asked[]> {
  return new Map(Object.entries(WATCHED).map(([kind, plural]) => [kind, requests.filter(({ resource }) => resource === plural)]));
}

type Cluster = readonly (readonly [Kind, number, Look])[];

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

/** What the operator that is held to the truth can know. */
interface Circumstances {
  /** Milliseconds since the epoch by its clock, where that is not the machine's. */
  readonly now?: () => number;
  /** The kinds that it may not read. */
  readonly forbidden?: readonly string[];
}

/** A cluster without controllers, whose objects a test writes. */
export class Ground {
  readonly controlPlane: ControlPlane;
  readonly connection: Connection;
  readonly admin: Admin;
  readonly objects: Objects;

  constructor(controlPlane: ControlPlane) {
    this.controlPlane = controlPlane;
    this.connection = connect({ kubeconfig: controlPlane.kubeconfig, version: '0.0.0' });
    this.admin = new Admin(this.connection);
    this.objects = new Objects(this.admin);
  }

  /** A small cluster, and no report. */
  async reset(cluster = CLUSTER): Promise<void> {
    await this.objects.clear();
    await this.admin.delete(REPORT);
    for (const [kind, number, look] of cluster) await this.objects.put(kind, number, look);
  }

  /** Changes something of which a report and every watch but that of reports tells. */
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

  /** @throws Error where a report does not say what is true */
  async expectTrue(reports: readonly DualStackReport[], { now = Date.now, forbidden = [] }: Circumstances = {}): Promise<void> {
    const inventory = await inventoryOf(this.connection, forbidden);
    for (const report of reports) {
      const truth = statusOf(report, inventory, now());
      if (!isDeepStrictEqual(timeless(report.status), truth))
        throw new Error(`${report.metadata.name} is not true: ${JSON.stringify([timeless(report.status), truth])}`);
    }
  }
}

/** The operator as a whole in this process, on a clock that runs faster, behind a proxy that breaks things. */
export class Stand {
  readonly ground: Ground;
  readonly proxy: FaultProxy;
  readonly clock: ScaledClock;
  readonly log = new FieldsLog();
  readonly #connection: Connection;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(ground: Ground, proxy: FaultProxy, scale: number, user?: string) {
    this.ground = ground;
    this.proxy = proxy;
    this.clock = new ScaledClock(scale);
    this.#connection = connect({ kubeconfig: kubeconfigVia(ground.controlPlane, proxy, user), version: '0.0.0' });
  }

  /** Makes a small cluster anew. The operator does not run yet; it will as the admin where no user is named. */
  static async on(ground: Ground, scale: number, { cluster, user }: { cluster?: Cluster; user?: string } = {}): Promise<Stand> {
    await ground.reset(cluster);
    return new Stand(ground, await FaultProxy.start(ground.controlPlane), scale, user);
  }

  start(): void {
    const app = new App({
      connection: this.#connection,
      clock: this.clock,
      log: this.log,
      version: '0.0.0',
      bindAddress: '127.0.0.1',
      port: 0,
      defaultReport: 'cluster',
      graceScale: 0,
      staleAfterMs: 120_000,
      metricsPerService: false,
      metricsPerNode: false,
      tls: undefined,
      metricsAuth: 'none',
      election: undefined,
    });
    this.#running = app.run(this.#stop.signal);
    // Seen by `end` too, but not before something waits for it.
    this.#running.catch(() => undefined);
  }

  /** Ends the operator; throws what it has thrown. */
  async end(): Promise<void> {
    this.#stop.abort();
    try {
      await this.#running;
    } finally {
      await this.#connection.close();
      await this.proxy.close();
    }
  }

  /** Waits until every watch runs, and the report says what is true. */
  async untilTrue(): Promise<void> {
    await this.untilWatching();
    await this.ground.untilTrue({ now: () => this.clock.now() });
  }

  async untilWatching(): Promise<void> {
    await waitFor(
      'all watches to run',
      async () => {
        const states = Object.entries(await this.series('dualstack_reflector_state'));
        const watching = states.filter(([labels, value]) => labels.includes('state="watching"') && value === 1);
        return watching.length === Object.keys(WATCHED).length && this.proxy.watches().length >= watching.length;
      },
      PATIENCE,
    );
  }

  /** The exposition of all metrics. */
  async metrics(): Promise<string> {
    const listening = await waitFor('the port', () => this.log.lines.find(({ message }) => message === 'listening'), PATIENCE);
    const response = await fetch(`http://127.0.0.1:${String(listening.fields['port'])}/metrics`);
    return response.text();
  }

  /** The series of one metric. */
  async series(name: string): Promise<Readonly<Record<string, number>>> {
    return seriesOf(await this.metrics(), name);
  }

  /** How many errors of a reason the reflectors have counted, by kind. */
  async errors(reason: string): Promise<Readonly<Record<string, number>>> {
    const series = await this.series('dualstack_reflector_errors_total');
    return Object.fromEntries(Object.keys(WATCHED).map((kind) => [kind, series[`{kind="${kind}",reason="${reason}"}`] ?? 0]));
  }

  /** What the reflectors have logged, of all levels but the lowest. */
  get told(): readonly LogLine[] {
    return this.log.lines.filter(({ level, fields }) => level !== 'debug' && fields['resource'] !== undefined);
  }

  /** As `change` of its ground. */
  async change(): Promise<void> {
    await this.ground.change();
  }
}
