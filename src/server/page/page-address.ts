/** What a page is asked for by its query. */
export interface PageQuery {
  /** Undefined: the first one. */
  readonly report: string | undefined;
  /** Of the nodes, from 1. */
  readonly nodesPage: number;
}

const MOST_DIGITS = 6;

/** Reads a query; a number of a page that is none is the first. */
export function readQuery(query: string): PageQuery {
  const asked = new URLSearchParams(query);
  const page = asked.get('nodes') ?? '';
  const number = /^[1-9]\d*$/.test(page) && page.length <= MOST_DIGITS ? Number(page) : 1;
  return { report: asked.get('report') ?? undefined, nodesPage: number };
}

/** The address of a page, as it stands in a link: relative, so that it holds behind a proxy that serves it under a path of its own. */
export function addressOf(report: string | undefined, nodesPage = 1): string {
  const query = new URLSearchParams();
  if (report !== undefined) query.set('report', report);
  if (nodesPage > 1) query.set('nodes', String(nodesPage));
  return `?${query.toString()}`;
}
