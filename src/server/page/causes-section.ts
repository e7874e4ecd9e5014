import { alikeWords } from '../../core/report/alike.ts';
import type { ListedFinding, Remediation, RemediationStep } from '../../core/report/types.ts';
import { affectedWords, DISRUPTION_WORDS, objectWords } from '../../core/report/words.ts';
import { counted } from '../../core/words.ts';
import type { CauseNode } from './cause-tree.ts';
import { html, type Html } from './html.ts';
import type { PageModel } from './model.ts';
import { severityTag } from './tags.ts';
import { timeElement } from './time-element.ts';

/** The root causes, each with what follows from it, and what is only info. */
export function causesSection({ trees, findingsOmitted, summary, freshness: { now } }: PageModel): Html | undefined {
  const { causes, notes, notesInAll } = trees;
  if (!summary) return undefined;
  return html`<section aria-labelledby="causes">
    <h2 id="causes">Root causes</h2>
    ${causes.length === 0 && html`<p class="soft">No known problem.</p>`}
    ${
      causes.length > 0 &&
      html`<ul class="tree">
        ${causes.map((cause) => html`<li class="card">${branch(cause, now)}</li> `)}
      </ul>`
    }
    ${more(summary.rootCauses - causes.length, 'root cause')}
    ${
      notes.length > 0 &&
      html`<details>
        <summary>Info (${notesInAll < summary.info ? `${notesInAll} of ${summary.info}` : notesInAll})</summary>
        <ul class="tree">
          ${notes.map((note) => html`<li class="card">${branch(note, now)}</li> `)}
        </ul>
        ${more(notesInAll - shownIn(notes), 'finding')}
      </details>`
    }
    ${findingsOmitted > 0 && html`<p class="meta">${counted(findingsOmitted, 'finding')} more are counted and not listed: spec.maxFindings of the report says how many are.</p>`}
  </section>`;
}

/** How many findings these show, including those that others represent. */
function shownIn(notes: readonly CauseNode[]): number {
  return notes.reduce((sum, { alike, effects, effectsOmitted }) => sum + 1 + alike.length + effectsOmitted + shownIn(effects), 0);
}

function branch({ finding, alike, effects, effectsOmitted }: CauseNode, now: number, isRoot = true): Html {
  const { severity, message, check, since, remediation, object, causedBy } = finding;
  return html`<p class="what">${severityTag(severity)}${message}</p>
    ${alike.length > 0 && html`<p>The same of ${alikeWords({ first: finding, others: alike })}.</p>`}
    <p class="meta">${check} on ${objectWords(object)}, since ${timeElement(since, now)}</p>
    ${affectsLine(finding)}
    ${isRoot && causedBy && html`<p class="meta">Because of ${causedBy.check} on ${objectWords(causedBy.object)}</p>`}
    <details>
      <summary>How to fix ${alike.length > 0 ? 'each' : 'it'}</summary>
      ${fix(remediation)}
    </details>
    ${
      effects.length > 0 &&
      html`<ul>
        ${effects.map((effect) => html`<li>${branch(effect, now, false)}</li> `)}
      </ul>`
    }
    ${more(effectsOmitted, 'effect')}`;
}

function fix({ summary, steps }: Remediation): Html {
  return html`<p>${summary}</p>
    ${
      steps.length > 0 &&
      html`<ol>
        ${steps.map(stepItem)}
      </ol>`
    }`;
}

function stepItem({ description, command, disruption, exposes }: RemediationStep): Html {
  return html`<li>
    <p>${description}</p>
    ${disruption !== 'None' && html`<p class="meta">Disruption: ${DISRUPTION_WORDS[disruption]}</p>`}
    ${exposes !== undefined && html`<p class="meta">Exposes: ${exposes}</p>`} ${command && html`<pre><code>${command}</code></pre>`}
  </li> `;
}

function affectsLine({ affects = [] }: ListedFinding): Html | undefined {
  if (affects.length === 0) return undefined;
  return html`<p>Affects ${affects.map(affectedWords).join(' and ')}</p>`;
}

function more(count: number, noun: string): Html | false {
  return count > 0 && html`<p class="meta">and ${counted(count, noun)} more</p>`;
}
