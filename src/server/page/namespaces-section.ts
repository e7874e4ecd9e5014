import { totalOf, type CountsByLabel } from '../../core/overview/counts.ts';
import { NAMESPACED_LAYERS } from '../../core/overview/layers.ts';
import { counted } from '../../core/words.ts';
import { html, type Html } from './html.ts';
import type { PageModel } from './model.ts';
import type { NamespaceRow, NamespaceRows } from './namespace-rows.ts';
import { notKnown } from './nodes-section.ts';

/** The namespaces by how much of them has one family only. */
export function namespacesSection({ namespaces }: PageModel): Html {
  return html`<section aria-labelledby="namespaces">
    <h2 id="namespaces">Namespaces by drift</h2>
    ${'notKnown' in namespaces ? notKnown(namespaces) : table(namespaces)}
  </section>`;
}

function table({ rows, total, drifting }: NamespaceRows): Html {
  const shown = rows.length < total ? ` The first ${rows.length} are shown.` : '';
  return html`<div class="card scroll" role="group" aria-label="Table of namespaces" tabindex="0">
    <table>
      <caption>
        ${counted(total, 'namespace')} with ${NAMESPACED_LAYERS.map(({ noun }) => `${noun}s`).join(' or ')} that are evaluated, ${drifting}
        with drift: one family only, where the layer has both.${shown}
      </caption>
      <thead>
        <tr>
          <th scope="col">Namespace</th>
          <th scope="col" class="number">Drift</th>
          ${NAMESPACED_LAYERS.map(({ title }) => html`<th scope="col" class="number">${title} dual-stack</th> `)}
          <th scope="col">One family only</th>
          <th scope="col">Findings</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row({ name, drift, layers, findings }: NamespaceRow): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="number">${drift}</td>
    ${layers.map((counts) => html`<td class="number">${share(counts)}</td> `)}
    <td>${single(layers)}</td>
    <td>${findingWords(findings)}</td>
  </tr> `;
}

function share(counts: CountsByLabel): string {
  const total = totalOf(counts);
  return total === 0 ? '–' : `${counts.dual}/${total}`;
}

function single(layers: readonly CountsByLabel[]): Html {
  const words = layers.flatMap((counts, index) => singleWords(counts, NAMESPACED_LAYERS[index]?.noun ?? ''));
  return words.length > 0 ? html`${words.join(', ')}` : html`<span class="soft">nothing</span>`;
}

function singleWords({ ipv4, ipv6 }: CountsByLabel, noun: string): string[] {
  return [...(ipv4 > 0 ? [counted(ipv4, `IPv4 ${noun}`)] : []), ...(ipv6 > 0 ? [counted(ipv6, `IPv6 ${noun}`)] : [])];
}

function findingWords(findings: NamespaceRow['findings']): Html {
  if (!findings) return html`<span class="soft">&ndash;</span>`;
  const { critical, warning, info } = findings;
  return html`${critical > 0 && html`<span class="tag bad">${critical} critical</span>`}${warning > 0 && html`<span class="tag warn">${counted(warning, 'warning')}</span>`}${info > 0 && html`<span class="tag calm">${info} info</span>`}`;
}
