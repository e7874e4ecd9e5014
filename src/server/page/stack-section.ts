import type { Condition, FamilyCounts } from '../../core/report/types.ts';
import { skippedWords, stackWords, type CountedWords } from '../../core/report/words.ts';
import { html, type Html } from './html.ts';
import type { Layer, PageModel } from './model.ts';

/** The layers of the cluster side by side, and how far a migration has come. */
export function stackSection({ layers, migration, upToDate }: PageModel): Html | undefined {
  if (layers.length === 0) return undefined;
  return html`<section aria-labelledby="stack">
    <h2 id="stack">Stack by layer</h2>
    <ul class="layers">
      ${layers.map((layer) => layerCard(layer, upToDate))}
    </ul>
    ${migration && html`<p class="migration"><strong>Migration to both families.</strong> ${migration.message}</p>`}
  </section>`;
}

function layerCard({ title, words, stack, counts, health }: Layer, upToDate: boolean): Html {
  return html`<li class="card">
    <div class="top">
      <h3>${title}</h3>
      ${health && healthTag(health, upToDate)}
    </div>
    <p><strong>${stackWords(stack.families)}</strong>${stack.primary && html`<span class="soft">, ${stack.primary} first</span>`}</p>
    ${counts && counts.total > 0 ? [bar(counts), key(counts, words)] : undefined}
    <p class="meta">${stack.evidence}</p>
  </li> `;
}

function healthTag({ status, reason }: Condition, upToDate: boolean): Html {
  if (status === 'True') return upToDate ? html`<span class="tag good">Healthy</span>` : html`<span class="tag">Was healthy</span>`;
  return status === 'False' ? html`<span class="tag bad">Not healthy</span>` : html`<span class="tag">Unknown: ${reason}</span>`;
}

/** The shares that the text below has in numbers. */
function bar({ total, dualStack, ipv4Only, ipv6Only, none }: FamilyCounts): Html {
  const parts = [
    ['bar-dual', dualStack],
    ['bar-v4', ipv4Only],
    ['bar-v6', ipv6Only],
    ['bar-none', none],
  ] as const;
  let start = 0;
  const rects = parts.map(([style, count]) => {
    const x = start;
    start += count;
    return count > 0 && html`<rect class="${style}" x="${x}" y="0" width="${count}" height="1" />`;
  });
  return html`<svg viewBox="0 0 ${total} 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">${rects}</svg> `;
}

function key(counts: FamilyCounts, words: CountedWords): Html {
  const { total, dualStack, ipv4Only, ipv6Only, none } = counts;
  const skipped = skippedWords(counts);
  return html`<p class="key">
    <span><i class="bar-dual"></i>${dualStack} of ${total} dual-stack${words.countedBy !== undefined && ` in ${words.countedBy}`}</span>
    ${ipv4Only > 0 && html`<span><i class="bar-v4"></i>${ipv4Only} IPv4 only</span>`}
    ${ipv6Only > 0 && html`<span><i class="bar-v6"></i>${ipv6Only} IPv6 only</span>`}
    ${none > 0 && html`<span><i class="bar-none"></i>${none} ${words.none}</span>`}
    ${skipped.length > 0 && html`<span class="soft">${skipped.join(', ')}</span>`}
  </p> `;
}
