import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SeriesOfObjects } from '../../core/overview/measures.ts';
import { EVENT_RESULTS, WRITE_RESULTS, type EventResult, type WriteResult } from '../../controller/results.ts';
import { ClusterMetrics, type ClusterState } from './cluster-metrics.ts';
import { ReflectorMetrics } from './reflector-metrics.ts';
import { ReportMetrics, type ReportState } from './report-metrics.ts';

/** prom-client's gauges whose names end as only a counter's may; promtool refuses them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export interface MetricsOptions extends SeriesOfObjects {
  readonly version: string;
}

/** What a scrape shows of the cluster and its reports. */
export interface Scrape extends ClusterState, ReportState {
  readonly queueDepth: number;
  /** Whether this replica writes the reports. */
  readonly leads: boolean;
}

/** All metrics of the operator. */
export class Metrics {
  readonly registry = new Registry();
  readonly reflectors: ReflectorMetrics;
  readonly #cluster: ClusterMetrics;
  readonly #reports: ReportMetrics;
  readonly #evaluations: Histogram;
  readonly #writes: Counter;
  readonly #events: Counter;
  readonly #queueDepth: Gauge;
  readonly #leader: Gauge;

  constructor({ version, ...objects }: MetricsOptions) {
    const registers = [this.registry];
    this.#cluster = new ClusterMetrics(this.registry, objects);
    this.#reports = new ReportMetrics(this.registry);
    this.reflectors = new ReflectorMetrics(this.registry);
    this.#evaluations = new Histogram({
      name: 'dualstack_evaluation_duration_seconds',
      help: 'Duration of evaluations, including time yielded to other work.',
      buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.#writes = new Counter({
      name: 'dualstack_report_writes_total',
      help: 'Writes of report statuses by result: written, conflict, superseded or failed.',
      labelNames: ['result'],
      registers,
    });
    this.#events = new Counter({
      name: 'dualstack_events_total',
      help: 'Kubernetes Events by result: written, dropped by the rate limit, or failed.',
      labelNames: ['result'],
      registers,
    });
    for (const result of EVENT_RESULTS) this.#events.inc({ result }, 0);
    // A counter that begins with its first event hides that event from increase().
    for (const result of WRITE_RESULTS) this.#writes.inc({ result }, 0);
    this.#queueDepth = new Gauge({
      name: 'dualstack_queue_depth',
      help: 'Changes that wait for the running evaluation to end.',
      registers,
    });
    this.#leader = new Gauge({
      name: 'dualstack_leader',
      help: '1 on the replica that writes the reports, 0 on the others.',
      registers,
    });
    const build = new Gauge({
      name: 'dualstack_build_info',
      help: 'Always 1; the labels are the versions of the operator and of Node.js.',
      labelNames: ['version', 'node_version'],
      registers,
    });
    build.set({ version, node_version: process.version }, 1);
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  onEvaluated(seconds: number): void {
    this.#evaluations.observe(seconds);
  }

  onWrite(result: WriteResult): void {
    this.#writes.inc({ result });
  }

  onEvent(result: EventResult): void {
    this.#events.inc({ result });
  }

  /** Updates the series that are computed from state. Call it between evaluations; the steps that are left may be taken at any time. */
  update(scrape: Scrape): Generator<void, void> {
    this.#cluster.update(scrape);
    this.#queueDepth.set(scrape.queueDepth);
    this.#leader.set(scrape.leads ? 1 : 0);
    return this.#reports.update(scrape);
  }

  /** The exposition in Prometheus' text format. */
  async text(): Promise<string> {
    return this.registry.metrics();
  }
}
