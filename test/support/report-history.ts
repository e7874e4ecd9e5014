import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { REPORTS_PATH } from './cluster.ts';
import { waitFor } from './waiting.ts';

/** A state of a report. */
export interface Moment {
  /** By the monotonic clock, in milliseconds, when it was seen. */
  readonly at: number;
  readonly report: DualStackReport;
}

/** All states of the reports of a cluster, as the API server makes them one after the other: a watch leaves none out. */
export class ReportHistory {
  readonly #moments: Moment[] = [];
  readonly #response: IncomingMessage;
  #over = false;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    const end = (): void => {
      this.#over = true;
    };
    response.on('error', end).on('close', end);
    createInterface(response)
      .on('error', end)
      .on('line', (line) => {
        const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: DualStackReport };
        if (type === 'ADDED' || type === 'MODIFIED') this.#moments.push({ at: performance.now(), report: object });
      });
  }

  /** All states so far; @throws Error once the watch is over, since some may be missing then */
  get moments(): readonly Moment[] {
    if (this.#over) throw new Error('the watch of the reports is over: their history is not complete');
    return this.#moments;
  }

  /** Begins to watch, as soon as the API server has its caches: after a restart it answers 429 until then. */
  static async start({ server, caFile, token }: ControlPlane): Promise<ReportHistory> {
    const headers = { authorization: `Bearer ${token}` };
    const url = `${server}${REPORTS_PATH}?watch=true&timeoutSeconds=3600`;
    return waitFor('the reports to be watched', async () => {
      const [response] = (await once(get(url, { ca: readFileSync(caFile), agent: false, headers }), 'response')) as [IncomingMessage];
      if (response.statusCode === 200) return new ReportHistory(response);
      response.destroy();
      expect(response.statusCode).to.equal(429);
      return undefined;
    });
  }

  /** The epochs of the writers, each once, in the order in which they wrote: an epoch comes again where a former writer does. */
  get writers(): readonly number[] {
    const epochs = this.moments.flatMap(({ report: { status } }) => (status?.writerEpoch === undefined ? [] : [status.writerEpoch]));
    return epochs.filter((epoch, index) => epoch !== epochs[index - 1]);
  }

  /** When a report was first seen of which a condition is true. */
  whenFirst(condition: (report: DualStackReport) => boolean): number | undefined {
    return this.moments.find(({ report }) => condition(report))?.at;
  }

  close(): void {
    this.#response.destroy();
  }
}
