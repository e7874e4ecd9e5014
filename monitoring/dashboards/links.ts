import { DashboardLinkType, type DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Alert } from '../rules/rule.ts';

/** The dashboards, by their uids, which never change: links and bookmarks hold them. */
export const DASHBOARDS = {
  overview: { uid: 'dualstack-overview', title: 'Dual-stack / Overview' },
  nodes: { uid: 'dualstack-nodes', title: 'Dual-stack / Nodes' },
  operator: { uid: 'dualstack-operator', title: 'Dual-stack / Operator' },
} as const;

export type DashboardName = keyof typeof DASHBOARDS;

/** A link as the SDK takes it. */
export interface Link {
  build(): DashboardLink;
}

/** To the documentation of a check. @param name its name, or Grafana's expression for it */
export function toCheck(name: string): Link {
  const what = name.startsWith('$') ? 'this check' : name;
  return toDocs(`What ${what} finds, and how it is fixed`, 'checks.md', name);
}

/** To what is to be done about an alert. */
export function toRunbook({ name }: Alert): Link {
  return toDocs(`Runbook of ${name}`, 'runbooks.md', name.toLowerCase());
}

/** To a document. @param anchor a heading of it */
export function toDocs(title: string, file: string, anchor?: string): Link {
  return link({ title, icon: 'doc', targetBlank: true, url: `\${docs}/${file}${anchor === undefined ? '' : `#${anchor}`}` });
}

/** From the top of one dashboard to another, with its variables and its time. */
export function toDashboard(name: DashboardName): Link {
  const { uid, title } = DASHBOARDS[name];
  return link({ title, icon: 'dashboard', url: `/d/${uid}`, includeVars: true, keepTime: true });
}

/** From a panel to another dashboard, with the variables that all have. */
export function panelToDashboard(name: DashboardName): Link {
  const { uid, title } = DASHBOARDS[name];
  return link({ title, icon: 'dashboard', url: `/d/${uid}?\${datasource:queryparam}&\${cluster:queryparam}&\${__url_time_range}` });
}

/** Not the SDK's builder, which would hide the link in a menu. */
function link(parts: Pick<DashboardLink, 'title' | 'icon' | 'url'> & Partial<DashboardLink>): Link {
  const plain = {
    type: DashboardLinkType.Link,
    tooltip: '',
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: false,
  };
  return { build: () => ({ ...plain, ...parts }) };
}
