import { causesSection } from './causes-section.ts';
import { freshnessSection } from './freshness-section.ts';
import { Html, html } from './html.ts';
import type { PageModel } from './model.ts';
import { namespacesSection } from './namespaces-section.ts';
import { nodesSection } from './nodes-section.ts';
import { addressOf } from './page-address.ts';
import { stackSection } from './stack-section.ts';
import { STYLE_ELEMENT, STYLE_SOURCE } from './style.ts';
import { headlineSection } from './headline-section.ts';

/** In the page itself, so that no browser asks for /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='7' rx='2' fill='%234a90d9'/%3E%3Crect y='9' width='16' height='7' rx='2' fill='%239a6bd6'/%3E%3C/svg%3E";
/** More would bury the page. */
const MOST_REPORTS = 50;

/** The headers of every page: nothing is loaded, run, sent or framed, and no cache keeps what it says. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
};

/** The parts of a page, one below the other. */
const SECTIONS: readonly ((model: PageModel) => Html | undefined)[] = [
  headlineSection,
  stackSection,
  causesSection,
  nodesSection,
  namespacesSection,
  freshnessSection,
];

/** A page in whole, made in steps. It is the same with and without scripts, as it has none. */
export function* pageDocument(model: PageModel): Generator<void, string> {
  const sections: (Html | undefined)[] = [];
  for (const section of SECTIONS) {
    sections.push(section(model));
    yield;
  }
  const { version } = model;
  const title = titleOf(model);
  return documentOf(
    title,
    html`<header>
        <p class="over">dualstack-operator</p>
        <h1>${title}</h1>
        ${chooser(model)}
      </header>
      <main id="main">${sections}</main>
      <footer>
        <p>
          dualstack-operator ${version}. The verdict, the stack and the findings are those of the report, as kubectl shows them; nodes and
          namespaces are as this replica knows them now.
        </p>
      </footer>`,
  );
}

function titleOf({ report, reportsKnown }: PageModel): string {
  if (report !== undefined) return `Report ${report}`;
  return reportsKnown === 'Pending' ? 'No report yet' : 'No report';
}

/** What is said where there is no report of the requested name. */
export function unknownReportDocument(): string {
  return documentOf(
    'No such report',
    html`<header>
        <p class="over">dualstack-operator</p>
        <h1>No such report</h1>
      </header>
      <main id="main">
        <p>There is no report of this name. <a href="?">See one that there is.</a></p>
      </main>`,
  );
}

function documentOf(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} &middot; dualstack-operator</title>
        <link rel="icon" href="${new Html(ICON)}" />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the verdict</a>
        ${body}
      </body>
    </html> `.markup;
}

function chooser({ reports, report }: PageModel): Html | undefined {
  if (reports.length < 2) return undefined;
  const shown = reports.slice(0, MOST_REPORTS);
  const link = (name: string): Html =>
    html`<li><a href="${addressOf(name)}" ${name === report && html` aria-current="page"`}>${name}</a></li> `;
  return html`<nav aria-label="Reports">
    <ul>
      ${shown.map(link)}${reports.length > shown.length && html`<li class="soft">and ${reports.length - shown.length} more, by ?report=NAME</li>`}
    </ul>
  </nav>`;
}
