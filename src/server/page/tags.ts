import type { FamilyList } from '../../core/net/addresses.ts';
import type { FindingSeverity } from '../../core/report/types.ts';
import { html, type Html } from './html.ts';

const SEVERITY_STYLES: Readonly<Record<FindingSeverity, string>> = { Critical: 'bad', Warning: 'warn', Info: 'calm' };

/** A severity, shown by its word and not only by its color. */
export function severityTag(severity: FindingSeverity): Html {
  return html`<span class="tag ${SEVERITY_STYLES[severity]}">${severity}</span>`;
}

/** Families, in their order. */
export function familyTags(families: FamilyList): Html {
  if (families.length === 0) return html`<span class="tag">none</span>`;
  return html`<span class="tags"
    >${families.map((family) => html`<span class="tag ${family === 'IPv4' ? 'v4' : 'v6'}">${family}</span> `)}</span
  >`;
}
