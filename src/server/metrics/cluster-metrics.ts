import { Gauge, type Registry } from 'prom-client';
import type { State } from '../../core/overview/layers.ts';
import { MEASURES, type Measure, type SeriesOfObjects } from '../../core/overview/measures.ts';

/** What the metrics of the cluster are computed from: the store, and an evaluation for detected families that agrees with it. */
export interface ClusterState extends State {
  /** Whether an evaluation has completed. */
  readonly ready: boolean;
}

/** The metrics of the cluster itself. */
export class ClusterMetrics {
  readonly #series: SeriesOfObjects;
  readonly #gauges: readonly { readonly gauge: Gauge; readonly measure: Measure }[];

  constructor(registry: Registry, series: SeriesOfObjects) {
    this.#series = series;
    this.#gauges = MEASURES.filter((measure) => measure.isWanted?.(series) ?? true).map((measure) => ({
      measure,
      gauge: new Gauge({
        name: `dualstack_${measure.name}`,
        help: measure.help,
        labelNames: [...measure.labelNames],
        registers: [registry],
      }),
    }));
  }

  /** Replaces all series with those of a state. */
  update(state: ClusterState): void {
    for (const { gauge, measure } of this.#gauges) {
      gauge.reset();
      if (!state.ready) continue;
      for (const [labels, value] of measure.samples(state, this.#series)) gauge.set(labels, value);
    }
  }
}
