import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import type { DualStackReport } from '../src/core/report/types.ts';
import { REPORTS_PATH } from '../test/support/cluster.ts';
import { waitFor } from '../test/support/waiting.ts';
import type { Api } from './api.ts';

/** A status that was written, and when that was seen. */
export interface Write {
  /** As `performance.now()`. */
  readonly at: number;
  readonly report: DualStackReport;
}

interface ReportList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly DualStackReport[];
}

/** What a run of writes is evaluated by. */
export interface WriteSummary {
  readonly writes: number;
  /** Between two writes, in milliseconds; Infinity where there are not two. */
  readonly shortestGapMs: number;
  /** Writes that said nothing new, those aside that came long after the one before. */
  readonly needless: number;
}

/** The time of evaluation is refreshed after five minutes though nothing changed; a little less, for the clocks. */
const REFRESH_MS = 290_000;

/** Watches the statuses of all DualStackReports as they are written. */
export class ReportWatch {
  /** Since the watch began. */
  readonly writes: Write[] = [];
  readonly #before: readonly Write[];
  readonly #stream: IncomingMessage;

  private constructor(present: readonly DualStackReport[], stream: IncomingMessage) {
    this.#before = present.filter(isReported).map((report) => ({ at: -Infinity, report }));
    this.#stream = stream;
    stream.on('error', () => undefined);
    createInterface(stream).on('line', (line) => {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: DualStackReport };
      if (type !== 'DELETED' && isReported(object)) this.writes.push({ at: performance.now(), report: object });
    });
  }

  /** @returns once the watch has started */
  static async start(api: Api): Promise<ReportWatch> {
    const { metadata, items } = await api.get<ReportList>(REPORTS_PATH);
    const query = `watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=86400`;
    return new ReportWatch(items, await api.stream(`${REPORTS_PATH}?${query}`));
  }

  /** Waits for the first write after the watch began. */
  async first(deadlineMs: number): Promise<Write> {
    return waitFor('the first report', () => this.writes[0], { deadlineMs, everyMs: 2 });
  }

  /** Evaluates the writes since a time; what was said before is what the first of them is compared with. */
  summarySince(start: number): WriteSummary {
    const all = [...this.#before, ...this.writes];
    const from = all.findIndex(({ at }) => at >= start);
    const recent = from < 0 ? [] : all.slice(Math.max(0, from - 1));
    const pairs = recent.slice(1).map((write, index) => ({ write, before: recent[index] }));
    const gaps = pairs.map(({ write, before }) => write.at - (before?.at ?? -Infinity));
    const needless = pairs.filter(({ write, before }, index) => (gaps[index] ?? 0) < REFRESH_MS && before && saysTheSame(write, before));
    return {
      writes: from < 0 ? 0 : all.length - from,
      shortestGapMs: Math.min(...gaps),
      needless: needless.length,
    };
  }

  stop(): void {
    this.#stream.destroy();
  }
}

function isReported({ status }: DualStackReport): boolean {
  return status?.lastEvaluationTime !== undefined;
}

function saysTheSame(one: Write, other: Write): boolean {
  const content = ({ report }: Write): object => ({ ...report.status, lastEvaluationTime: undefined });
  return isDeepStrictEqual(content(one), content(other));
}
