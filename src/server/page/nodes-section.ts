import { counted } from '../../core/words.ts';
import { html, type Html } from './html.ts';
import type { PageModel, NotKnown } from './model.ts';
import { addressOf } from './page-address.ts';
import type { NodeRow, NodeRows } from './node-rows.ts';
import { familyTags, severityTag } from './tags.ts';

/** The nodes with their families, a page of them at a time. */
export function nodesSection({ nodes, report }: PageModel): Html {
  return html`<section aria-labelledby="nodes">
    <h2 id="nodes">Nodes</h2>
    ${'notKnown' in nodes ? notKnown(nodes) : [table(nodes), pages(nodes, report)]}
  </section>`;
}

/** Why a section has nothing to show. */
export function notKnown({ notKnown: reason }: NotKnown): Html {
  return html`<p class="card soft">${reason}</p>`;
}

function table({ rows, total, withFindings, first }: NodeRows): Html {
  const shown = rows.length < total ? `, of which ${first} to ${first + rows.length - 1} are shown` : '';
  const found = total === 0 ? '' : withFindings === 0 ? ', none with findings' : `, ${withFindings} with findings, which come first`;
  return html`<div class="card scroll" role="group" aria-label="Table of nodes" tabindex="0">
    <table>
      <caption>
        ${counted(total, 'node')}${found}${shown}.
      </caption>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Addresses</th>
          <th scope="col">podCIDRs</th>
          <th scope="col">Pods</th>
          <th scope="col">Findings</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row(node: NodeRow): Html {
  const { name, addresses, podCIDRs, podCIDRFamilies, skipped } = node;
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${familyTags(addresses)}</td>
    <td>${familyTags(podCIDRFamilies)}${podCIDRs.length > 0 && html`<span class="mono">${podCIDRs.join(', ')}</span>`}</td>
    <td>${podCell(node)}</td>
    <td>${skipped ? html`<span class="soft">not evaluated: ${skipped}</span>` : foundCell(node)}</td>
  </tr> `;
}

function podCell({ pods }: NodeRow): Html {
  if (!pods) return html`<span class="soft">not known</span>`;
  if (pods.total === 0) return html`<span class="soft">no pods</span>`;
  const { total, ipv4, ipv6, families } = pods;
  return html`${familyTags(families)}<span class="meta"
      >${counted(total, 'pod')}${(ipv4 < total || ipv6 < total) && `: ${ipv4} with IPv4, ${ipv6} with IPv6`}</span
    >`;
}

function foundCell({ found }: NodeRow): Html {
  if (found.length === 0) return html`<span class="soft">none</span>`;
  return html`${found.map(({ check, severity, families }) => html`<div>${severityTag(severity)}${check} <span class="soft">(${families.join(', ')})</span></div>`)}`;
}

function pages({ page, pages: last }: NodeRows, report: string | undefined): Html | undefined {
  if (last === 1) return undefined;
  return html`<nav class="pages" aria-label="Pages of nodes">
    ${page > 1 && html`<a href="${addressOf(report, page - 1)}#nodes" rel="prev">Previous nodes</a>`}
    <span>Page ${page} of ${last}</span>
    ${page < last && html`<a href="${addressOf(report, page + 1)}#nodes" rel="next">Next nodes</a>`}
  </nav>`;
}
