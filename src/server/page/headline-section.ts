import type { Condition, FindingSummary } from '../../core/report/types.ts';
import { headlineWords, stackWords } from '../../core/report/words.ts';
import { counted } from '../../core/words.ts';
import { html, type Html } from './html.ts';
import { stillReading, type Mood, type PageModel } from './model.ts';
import { timeElement } from './time-element.ts';

/** The verdict in a sentence, with its reason, and what blocks it. */
export function headlineSection(model: PageModel): Html {
  const { mood, healthy, ready, freshness } = model;
  return html`<section class="card verdict ${mood}" aria-labelledby="verdict">
    <h2 id="verdict">${headingOf(mood, healthy)}</h2>
    ${healthy === undefined && html`<p>${noHeadline(model)}</p>`}
    ${healthy && html`<p class="meta">${healthy.reason}, since ${timeElement(healthy.lastTransitionTime, freshness.now)}</p>`}
    ${notices(model)} ${ready && factsOf(model)}
  </section>`;
}

/** The first line of the report, as `scan` prints it too; what was healthy when that was last looked at is said to have been so. */
function headingOf(mood: Mood, healthy: Condition | undefined): string {
  return healthy && mood === 'outdated' ? `Was healthy: ${healthy.message}` : headlineWords(healthy);
}

function noHeadline({ report, reportsKnown }: PageModel): string {
  if (report !== undefined) return 'The report has no verdict yet: the operator that leads writes one once it has evaluated the cluster.';
  if (reportsKnown === 'Pending') return 'Whether there is a DualStackReport is not known yet.';
  if (reportsKnown !== 'Synced') return `No DualStackReport can be read. ${reportsKnown.message}`;
  return 'There is no DualStackReport: create one, and the operator answers it.';
}

/** What makes the verdict less than an up-to-date one. */
function notices({ ready, stalled, freshness }: PageModel): readonly (Html | undefined)[] {
  const { overdue, suspended, now, evaluatedAt, pending } = freshness;
  return [
    pending.length > 0 ? notice(html`${stillReading(pending)}`) : undefined,
    ready?.status === 'False' ? notice(html`Not ready: ${ready.message}`) : undefined,
    suspended ? notice(html`Suspended: this is what the report said last.`) : undefined,
    overdue && evaluatedAt !== undefined
      ? notice(html`Overdue: no operator has refreshed this report since ${timeElement(evaluatedAt, now)}.`)
      : undefined,
    stalled?.status === 'True' ? notice(html`${stalled.message}`) : undefined,
  ];
}

function notice(content: Html): Html {
  return html`<p class="notice">${content}</p>`;
}

function factsOf({ cluster, ready, stalled, summary }: PageModel): Html {
  return html`<dl class="facts">
    ${cluster !== undefined && fact('Stack', stackWords(cluster))} ${ready && fact('Ready', `${ready.status} (${ready.reason})`)}
    ${stalled?.status === 'True' && fact('Stalled', stalled.reason)} ${summary && countsOf(summary)}
  </dl>`;
}

function countsOf({ critical, warning, info, rootCauses, excluded, ignored }: FindingSummary): readonly (Html | false)[] {
  return [
    fact('Critical', critical),
    fact('Warnings', warning),
    fact('Info', info),
    fact('Root causes', rootCauses),
    excluded + ignored > 0 && fact('Skipped by the spec', counted(excluded + ignored, 'finding')),
  ];
}

function fact(term: string, value: string | number): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div> `;
}
