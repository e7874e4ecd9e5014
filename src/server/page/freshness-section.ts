import { html, type Html } from './html.ts';
import type { Freshness, PageModel } from './model.ts';
import { clockElement, timeElement } from './time-element.ts';

/** How old what the page says is, and who says it. */
export function freshnessSection({ freshness }: PageModel): Html {
  return html`<section aria-labelledby="freshness">
    <h2 id="freshness">How fresh this is</h2>
    <dl class="card facts">
      <div>
        <dt>Page made</dt>
        <dd>${clockElement(freshness.now)}</dd>
      </div>
      <div>
        <dt>Report evaluated</dt>
        <dd>${evaluatedWords(freshness)}</dd>
      </div>
      <div>
        <dt>Watches of this replica</dt>
        <dd>${watchWords(freshness)}</dd>
      </div>
      <div>
        <dt>This replica</dt>
        <dd>${freshness.leads ? 'leads and writes the reports' : 'standby; another replica writes the reports'}</dd>
      </div>
    </dl>
  </section>`;
}

function evaluatedWords({ evaluatedAt, now, overdue, suspended }: Freshness): Html {
  if (evaluatedAt === undefined) return html`never`;
  return html`${timeElement(evaluatedAt, now)}${suspended ? ', suspended since' : overdue && ', overdue'}`;
}

function watchWords({ staleSources, pending, now }: Freshness): Html {
  if (staleSources.length === 0 && pending.length === 0) return html`up to date`;
  return html`${pending.length > 0 && `no list of ${pending.join(', ')} yet`}${staleSources.length > 0 && pending.length > 0 && '; '}
  ${staleSources.length > 0 && html`nothing heard of ${staleSources.map(({ kind, since }, index) => html`${index > 0 && ', '}${kind} since ${timeElement(since, now)}`)}`}`;
}
