import type {
  CheckSettings,
  DualStackReport,
  DualStackReportSpec,
  DualStackReportStatus,
  SeverityOverride,
} from '../../../src/core/report/types.ts';
import { Metrics, type Scrape } from '../../../src/server/metrics/metrics.ts';
import { NOW, type Evaluated } from '../../core/build.ts';

export interface Recorded {
  readonly ready?: boolean;
  readonly perService?: boolean;
  readonly perNode?: boolean;
  readonly leads?: boolean;
  readonly stale?: boolean;
  readonly reports?: readonly DualStackReport[];
}

export function metricsOf({ perService = false, perNode = false }: Recorded = {}): Metrics {
  return new Metrics({ version: '1.2.3', perService, perNode });
}

/** What a scrape shows of a cluster and of reports on it, all of which expect what is detected. */
export function scrapeOf(
  { store, evaluation }: Evaluated,
  { ready = true, reports = [], leads = true, stale = false }: Recorded = {},
): Scrape {
  return { store, evaluation, ready, views: reports.map((report) => ({ report, evaluation })), stale, now: NOW, queueDepth: 0, leads };
}

/** The text of a first scrape. */
export async function exposition(cluster: Evaluated, recorded: Recorded = {}): Promise<string> {
  const metrics = metricsOf(recorded);
  Array.from(metrics.update(scrapeOf(cluster, recorded)));
  return metrics.text();
}

/** The series of some metrics as they are written, without help and types. */
export function linesOf(text: string, ...prefixes: readonly string[]): string[] {
  return text.split('\n').filter((line) => prefixes.some((prefix) => line.startsWith(prefix)));
}

/** What a spec has for checks that it gives these severities. */
export function checksOf(severities: Readonly<Record<string, SeverityOverride>>): readonly CheckSettings[] {
  return Object.entries(severities).map(([name, severity]) => ({ name, severity }));
}

export function reportNamed(name: string, spec: DualStackReportSpec = {}, status?: DualStackReportStatus): DualStackReport {
  return { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name }, spec, ...(status ? { status } : {}) };
}

/** The series of the stacks of layers as they are written. @param present the present stack of each layer */
export function layerStacks(present: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(present).flatMap(([layer, its]) =>
    ['DualStack', 'IPv4', 'IPv6', 'Mixed', 'Unknown'].map(
      (stack) => `dualstack_layer_stack{layer="${layer}",stack="${stack}"} ${stack === its ? 1 : 0}`,
    ),
  );
}
