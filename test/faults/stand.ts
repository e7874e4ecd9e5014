import { connect, type Connection } from '../../src/client/transport/connection.ts';
import { App } from '../../src/cli/app.ts';
import { FieldsLog, type LogLine } from '../controller/support/fields-log.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { listeningOn } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import { useGround, type Cluster, type Ground } from './ground.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { FaultProxy } from './proxy.ts';
import { ScaledClock } from './scaled-clock.ts';
import { errorsOf, WATCHED, watchesAll } from './watched.ts';

const LAST_LINES = 30;
const PATIENCE = { deadlineMs: 45_000, everyMs: 25 } as const;

/** A place for the stand of each test of a `describe`: to be called in its body. The operator ends with the test. */
export function useStand(): StandSlot {
  const slot = new StandSlot(useGround());
  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') slot.showLog();
    await slot.end();
  });
  return slot;
}

/** What `useStand` gives: at most one stand at a time. */
export class StandSlot {
  readonly ground: Ground;
  #stand: Stand | undefined;

  constructor(ground: Ground) {
    this.ground = ground;
  }

  /** Makes the small cluster again. The operator does not run yet. */
  async on(scale: number): Promise<Stand> {
    this.#stand = await Stand.on(this.ground, scale);
    return this.#stand;
  }

  showLog(): void {
    console.error(this.#stand?.log.lines.filter(({ message }) => message !== 'request').slice(-LAST_LINES));
  }

  async end(): Promise<void> {
    await this.#stand?.end();
    this.#stand = undefined;
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

  /** Makes a small cluster again. The operator does not run yet; it will as the admin where no user is named. */
  static async on(ground: Ground, scale: number, { cluster, user }: { cluster?: Cluster; user?: string } = {}): Promise<Stand> {
    await ground.reset(cluster);
    return new Stand(ground, await FaultProxy.start(ground.controlPlane), scale, user);
  }

  /** @param staleAfterMs of its clock, as the flag `--stale-after` */
  start(staleAfterMs = 120_000): void {
    const app = new App({
      connection: this.#connection,
      clock: this.clock,
      log: this.log,
      version: '0.0.0',
      addresses: { metrics: { host: '127.0.0.1', port: 0 }, health: 'disabled', page: 'disabled' },
      clusterName: undefined,
      defaultReport: 'cluster',
      graceScale: 0,
      staleAfterMs,
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
    await eventually(() => this.ground.expectTruth(this.clock.time()), PATIENCE);
  }

  async untilWatching(): Promise<void> {
    await waitFor(
      'all watches to run',
      async () => {
        return watchesAll(await this.exposition()) && this.proxy.watches().length >= Object.keys(WATCHED).length;
      },
      PATIENCE,
    );
  }

  /** The exposition of its metrics. */
  async exposition(): Promise<string> {
    const listening = await waitFor('the port', () => this.log.lines.find(({ message }) => message === 'listening'), PATIENCE);
    const response = await fetch(`http://${listeningOn(listening.fields, 'metrics').join()}/metrics`);
    return response.text();
  }

  /** The series of one metric. */
  async series(name: string): Promise<Readonly<Record<string, number>>> {
    return seriesOf(await this.exposition(), name);
  }

  /** How many errors of a reason the reflectors have counted, by kind. */
  async errors(reason: string): Promise<Readonly<Record<string, number>>> {
    return errorsOf(await this.exposition(), reason);
  }

  /** What the reflectors have logged, of all levels but the lowest, beside that lists come in pages, which is no error. */
  get logged(): readonly LogLine[] {
    const lines = this.log.lines.filter(({ level, fields }) => level !== 'debug' && fields['resource'] !== undefined);
    return lines.filter(({ message }) => !/^listing .+ in pages$/.test(message));
  }
}
