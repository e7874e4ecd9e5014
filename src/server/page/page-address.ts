/** What the query of a request for the page says. */
export interface PageQuery {
  /** Undefined: the first one. */
  readonly report: string | undefined;
  /** Of the nodes, from 1. */
  readonly nodesPage: number;
}

const MOST_DIGITS = 6;

/** Reads a query; a number of a page that is none is the first. */
export function readQuery(query: string): PageQuery {
  const parameters = new URLSearchParams(query);
  const page = parameters.get('nodes') ?? '';
  const number = /^[1-9]\d*$/.test(page) && page.length <= MOST_DIGITS ? Number(page) : 1;
  return { report: parameters.get('report') ?? undefined, nodesPage: number };
}

/** The address of a page, as it is in a link: relative, so that it works behind a proxy that serves it under a path of its own. */
export function addressOf(report: string | undefined, nodesPage = 1): string {
  const query = new URLSearchParams();
  if (report !== undefined) query.set('report', report);
  if (nodesPage > 1) query.set('nodes', String(nodesPage));
  return `?${query.toString()}`;
}
