import { NO_FAMILY } from '../../core/net/addresses.ts';
import type { Clock } from '../../core/clock.ts';
import type { Freshness } from '../../sources/watch/freshness.ts';
import type { HttpResponse, Handler } from '../http-server.ts';
import { serializedBy } from '../serialized.ts';
import { PAGE_HEADERS, pageDocument, unknownReportDocument } from './document.ts';
import { pageModel } from './model.ts';
import { addressOf, readQuery, type PageQuery } from './page-address.ts';
import type { Evaluator } from '../../core/engine/evaluator.ts';
import { systemPace } from '../../client/transport/clock.ts';
import { inShortSteps } from '../../core/engine/in-short-steps.ts';
import type { Reports, ReportView } from '../../controller/reports.ts';

export interface PageOptions {
  readonly evaluator: Pick<Evaluator, 'store' | 'evaluationFor' | 'ready' | 'read'>;
  readonly reports: Pick<Reports, 'views' | 'known'>;
  readonly freshness: Pick<Freshness, 'staleSources'>;
  readonly clock: Pick<Clock, 'time'>;
  readonly version: string;
  /** Whether this replica writes the reports. */
  readonly leads: () => boolean;
}

/** The report that is shown where none is requested, if it is there. */
const FIRST_REPORT = 'cluster';

/** Serves the page of a report. All who ask for the same page at one time share a rendering, and there is one at a time. */
export function pageHandler(options: PageOptions): Handler {
  const render = serializedBy((address) => rendered(readQuery(address.slice(1)), options));
  // Read and made again, so that what does not matter of a query makes no rendering of its own.
  return ({ query }) => {
    const { report, nodesPage } = readQuery(query);
    return render(addressOf(report, nodesPage));
  };
}

async function rendered({ report: requested, nodesPage }: PageQuery, options: PageOptions): Promise<HttpResponse> {
  const { evaluator, reports, freshness, clock, version, leads } = options;
  const steps = await evaluator.read(() => {
    const views = reports.views();
    const view = viewOf(views, requested);
    if (requested !== undefined && !view) return undefined;
    const { store, ready } = evaluator;
    return pageModel({
      version,
      now: clock.time(),
      reportsKnown: reports.known,
      reports: views.map(({ report }) => report.metadata.name),
      report: view?.report,
      evaluation: view?.evaluation ?? evaluator.evaluationFor(NO_FAMILY),
      store,
      ready,
      staleSources: freshness.staleSources(),
      leads: leads(),
      nodesPage,
    });
  });
  if (!steps) return answer(404, unknownReportDocument());
  const model = await inShortSteps(steps, systemPace);
  return answer(200, await inShortSteps(pageDocument(model), systemPace));
}

/** The report of a name; where none is requested the default one, else the first by name. */
function viewOf(views: readonly ReportView[], requested: string | undefined): ReportView | undefined {
  const named = (name: string): ReportView | undefined => views.find(({ report }) => report.metadata.name === name);
  if (requested !== undefined) return named(requested);
  return named(FIRST_REPORT) ?? [...views].sort((a, b) => (a.report.metadata.name < b.report.metadata.name ? -1 : 1))[0];
}

function answer(status: number, document: string): HttpResponse {
  // As bytes, which all who share them send as they are.
  return { status, type: 'text/html; charset=utf-8', body: Buffer.from(document), headers: PAGE_HEADERS };
}
