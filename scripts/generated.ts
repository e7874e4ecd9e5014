import { format, resolveConfig } from 'prettier';
import { DASHBOARD_FILES, DASHBOARDS_FOLDER } from '../monitoring/dashboards/dashboards.ts';
import { chartFile, CHART_FOLDER } from './chart/chart.ts';
import { TEMPLATES } from './chart/templates.ts';
import { highAvailabilityValues, valuesFile, valuesSchema } from './chart/values.ts';
import { checksPage, configurationPage, metricsPage } from './docs.ts';
import { compileReportTypes, REPORT_TYPES_PATH } from './report-types.ts';
import { kindsPage } from './kinds.ts';
import { clusterRole } from './permissions.ts';
import { fromRoot } from './root.ts';
import { prometheusRule, ruleFile } from './rules.ts';

/** A file that is made from others and checked in. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly make: () => Promise<string>;
}

/** All files that `npm run generate` writes. */
export const GENERATED: readonly GeneratedFile[] = [
  { path: REPORT_TYPES_PATH, make: compileReportTypes },
  // The chart is generated from it.
  formatted('manifests/base/cluster-role.yaml', 'yaml', clusterRole),
  page('docs/kinds.md', kindsPage),
  page('docs/checks.md', checksPage),
  page('docs/configuration.md', configurationPage),
  page('docs/metrics.md', metricsPage),
  ...[DASHBOARDS_FOLDER, `${CHART_FOLDER}/dashboards`].flatMap(dashboards),
  formatted('monitoring/rules.yaml', 'yaml', ruleFile),
  formatted('manifests/components/prometheus-operator/prometheus-rule.yaml', 'yaml', prometheusRule),
  formatted(`${CHART_FOLDER}/Chart.yaml`, 'yaml', chartFile),
  formatted(`${CHART_FOLDER}/values.yaml`, 'yaml', valuesFile),
  formatted(`${CHART_FOLDER}/values-high-availability.yaml`, 'yaml', highAvailabilityValues),
  formatted(`${CHART_FOLDER}/values.schema.json`, 'json', () => JSON.stringify(valuesSchema())),
  ...Object.entries(TEMPLATES).map(([file, make]) => ({ path: `${CHART_FOLDER}/templates/${file}`, make: () => Promise.resolve(make()) })),
];

/** Helm, like kustomize, reads no file from outside its own folder. */
function dashboards(folder: string): readonly GeneratedFile[] {
  return Object.entries(DASHBOARD_FILES).map(([file, make]) => formatted(`${folder}/${file}`, 'json', () => JSON.stringify(make())));
}

function page(path: string, text: () => string | Promise<string>): GeneratedFile {
  return formatted(path, 'markdown', text);
}

function formatted(path: string, parser: string, text: () => string | Promise<string>): GeneratedFile {
  return {
    path,
    make: async () => {
      const options = await resolveConfig(fromRoot('package.json'));
      return format(await text(), { ...options, parser });
    },
  };
}
